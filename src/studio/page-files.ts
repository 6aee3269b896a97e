/** The files of the page, which browsers run as they are: there is no bundle. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';

export interface PageFile {
  readonly type: string;
  readonly content: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Packages that the page imports by name; its import map says where they are. */
const PACKAGES: Readonly<Record<string, string>> = {
  preact: 'preact',
  'preact-hooks': 'preact/hooks',
  htm: 'htm',
};

/** The files by their paths in the address, `''` for the page itself, and what the page may do. */
export function pageFiles(): { readonly files: ReadonlyMap<string, PageFile>; readonly policy: string } {
  const folder = new URL('../../src/studio/page/', import.meta.url);
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    files.set(name, { type, content: readFileSync(new URL(name, folder), 'utf8') });
  }
  for (const [name, specifier] of Object.entries(PACKAGES)) {
    const source = readFileSync(new URL(import.meta.resolve(specifier)), 'utf8');
    // The maps of their sources are not served.
    const content = source.replace(/^\/\/# sourceMappingURL=.*$/m, '');
    files.set(`${name}.mjs`, { type: TYPES['.mjs']!, content });
  }
  const page = files.get('index.html')!;
  files.set('', page);
  return { files, policy: policyOf(page.content) };
}

/** It runs its own files and the import map, and reaches nothing but the server that it comes from. */
function policyOf(html: string): string {
  const [, map = ''] = /<script type="importmap">([\s\S]*?)<\/script>/.exec(html) ?? [];
  const hash = createHash('sha256').update(map).digest('base64');
  return [
    ...["default-src 'none'", `script-src 'self' 'sha256-${hash}'`, "style-src 'self'"],
    ...["img-src 'self' blob: data:", "media-src 'self' blob:", "connect-src 'self'", "frame-src 'self'"],
    ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'"],
  ].join('; ');
}
