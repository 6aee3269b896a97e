/** The package, from its tarball in a folder where nothing else is. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readPicture } from '../../src/data/image-file.ts';
import { bareEnvironment, install, packed, root, runProgram } from '../helpers/installed-package.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';

test('another project installs the package, paints with it, and imports it with its types', async (t) => {
  assert.ok(existsSync(join(root, 'dist/index.js')), 'npm run build comes first');
  const home = await temporaryFolder(t);
  const folder = join(home, 'elsewhere');
  const env = bareEnvironment(home);
  const built = await packed(home);
  await install(built, folder, home);

  await t.test('it holds what is needed, and nothing else', async () => {
    const needed = ['LICENSE', 'NOTICE', 'README.md', 'dist/cli.js', 'dist/index.js', 'dist/index.d.ts'];
    const shipped = ['checkpoints/great-wave.safetensors', 'samples/harbour.jpg', 'docs/commands.md'];
    for (const path of [...needed, ...shipped, 'src/engine/runtime/quiet.cc', 'src/report/page/report.js'])
      assert.ok(built.files.includes(path), path);
    const bundled = 'node_modules/@tensorflow/tfjs-node-gpu/';
    const superfluous = built.files.filter(
      (path) =>
        /(^|\/)\.|\.map$|tsconfig|^(test|tools|bench|scripts|datasets|runs)\/|\.tgz$|_test\./.test(path) ||
        (path.startsWith('node_modules/') && !path.startsWith(bundled)),
    );
    assert.deepEqual(superfluous, []);
    for (const path of ['dist/index.js', 'binding/tfjs_backend.cc'])
      assert.ok(built.files.includes(bundled + path), path);
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

  await t.test('npm ran no script that fetches another TensorFlow, and would run none', async () => {
    const there = join(folder, 'node_modules/fast-style/node_modules/@tensorflow/tfjs-node-gpu');
    const { version, scripts, gypfile } = JSON.parse(await readFile(join(there, 'package.json'), 'utf8'));
    const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    assert.deepEqual([scripts, gypfile], [undefined, false]);
    assert.equal(version, own.dependencies['@tensorflow/tfjs-node-gpu']);
    for (const left of ['lib', 'deps', 'build']) assert.ok(!existsSync(join(there, left)), left);
  });

  await t.test('npx fast-style paints', async () => {
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

  await t.test('its commands find what lies beside them', async () => {
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

  await t.test('a program imports it, and its types hold', async () => {
    await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
    await writeFile(join(folder, 'use.mts'), PROGRAM);
    const withoutTypes = PROGRAM.split('// @ts-expect-error')[0]!;
    await writeFile(
      join(folder, 'use.mjs'),
      withoutTypes.replace(/: (PaintedPixels|Buffer)|type PaintedPixels, /g, ''),
    );
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const settings = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--types',
      'node',
    ];
    const [checked, ran] = await Promise.all([
      runProgram(process.execPath, [tsc, ...settings, 'use.mts'], { cwd: folder, env }).catch(
        (error) => error,
      ),
      runProgram(process.execPath, ['use.mjs'], { cwd: folder, env }),
    ]);
    assert.equal(checked.stdout, '');
    assert.equal(ran.stdout, '960 PNG\n');
  });
});

const PROGRAM = `import { type PaintedPixels, Stylizer } from 'fast-style';
const stylizer = await Stylizer.load('tiny.safetensors');
const photo = { pixels: new Uint8Array(3 * 20 * 16), width: 20, height: 16 };
const painted: PaintedPixels = await stylizer.stylize(photo, { amount: 0.5 });
const file: Buffer = await stylizer.stylize(photo, { format: 'png' });
console.log(painted.pixels.length, file.toString('latin1', 1, 4));
await stylizer.dispose();
// @ts-expect-error a format that there is not
() => stylizer.stylize(photo, { format: 'bmp' });
// @ts-expect-error quality is of files, and pixels are asked for
() => stylizer.stylize(photo, { quality: 90 });
// @ts-expect-error pixels without a size
() => stylizer.stylize({ pixels: photo.pixels });
// @ts-expect-error a file is no pixels
const wrong: PaintedPixels = await stylizer.stylize(photo, { format: 'png' });
`;
