/** The package, from its tarball in a folder where nothing else is. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { readPicture } from '../../src/data/image-file.ts';
import {
  bareEnvironment,
  install,
  installGlobally,
  packed,
  root,
  runProgram,
} from '../helpers/installed-package.ts';
import { listedFiles } from '../helpers/shipped-files.ts';
import { sharedFolder, temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';

const shared = sharedFolder();
assert.ok(existsSync(join(root, 'dist/index.js')), 'npm run build comes first');
let packing: ReturnType<typeof packed> | undefined;

/** Packed by the first test that needs it, and once: awaited while the file loads, other files' tests might end and remove the folder. */
function pack() {
  packing ??= packed(shared);
  return packing;
}

test('another project installs the package, paints with it, and imports it with its types', async (t) => {
  const home = await temporaryFolder(t);
  const folder = join(home, 'elsewhere');
  const env = bareEnvironment(home);
  // All that follows is next to another tfjs.
  const other = join(home, 'tfjs-4.20');
  await mkdir(other);
  const foreign = { name: '@tensorflow/tfjs', version: '4.20.0', main: 'index.js' };
  await writeFile(join(other, 'package.json'), JSON.stringify(foreign));
  await writeFile(join(other, 'index.js'), 'module.exports = { version: "another" };');
  const built = await pack();
  await install(built, folder, home, { '@tensorflow/tfjs': `file:${other}` });

  await t.test('next to another tfjs it has its own', async () => {
    const version = async (from: string) => {
      const asked = `console.log(require('@tensorflow/tfjs/package.json').version)`;
      const cwd = join(folder, from);
      return (await runProgram(process.execPath, ['-e', asked], { cwd })).stdout.trim();
    };
    assert.equal(await version('.'), '4.20.0');
    assert.equal(await version('node_modules/fast-style'), '4.22.0');
  });

  await t.test('it holds what is needed, and nothing else', async () => {
    const needed = [
      'LICENSE',
      'NOTICE',
      'README.md',
      'dist/cli.js',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/web/worker.js',
    ];
    const shipped = ['checkpoints/great-wave.safetensors', 'samples/harbour.jpg', 'docs/commands.md'];
    const pages = ['src/report/page/report.js', 'src/studio/page/index.html', 'src/studio/page/main.js'];
    const compiled = ['quiet.cc', 'session-options.h'].map((name) => `src/engine/runtime/${name}`);
    for (const path of [...needed, ...shipped, ...pages, ...compiled])
      assert.ok(built.files.includes(path), path);
    for (const path of ['bin/fast-style.mjs', 'dist/index.cjs', 'dist/index.d.cts', ...listedFiles])
      assert.ok(built.files.includes(path), path);
    const superfluous = built.files.filter((path) =>
      /(^|\/)\.|\.map$|tsconfig|(^|\/)node_modules\/|^(test|tools|bench|scripts|datasets|runs)\/|\.tgz$|_test\./.test(
        path,
      ),
    );
    assert.deepEqual(superfluous, []);
    for (const path of ['dist/index.js', 'binding/tfjs_backend.cc'])
      assert.ok(built.files.includes(`vendor/tfjs-node-gpu/${path}`), path);
    assert.deepEqual(
      built.files.filter((path) => path.startsWith('src/') && path.endsWith('.ts')),
      [],
    );
    const setup = await readFile(join(root, 'docs/setup.md'), 'utf8');
    const [, packedSize, unpackedSize] = /\((\d+) MB; (\d+) MB unpacked/.exec(setup) ?? [];
    for (const [said, bytes] of [
      [packedSize, built.bytes],
      [unpackedSize, built.unpackedBytes],
    ] as const)
      assert.ok(Math.abs(Number(said) - bytes / 1e6) < 1, `docs/setup.md says ${said} MB of ${bytes} bytes`);
  });

  await t.test(
    'npm runs no script that fetches another TensorFlow, and regards nothing as bundled',
    async () => {
      const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
      const { dependencies, scripts, ...manifest } = built.manifest as Record<string, unknown>;
      for (const when of ['preinstall', 'install', 'postinstall', 'prepare'])
        assert.ok(!(when in (scripts as object)), when);
      const backend = '@tensorflow/tfjs-node-gpu';
      assert.ok(!(backend in (dependencies as object)));
      assert.ok(!('bundleDependencies' in manifest || 'bundledDependencies' in manifest));
      const there = join(folder, 'node_modules/fast-style/vendor/tfjs-node-gpu');
      const { version } = JSON.parse(await readFile(join(there, 'package.json'), 'utf8'));
      assert.equal(version, own.dependencies[backend]);
      for (const left of ['lib', 'deps', 'build']) assert.ok(!existsSync(join(there, left)), left);
    },
  );

  await t.test('npx --no-install fast-style paints', async () => {
    await drawnPhoto(join(folder, 'photo.jpg'), 96, 64, { format: 'jpeg' });
    const args = [
      '--no-install',
      'fast-style',
      'stylize',
      'photo.jpg',
      '--style',
      'great-wave',
      '--out',
      'out.png',
    ];
    await runProgram('npx', args, { cwd: folder, env });
    const painted = await readPicture(join(folder, 'out.png'));
    const photo = await readPicture(join(folder, 'photo.jpg'));
    assert.deepEqual([painted.width, painted.height], [96, 64]);
    const change = photo.pixels.reduce((sum, value, i) => sum + Math.abs(value - painted.pixels[i]!), 0);
    assert.ok(change / photo.pixels.length > 8, `mean change ${change / photo.pixels.length} of 255`);
  });

  await t.test('its commands find the files next to them', async () => {
    const { stdout } = await runProgram('npx', ['--no-install', 'fast-style', 'styles'], {
      cwd: folder,
      env,
    });
    assert.match(stdout, /^great-wave\t/m);
    const own = await readFile(join(folder, 'node_modules/fast-style/package.json'), 'utf8');
    const { version } = JSON.parse(own) as { version: string };
    const shown = await runProgram('node_modules/.bin/fast-style', ['--version'], { cwd: folder, env });
    assert.equal(shown.stdout, `${version}\n`);
  });

  const tsc = (...args: string[]) =>
    runProgram(
      process.execPath,
      [
        join(root, 'node_modules/typescript/bin/tsc'),
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        'false',
        // TypeScript's own declarations are not ours, and take most of the time.
        '--skipDefaultLibCheck',
        ...args,
      ],
      { cwd: folder, env },
    ).then(
      ({ stdout }) => stdout,
      (error: { stdout: string }) => error.stdout,
    );
  const run = (...args: string[]) => runProgram(process.execPath, args, { cwd: folder, env });

  await t.test('a program imports it, and its types hold, those of CommonJS, too', async () => {
    await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
    await writeFile(join(folder, 'use.mts'), PROGRAM);
    await writeFile(join(folder, 'use.cts'), COMMON);
    const withoutTypes = PROGRAM.split('// @ts-expect-error')[0]!;
    await writeFile(
      join(folder, 'use.mjs'),
      withoutTypes.replace(
        /: (PaintedPixels|Buffer)|type (PaintedPixels|PaintedVideo|OptimizedPicture|BuiltDataset), /g,
        '',
      ),
    );
    for (const module of ['nodenext', 'node16'])
      assert.equal(
        await tsc('--module', module, '--target', 'es2022', '--types', 'node', 'use.mts', 'use.cts'),
        '',
        module,
      );
    const bundler = ['--module', 'esnext', '--moduleResolution', 'bundler'];
    assert.equal(await tsc(...bundler, '--target', 'es2022', '--types', 'node', 'use.mts'), '', 'bundler');
    assert.equal((await run('use.mjs')).stdout, '960 PNG\n');
  });

  await t.test('CommonJS requires it', async () => {
    await writeFile(join(folder, 'use.cjs'), asScript(COMMON));
    const { stdout, stderr } = await run('use.cjs');
    assert.deepEqual([stdout, stderr], ['960 true\n', '']);
  });

  await t.test('where TensorFlow is not set up, it can be imported, and load rejects', async () => {
    await writeFile(join(folder, 'bare.mjs'), BARE);
    const bare = { ...env, FAST_STYLE_CACHE: join(home, 'empty'), FAST_STYLE_BINDING: '' };
    const { stdout } = await runProgram(process.execPath, ['bare.mjs'], { cwd: folder, env: bare });
    const remedy = 'The TensorFlow runtime is not set up; run: npx --no-install fast-style setup';
    assert.equal(stdout, `great-wave\nRuntimeSetupError: ${remedy}\n`);
  });

  await t.test('a bundled program runs, with fast-style marked as external', async () => {
    const docs = await readFile(join(root, 'docs/library.md'), 'utf8');
    const [, options] = /npx esbuild server\.mjs (.*) --outfile=/.exec(docs) ?? [];
    const esbuild = join(root, 'node_modules/esbuild/bin/esbuild');
    await run(esbuild, 'use.mjs', ...options!.split(' '), '--outfile=bundled.mjs');
    assert.equal((await run('bundled.mjs')).stdout, '960 PNG\n');
  });
});

test('installed for everybody on the machine, it paints and says how it was called', {
  skip: process.platform === 'win32' && 'npm lays no links there',
}, async (t) => {
  const home = await temporaryFolder(t);
  const prefix = join(home, 'global');
  await installGlobally(await pack(), prefix, home);
  const bin = join(prefix, 'bin');
  const env = { ...bareEnvironment(home), PATH: [bin, process.env.PATH].join(delimiter) };
  await drawnPhoto(join(home, 'photo.png'), 48, 40);
  const paint = ['stylize', 'photo.png', '--style', 'great-wave', '--out', 'painted.png'];
  await runProgram('fast-style', paint, { cwd: home, env });
  const { width, height } = await readPicture(join(home, 'painted.png'));
  assert.deepEqual([width, height], [48, 40]);
  const wrong = await runProgram('fast-style', ['setpu'], { cwd: home, env }).catch((error) => error);
  assert.match(wrong.stderr, /^See: fast-style --help$/m);
});

test('the styles and pictures of a user are not packed', async (t) => {
  const folder = await temporaryFolder(t);
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  const own = ['checkpoints/mine.safetensors', 'weights/vgg19.safetensors', 'samples/holiday.jpg'];
  for (const path of [...own, 'checkpoints/great-wave.safetensors']) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), 'mine');
  }
  const args = ['pack', '--dry-run', '--ignore-scripts', '--json'];
  const { stdout } = await runProgram('npm', args, { cwd: folder, env: bareEnvironment(folder) });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  assert.deepEqual(files.map(({ path }) => path).sort(), [
    'checkpoints/great-wave.safetensors',
    'package.json',
  ]);
});

