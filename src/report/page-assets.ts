/** The script and the style sheets of the page: plain files in `page/`, which browsers run as they are. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface PageAssets {
  readonly script: string;
  readonly style: string;
  /** What the page may do: run and apply just these, show pictures that are in it, and reach nothing. */
  readonly policy: string;
}

const read = (name: string) =>
  readFileSync(new URL(`../../src/report/page/${name}`, import.meta.url), 'utf8');

/**
 * The modules as one script: each before those that import it, without the words `import` and `export`. They use no
 * other forms of these words than those found here, and no two the same name.
 */
function joined(entry: string, seen = new Set<string>()): string {
  if (seen.has(entry)) return '';
  seen.add(entry);
  const source = read(entry);
  const imports = [...source.matchAll(/^import \{[^}]*\} from '\.\/([\w-]+\.js)';\n/gm)];
  const before = imports.map(([, name]) => joined(name!, seen)).join('');
  const own = imports.reduce((text, [line]) => text.replace(line, ''), source);
  return `${before}${own.replace(/^export /gm, '')}`;
}

/** @throws {Error} a file of the program is missing. */
export function pageAssets(): PageAssets {
  const script = `'use strict';\n{\n${joined('report.js')}}\n`;
  const style = ['colours.css', 'report.css', 'charts.css'].map(read).join('');
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = `default-src 'none'; img-src data:; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
  return { script, style, policy };
}
