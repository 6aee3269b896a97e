/** All styles on the photo at once; one is chosen, or several are mixed. */
import { html } from './html.js';
import { Tile } from './pictures.js';
import { paintedUrl } from './server.js';

/** @typedef {import('../protocol.ts').StylePart} Part */

/** As tiles show a style: they need not be painted anew whenever a slider moves. */
const PLAIN = /** @type {const} */ ({ amount: 1, stroke: 1, colors: 'style' });

/**
 * @param {{ item: string | undefined, styles: readonly import('./store.js').Style[], parts: readonly Part[], isMixing: boolean,
 * onParts: (parts: readonly Part[]) => void }} props `item` is what tiles are painted of
 */
export function Gallery({ item, styles, parts, isMixing, onParts }) {
  /** @param {string} style */
  const weightOf = (style) => parts.find((part) => part.style === style)?.weight ?? 0;
  /** @param {string} style */
  const toggle = (style) => {
    if (!isMixing) return onParts([{ style, weight: 1 }]);
    if (weightOf(style) === 0) return onParts([...parts, { style, weight: 1 }]);
    const left = parts.filter((part) => part.style !== style);
    return left.length > 0 ? onParts(left) : undefined;
  };
  return html`<ul class="gallery" aria-label="Styles">
    ${styles.map(
      ({ name, isOwn }) => html`<li key=${name}>
        <button type="button" class="tile" aria-pressed=${weightOf(name) > 0} onClick=${() => toggle(name)}>
          ${item !== undefined && html`<${Tile} url=${paintedUrl(item, 320, [{ style: name, weight: 1 }], PLAIN)} alt="" />`}
          <span class="tile-name">${name}${isOwn && html`<span class="own" title="Trained here">yours</span>`}</span>
        </button>
      </li>`,
    )}
  </ul>`;
}