test('npx in a clone calls it, built or not, from the first time on', async (t) => {
  const home = await temporaryFolder(t);
  const clone = join(home, 'clone');
  for (const path of ['bin', 'package.json', 'src/engine/runtime/quiet.cc'])
    await cp(join(root, path), join(clone, path), { recursive: true });
  const env = { ...bareEnvironment(home), npm_config_offline: 'true' };
  const npx = (...args: string[]) =>
    runProgram('npx', ['--no-install', 'fast-style', ...args], { cwd: clone, env }).catch((error) => error);
  const early = await npx('--version');
  assert.equal(early.code, 1);
  assert.match(early.stderr, /^fast-style: Expected a program that is built .*; run: npm run quickstart/m);
  const isRun = (path: string) => !/\.(map|d\.ts)$/.test(path);
  await cp(join(root, 'dist'), join(clone, 'dist'), { recursive: true, filter: isRun });
  await symlink(join(root, 'node_modules'), join(clone, 'node_modules'), 'junction');
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const late = await npx('--version');
  assert.equal(late.stdout, `${version}\n`);
  assert.match((await npx('setpu')).stderr, /^See: npx --no-install fast-style --help$/m);
});

/** As TypeScript has CommonJS. */
const COMMON = `import fastStyle = require('fast-style');
const { FastStyleError, Stylizer } = fastStyle;
(async () => {
  const stylizer = await Stylizer.load('tiny.safetensors');
  const painted = await stylizer.stylize({ pixels: new Uint8Array(3 * 20 * 16), width: 20, height: 16 });
  await stylizer.dispose();
  const refused: unknown = await Stylizer.load('no-such-style').catch((error: unknown) => error);
  console.log(painted.pixels.length, refused instanceof FastStyleError);
})();
`;

