/** What the page is written in: htm's tagged templates, which need no compiler, rendered by Preact. */
import htm from 'htm';
import { h } from 'preact';

/** @typedef {(strings: TemplateStringsArray, ...values: unknown[]) => any} Template */

// Its declarations are those of a CommonJS module.
const { bind } = /** @type {{ bind: (create: typeof h) => Template }} */ (/** @type {unknown} */ (htm));

export const html = /** @type {Template} */ (bind.call(htm, h));
