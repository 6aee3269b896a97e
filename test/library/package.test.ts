import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

test('another project imports the built package, with types', async (t) => {
  assert.ok(existsSync(join(root, 'dist/index.js')), 'npm run build comes first');
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'node_modules/@types'), { recursive: true });
  await symlink(root, join(folder, 'node_modules/fast-style'), 'junction');
  await symlink(join(root, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'), 'junction');
  await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  const code = `import { type PaintedPixels, Stylizer } from 'fast-style';
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
  await writeFile(join(folder, 'use.mts'), code);
  await writeFile(
    join(folder, 'use.mjs'),
    code.split('// @ts-expect-error')[0]!.replace(/: (PaintedPixels|Buffer)|type PaintedPixels, /g, ''),
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const settings = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
  const [checked, ran] = await Promise.all([
    run(process.execPath, [tsc, ...settings, 'use.mts'], { cwd: folder }).catch((error) => error),
    run(process.execPath, ['use.mjs'], { cwd: folder }),
  ]);
  assert.equal(checked.stdout, '');
  assert.equal(ran.stdout, '960 PNG\n');
});