const asScript = (code: string) =>
  code.replace('import fastStyle', 'const fastStyle').replace(/: unknown/g, '');

const BARE = `import { availableStyles, RuntimeSetupError, Stylizer } from 'fast-style';
console.log([...(await availableStyles()).keys()].find((name) => name === 'great-wave'));
await Stylizer.load('great-wave').catch((error) => {
  if (error instanceof RuntimeSetupError) console.log(String(error));
});
`;

const PROGRAM = `import { type BuiltDataset, buildDataset, calibrate, checkStyle, compare, fetchWeights, inspectDataset, inspectStyle, measureFlicker, type OptimizedPicture, optimize, optimizeSteps, type PaintedPixels, type PaintedVideo, planTraining, Stylizer, Trainer, train, video } from 'fast-style';
const stylizer = await Stylizer.load('tiny.safetensors');
const photo = { pixels: new Uint8Array(3 * 20 * 16), width: 20, height: 16 };
const painted: PaintedPixels = await stylizer.stylize(photo, { amount: 0.5 });
const file: Buffer = await stylizer.stylize(photo, { format: 'png' });
console.log(painted.pixels.length, file.toString('latin1', 1, 4));
await stylizer.dispose();
// @ts-expect-error an option of training that there is not
() => train({ style: 'wave.jpg', styelSize: 64 });
// @ts-expect-error a batch of another kind
() => train({ style: 'wave.jpg', batch: 'many' });
() => Trainer.create({ style: photo, photos: () => [{ shape: [1], data: async () => [1] }] });
// @ts-expect-error a number is no tensor
() => Trainer.create({ style: photo, photos: () => [1] });
export const optimized: () => Promise<OptimizedPicture> = () =>
  optimize({ content: photo, style: [{ style: new Blob(['']), weight: 2 }], iterations: 3 });
() => optimizeSteps({ style: 'wave.jpg' }).next().then(({ value }) => value.total);
// @ts-expect-error a recipe that there is not
() => optimize({ content: photo, style: photo, recipe: 'own' });
export const film: () => Promise<PaintedVideo> = () => video({ video: 'a.mp4', style: 'wave', out: 'b.mp4' });
// @ts-expect-error neither a film nor a preview
() => video({ video: 'a.mp4', style: 'wave' });
export const built: Promise<BuiltDataset> = buildDataset('photos', 'data', { size: 64 });
() => compare({ style: 'wave', photos: 'photos', painting: photo, sizes: [64] }).then(({ sizes }) => sizes[0]!.each[0]!.network.picture.width);
// @ts-expect-error sizes are numbers
() => compare({ style: 'wave', photos: 'photos', painting: photo, sizes: '64' });
() => calibrate({ style: photo, strengths: [2, 8], batch: 2 }).then(({ cells }) => cells[0]!.pictures[0]!.width);
// @ts-expect-error the grid lays it out
() => calibrate({ style: photo, strength: 2 });
() => planTraining({ style: 'wave.jpg' }).then(({ seconds }) => seconds);
() => checkStyle({ style: 'wave' }).then(({ measures }) => measures.every(({ ok }) => ok));
() => measureFlicker({ video: 'a.mp4', style: 'wave', steady: ['off'] }).then(({ films }) => films[0]!.short);
() => inspectStyle('wave').then(({ architecture, weights }) => [architecture, weights]);
() => inspectDataset('data').then(({ count }) => count);
// @ts-expect-error a network that there is not
() => fetchWeights('vgg11');
// @ts-expect-error a format that there is not
() => stylizer.stylize(photo, { format: 'bmp' });
// @ts-expect-error quality is of files, and pixels are asked for
() => stylizer.stylize(photo, { quality: 90 });
// @ts-expect-error pixels without a size
() => stylizer.stylize({ pixels: photo.pixels });
// @ts-expect-error a file is no pixels
const wrong: PaintedPixels = await stylizer.stylize(photo, { format: 'png' });
`;
