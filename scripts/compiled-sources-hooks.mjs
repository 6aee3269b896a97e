/** Hooks of Node's module loader, in a thread of its own. Modules keep the addresses of their sources, and so find what lies near. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { COMPILED_TESTS, root } from './steps.mjs';

const sources = pathToFileURL(root).href;
const compiled = pathToFileURL(join(root, COMPILED_TESTS, '/')).href;
/** Threads of the sources ask for tsx (src/system/thread.ts), which takes longer to start than most of them run. */
const inPlaceOfTsx = new URL('./compiled-sources.mjs', import.meta.url).href;
/**
 * Threads that need no loader, as nothing that they import looks for files of the repository: they begin with what is compiled, and
 * without a loader of their own, which takes twice as long to start as they do. Painting a film starts two or three.
 */
const PLAIN_THREAD = /\/src\/.*\/(?:decode|encode|keras-h5|libheif|steady)-thread\.ts$/;
const isOurs = (url) => url?.startsWith(sources) && url.endsWith('.ts') && !url.includes('/node_modules/');

const compiledUrl = (url) => new URL(url.slice(sources.length).replace(/ts$/, 'js'), compiled);

/** The compiler writes `./x.js` where the source says `./x.ts`. */
export function resolve(specifier, context, next) {
  if (specifier === 'tsx/esm/api' && isOurs(context.parentURL))
    return { url: inPlaceOfTsx, format: 'module', shortCircuit: true };
  if (
    isOurs(specifier) &&
    PLAIN_THREAD.test(specifier) &&
    context.parentURL.endsWith('/src/system/thread.ts')
  )
    return { url: compiledUrl(specifier).href, format: 'module', shortCircuit: true };
  if (/^\.\.?\/.*\.js$/.test(specifier) && isOurs(context.parentURL)) {
    const url = new URL(specifier.replace(/js$/, 'ts'), context.parentURL);
    if (existsSync(url)) return { url: url.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!isOurs(url)) return next(url, context);
  return { format: 'module', source: await readFile(compiledUrl(url), 'utf8'), shortCircuit: true };
}
