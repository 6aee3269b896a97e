/**
 * The steps from a fresh clone to a program that runs, shared by `npm run quickstart` and `npm test`. Plain JavaScript
 * on Node's built-ins alone: nothing is installed yet when it starts. Each step looks first whether it is done.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** What keeps a script from going on, in one line: the user's to mend, or said already by a command's own output. */
export class StepFailed extends Error {
  constructor(message, code = 1) {
    super(message);
    this.code = code;
  }
}

/** Runs a program in the repository's folder with this terminal; rejects when it fails. */
export function run(program, args, { shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', shell });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(new StepFailed(`${shown(program, args)} ended with ${signal ?? `code ${code}`}`, code ?? 1));
    });
  });
}

/** A command for a message: without the long paths to it. */
function shown(program, args) {
  const short = [program, ...args].map((part) => part.split(root).at(-1));
  return [basename(program), ...short.slice(1, 4), ...(args.length > 3 ? ['…'] : [])].join(' ');
}

/** Runs a Node program, given by its path from the repository's folder. */
export function runNode(...args) {
  return run(process.execPath, args);
}

/** Runs a step and says how long it took, where it took noticeable time. */
export async function timed(title, step) {
  const started = performance.now();
  await step();
  const seconds = (performance.now() - started) / 1000;
  if (seconds > 0.5) console.log(`${title}: ${seconds.toFixed(1)} s`);
}

/** Installs the locked packages, unless node_modules holds exactly them already. */
export async function installPackages() {
  if (packagesFit()) return;
  console.log('Installing the locked npm packages …');
  await runNpm('ci', '--no-audit', '--no-fund', '--loglevel=error');
}

/** Runs npm: the one that runs this script, where there is one. */
export function runNpm(...args) {
  const npm = process.env.npm_execpath;
  if (npm && /\.[cm]?js$/.test(npm)) return run(process.execPath, [npm, ...args]);
  return run('npm', args, { shell: process.platform === 'win32' });
}

/** Compares the lock file with the one npm leaves in node_modules when it has finished an installation. */
function packagesFit() {
  const installedPath = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedPath)) return false;
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(installedPath);
  const fits = Object.entries(wanted).every(([path, { version, optional, devOptional, peer }]) => {
    if (path === '') return true;
    const there = installed[path];
    if (!there) return Boolean(optional || devOptional || peer); // another platform's binaries
    return there.version === version && existsSync(join(root, path, 'package.json'));
  });
  return fits && Object.keys(installed).every((path) => path in wanted);
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

/** Compiles src to dist, unless dist was made from just these sources. */
export async function build() {
  const stampPath = join(root, 'dist', '.sources');
  const fingerprint = fingerprintOfSources();
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === fingerprint) return;
  console.log('Building …');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await runNode(tsc, '-p', 'tsconfig.build.json');
  await runNode(tsc, '-p', join('src', 'web'));
  writeFileSync(stampPath, fingerprint);
}

/** Where `compileTests` leaves what it makes, from the repository's folder. */
export const COMPILED_TESTS = join('node_modules', '.cache', 'fast-style-tests');

/** Compiles all that tests run for `compiled-sources.mjs`. @param check types, too, and fails where they are wrong. */
export async function compileTests(check) {
  // A file that is there no more would go on to be found.
  rmSync(join(root, COMPILED_TESTS), { recursive: true, force: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  // Source maps name sources from here: Node takes them to be next to the module, whose address is the source's own.
  const named = ['--sourceRoot', pathToFileURL(root).href];
  await runNode(tsc, '-p', 'tsconfig.test.json', ...named, ...(check ? [] : ['--noCheck']));
  // Below node_modules Node would take it for CommonJS.
  writeFileSync(join(root, COMPILED_TESTS, 'package.json'), '{ "type": "module" }\n');
}

function fingerprintOfSources() {
  const hash = createHash('sha256');
  const configuration = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  for (const path of [...configuration, ...filesUnder('src')]) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** All files below a folder, as sorted paths from the repository's folder with forward slashes. */
export function filesUnder(folder) {
  const base = join(root, folder);
  if (!existsSync(base)) return [];
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      relative(root, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join('/'),
    )
    .sort();
}

/** Prepares the TensorFlow runtime; at once when it is there. */
export function setUpRuntime() {
  return runNode(join('dist', 'cli.js'), 'setup');
}

/** From a fresh clone to a program that runs. @param meanwhile what needs the packages alone: TensorFlow is waited for longest. */
export async function prepare(meanwhile = async () => {}) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  // What the packages ask for (package.json, engines).
  if (major < 20 || (major === 20 && minor < 19) || (major === 22 && minor < 12)) {
    throw new StepFailed(
      `Expected Node 20.19, 22.12 or newer but received ${process.versions.node}; see https://nodejs.org`,
    );
  }
  await timed('npm packages', installPackages);
  const program = async () => {
    await timed('build', build);
    await timed('TensorFlow', setUpRuntime);
  };
  // Both to their ends: what fails is said last.
  for (const ended of await Promise.allSettled([program(), meanwhile()]))
    if (ended.status === 'rejected') throw ended.reason;
}

/** Runs `main`; a step that failed has printed its reason, so only its code goes on. */
export async function finish(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof StepFailed ? error.message : error);
    process.exitCode = error instanceof StepFailed ? error.code : 1;
  }
}
