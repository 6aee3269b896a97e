/**
 * The folder that `npm run pack` packs: the files of `npm pack`, and tfjs-node-gpu in them without its install script. That
 * script fetches hundreds of megabytes of a TensorFlow that is not used here, and npm undoes a whole installation where it
 * fails; a package that is bundled is unpacked as it lies there. What npm does not install for a bundled package, its own
 * dependencies, become ours.
 *
 *   node scripts/stage-package.mjs <repository> <folder>
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BUNDLED = '@tensorflow/tfjs-node-gpu';
/** Of the bundled package: what runs, and what its binding is compiled from. */
const PARTS = ['dist', 'binding', 'scripts', 'binding.gyp', 'README.md'];

/** Fills an empty folder. */
export function stagePackage(source, folder) {
  for (const path of packedFiles(source)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(source, path), join(folder, path));
  }
  const [from, to] = [source, folder].map((base) => join(base, 'node_modules', BUNDLED));
  const isTest = (path) => /(_test|run_tests)(\.d)?\.[jt]s$|tsconfig/.test(path);
  for (const part of PARTS)
    cpSync(join(from, part), join(to, part), { recursive: true, filter: (path) => !isTest(path) });

  const { scripts: _scripts, devDependencies: _dev, ...bundled } = readJson(join(from, 'package.json'));
  const note =
    'Changed by fast-style (scripts/stage-package.mjs): without scripts, tests and sources of dist.';
  // Without a script of its own, npm would call node-gyp wherever it finds a binding.gyp.
  writeJson(join(to, 'package.json'), { '//': note, ...bundled, gypfile: false });
  const own = readJson(join(source, 'package.json'));
  // It uses tfjs-core without naming it. As for our own: the versions that are tested, and no later ones.
  const needed = [...Object.keys(bundled.dependencies), '@tensorflow/tfjs-core'];
  const installed = (name) => readJson(join(source, 'node_modules', name, 'package.json')).version;
  const theirs = Object.fromEntries(needed.map((name) => [name, installed(name)]));
  const dependencies = { ...theirs, ...own.dependencies };
  writeJson(join(folder, 'package.json'), { ...own, dependencies, bundleDependencies: [BUNDLED] });
}

function packedFiles(source) {
  const args = ['pack', '--dry-run', '--ignore-scripts', '--json'];
  const windows = process.platform === 'win32';
  const text = execFileSync('npm', args, { cwd: source, encoding: 'utf8', shell: windows, maxBuffer: 1e8 });
  return JSON.parse(text)[0].files.map(({ path }) => path);
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const writeJson = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [source, folder] = process.argv.slice(2);
  stagePackage(source, folder);
}
