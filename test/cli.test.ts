import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runCli } from './helpers/run-cli.ts';
import { temporaryFolder } from './helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from './helpers/tiny-checkpoint.ts';
import { drawnPhoto } from './helpers/tiny-dataset.ts';

/** As a user has it: built, and without what tests load on top. */
const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/** Runs the command line and answers which packages and native libraries the process had loaded at its end. */
async function loadedBy(t: TestContext, args: readonly string[]): Promise<string[]> {
  const folder = await temporaryFolder(t);
  const watcher = join(folder, 'watch.mjs');
  const result = join(folder, 'loaded.json');
  writeFileSync(
    watcher,
    `import { createRequire } from 'node:module';
     import { writeFileSync } from 'node:fs';
     const { cache } = createRequire(import.meta.url);
     process.on('exit', () => {
       const loaded = [...Object.keys(cache), ...process.report.getReport().sharedObjects];
       writeFileSync(${JSON.stringify(result)}, JSON.stringify(loaded));
     });`,
  );
  const child = spawn(process.execPath, ['--import', pathToFileURL(watcher).href, CLI, ...args], {
    stdio: 'ignore',
  });
  assert.deepEqual(await once(child, 'close'), [0, null], args.join(' '));
  return JSON.parse(readFileSync(result, 'utf8')) as string[];
}

const heavy = (path: string) =>
  /@tensorflow|tfjs_binding|libtensorflow|[\\/]sharp[\\/]|@img|tfrecord|h5wasm/.test(path);

test('--help and --version load neither TensorFlow nor sharp', async (t) => {
  for (const args of [['--help'], ['--version'], ['setup', '--help'], ['doctor', '--help']]) {
    assert.deepEqual((await loadedBy(t, args)).filter(heavy), [], args.join(' '));
  }
});

/** The folders of commands from which a call of the program loads modules. */
async function foldersOf(t: TestContext, ...args: readonly string[]): Promise<readonly string[]> {
  const folder = await temporaryFolder(t);
  const [watcher, hooks, result] = ['watch.mjs', 'hooks.mjs', 'loaded'].map((name) => join(folder, name));
  writeFileSync(
    watcher!,
    `import { register } from 'node:module'; register(${JSON.stringify(pathToFileURL(hooks!))});`,
  );
  writeFileSync(
    hooks!,
    `import { appendFileSync } from 'node:fs';
     export function load(url, context, next) {
       appendFileSync(${JSON.stringify(result)}, url + '\\n');
       return next(url, context);
     }`,
  );
  const call = ['--import', pathToFileURL(watcher!).href, CLI, ...args];
  await once(spawn(process.execPath, call, { stdio: 'ignore' }), 'close');
  const urls = readFileSync(result!, 'utf8').split('\n');
  return [...new Set(urls.flatMap((url) => /\/dist\/commands\/(\w+)\//.exec(url)?.[1] ?? []))].sort();
}

test('a command is loaded when it is called, and no other', async (t) => {
  assert.deepEqual(await foldersOf(t, '--help'), ['shared']);
  assert.deepEqual(await foldersOf(t, 'no-command'), ['shared']);
  assert.deepEqual(await foldersOf(t, 'export', '--help'), ['export', 'shared']);
});

test('the check of loaded modules sees TensorFlow when it is loaded', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), 'c3s1-3');
  const photo = await drawnPhoto(join(folder, 'photo.png'), 40, 30);
  const words = ['stylize', photo, '--style', style, '--out', join(folder, 'painted.png')];
  const loaded = (await loadedBy(t, words)).filter(heavy);
  assert.ok(loaded.some((path) => path.includes('@tensorflow')));
  assert.ok(loaded.some((path) => path.endsWith('tfjs_binding.node')));
});

test('--help names every command, --version the package', async () => {
  const help = await runCli(['--help']);
  assert.equal(help.code, 0);
  assert.equal(help.stderr, '');
  for (const command of ['setup', 'doctor']) assert.match(help.stdout, new RegExp(`fast-style ${command}`));
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  assert.equal((await runCli(['--version'])).stdout, `${version}\n`);
});

test('wrong usage gets one line, where to read more, and exit code 2', async () => {
  for (const [args, message] of [
    [[], /^fast-style: Name a command/],
    [['setpu'], /^fast-style: Unknown command; did you mean setup\?$/m],
    [['weights', 'fecth', 'vgg16'], /^fast-style: Unknown command; did you mean fetch\?$/m],
    [['doctor', '--jsn'], /^fast-style: Unknown argument: jsn; did you mean --json\?$/m],
    [['doctor', '--fluffy'], /^fast-style: Unknown argument: fluffy$/m],
    [['doctor', '--noflul'], /^fast-style: Unknown argument: noflul$/m],
    [
      ['stylize', 'a.jpg', '--stlye', 'x', '--out', 'b.jpg'],
      /^fast-style: Unknown argument: stlye; did you mean --style\?$/m,
    ],
    [
      ['train', '--stlye', 'a.jpg'],
      /^fast-style: Missing required argument: style; did you mean --style for --stlye\?$/m,
    ],
    [['train', '--style', 'a.jpg', '--styleSise', '9'], /: styleSise; did you mean --style-size\?$/m],
  ] as const) {
    const { code, stdout, stderr } = await runCli(args);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, message);
    assert.match(stderr, /^.*\nSee: fast-style --help\n$/);
  }
});

test('an option given twice, and a choice that yargs lists on several lines, are reported in one line', async () => {
  const twice = await runCli(['stylize', 'a.jpg', '--style', 'one', '--out', 'b.jpg', '--out', 'c.jpg']);
  assert.equal(twice.stderr, 'fast-style: Expected --out once but received 2 times.\n');
  assert.equal(twice.code, 2);
  const choice = await runCli(['weights', 'fetch', 'vgg11']);
  assert.match(choice.stderr, /^fast-style: Invalid values: .*vgg11.*vgg19.*\nSee: fast-style --help\n$/);
  assert.equal(choice.code, 2);
});

test("a user's error is one line; --verbose shows where it comes from", async (t) => {
  const env = { FAST_STYLE_BINDING: '', FAST_STYLE_CACHE: await temporaryFolder(t) };
  const args = ['setup', '--from-python', 'no-such-python'];
  const brief = await runCli(args, { env });
  assert.equal(brief.code, 1);
  assert.match(brief.stderr, /^fast-style: [^\n]+\n$/);
  const verbose = await runCli([...args, '--verbose'], { env });
  assert.equal(verbose.code, 1);
  assert.match(verbose.stderr, /RuntimeSetupError: .*\n +at /);
});

test('a reader that closes early is no error', {
  skip: process.platform === 'win32' && 'no EPIPE',
}, async () => {
  const child = spawn(process.execPath, [CLI, '--help'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (piece) => {
    stderr += piece;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  assert.equal(stderr, '');
});

test('the help of train begins with the eight options that matter', async () => {
  const { stdout } = await runCli(['train', '--help']);
  const [, first] = /\n\n(Most used:\n[\s\S]*?)\n\n/.exec(stdout) ?? [];
  assert.equal(stdout.indexOf(first!), stdout.search(/^\w.*:$/m), 'it is the first group');
  const names = [...first!.matchAll(/^ {2}--([\w-]+)/gm)].map(([, name]) => name);
  assert.deepEqual(names, ['style', 'data', 'name', 'quality', 'strength', 'style-size', 'resume', 'plan']);
  const [options] = stdout.split('Examples:');
  for (const name of names) assert.equal(options!.split(new RegExp(`^ {2}--${name} `, 'm')).length, 2, name);
});
