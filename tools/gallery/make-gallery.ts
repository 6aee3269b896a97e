/** The gallery as a folder of static files. */
import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { readCheckpoint } from '../../src/networks/checkpoint.ts';
import { asFileError } from '../../src/system/atomic-file.ts';
import { expected, FileError } from '../../src/system/errors.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const ROOT = at('../..');
/** Files as they are. */
const PAGE = ['index.html', 'gallery.css', 'icon.svg', 'from-file.js'];
/** ONNX Runtime: without a graphics card, and with one. */
const RUNTIME = ['ort-wasm-simd-threaded', 'ort-wasm-simd-threaded.asyncify'];
/** Those of paintings that people know first, those for films last. */
const ORDER = [
  'great-wave',
  'starry-night',
  'scream',
  'lilies',
  'mosaic',
  'wheatfield',
  'shipwreck',
  'ink',
  'dots',
];

/**
 * Makes the folder: all or nothing, and only in place of one that it has made before.
 *
 * @param styles files of styles; all shipped ones unless given. @throws {FileError} the folder holds something else.
 */
export async function makeGallery(folder: string, styles?: readonly string[]): Promise<void> {
  const target = resolve(folder);
  const old = await readdir(target).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw asFileError(error, `read ${folder}`);
  });
  if (old.length > 0 && !old.includes('styles.json'))
    throw new FileError(
      expected('a new folder, or one with a gallery in it', folder, 'name another with --out'),
    );
  const part = join(dirname(target), `.${basename(target)}.${process.pid}.part`);
  await rm(part, { recursive: true, force: true });
  try {
    await fill(part, styles ?? (await shipped()));
    await rm(target, { recursive: true, force: true });
    await rename(part, target);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

async function fill(folder: string, styles: readonly string[]): Promise<void> {
  for (const inner of ['styles', 'samples', 'runtime']) await mkdir(join(folder, inner), { recursive: true });
  await build({
    entryPoints: { gallery: at('page/gallery.ts'), worker: join(ROOT, 'src', 'web', 'worker.ts') },
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    // Errors are known by the names of their classes.
    keepNames: true,
    outdir: folder,
    // Without a copy of the runtime's loader inside: threads need it as a file of its own.
    conditions: ['onnxruntime-web-use-extern-wasm'],
    logLevel: 'warning',
  });
  for (const name of PAGE) await cp(at(`page/${name}`), join(folder, name));
  const runtime = join(ROOT, 'node_modules', 'onnxruntime-web', 'dist');
  for (const name of RUNTIME)
    for (const kind of ['mjs', 'wasm'])
      await cp(join(runtime, `${name}.${kind}`), join(folder, 'runtime', `${name}.${kind}`));
  for (const name of ['harbour.jpg', 'valley.jpg'])
    await cp(join(ROOT, 'samples', name), join(folder, 'samples', name));
  const listed: Awaited<ReturnType<typeof describe>>[] = [];
  for (const path of styles) {
    await cp(path, join(folder, 'styles', basename(path)));
    listed.push(await describe(path));
  }
  // Further styles of one painting say which they are.
  const named = listed.map((one, i) =>
    listed.findIndex(({ title }) => title === one.title) < i
      ? { ...one, author: [one.name, one.author].filter(Boolean).join(' · ') }
      : one,
  );
  await writeFile(join(folder, 'styles.json'), JSON.stringify(named));
}

async function shipped(): Promise<readonly string[]> {
  const folder = join(ROOT, 'checkpoints');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'));
  const place = (name: string) => {
    const found = ORDER.indexOf(basename(name, '.safetensors'));
    return found < 0 ? ORDER.length : found;
  };
  return names.sort((a, b) => place(a) - place(b) || a.localeCompare(b)).map((name) => join(folder, name));
}

/** `ListedStyle` of the page. */
async function describe(path: string) {
  const { name, style, thumbnail } = await readCheckpoint(path);
  const { title = name, author = '', licence = '' } = style;
  return {
    file: basename(path),
    name,
    // Paintings of our own name the tool that has made them.
    title: title.replace(/ \(tools\/.*\)$/, ''),
    author,
    licence,
    ...(thumbnail === undefined ? {} : { thumbnail }),
  };
}
