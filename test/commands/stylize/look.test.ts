import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { readPicture, writePicture } from '../../../src/data/image-file.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { expectUserError } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';

test('a mask keeps the photo where it is black, in one piece and in fast bands', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const photo = await drawnPhoto(join(folder, 'photo.png'), 80, 60);
  const mask = join(folder, 'mask.png');
  const pixels = Uint8Array.from({ length: 80 * 60 * 3 }, (_, i) => (Math.floor(i / 3) % 80 < 40 ? 255 : 0));
  await writePicture(mask, { pixels, width: 80, height: 60 });
  const original = await readPicture(photo);
  for (const [name, more] of Object.entries({ whole: [], fast: ['--tiles', 'fast'] })) {
    const out = join(folder, `${name}.png`);
    const args = ['--stroke', '8', '--colors', 'histogram', '--mask', mask, '--invert-mask', ...more];
    const { code, stderr } = await callCommand(['stylize', photo, '-s', style, '-o', out, ...args]);
    assert.equal(code, 0, stderr);
    const painted = await readPicture(out);
    assert.deepEqual([painted.width, painted.height], [80, 60]);
    const same = { left: 0, right: 0 };
    painted.pixels.forEach((value, i) => {
      if (value === original.pixels[i]) same[Math.floor(i / 3) % 80 < 40 ? 'left' : 'right']++;
    });
    // Inverted: the white half stays the photo.
    assert.equal(same.left, 40 * 60 * 3, name);
    assert.ok(same.right < 40 * 60, `${same.right} of the painted half as the photo`);
  }
});

test('looks that are not possible get one line', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const photo = await drawnPhoto(join(folder, 'photo.png'), 40, 30);
  const out = join(folder, 'out.png');
  const wrong = [
    [['--stroke', '0'], /a number from 0\.01 to 100 for --stroke but received 0/, 2],
    [['--stroke', '90'], /--stroke 24 or less for a picture of 40×30 but received 90/, 1],
    [['--amount', '1.5'], /a number from 0 to 1 for --amount but received 1\.5/, 2],
    [['--invert-mask'], /a picture for --mask with --invert-mask/, 2],
    [['--mask', join(folder, 'gone.png')], /gone\.png/, 1],
    [['--colors', 'photo', '--refine', '3'], /no --stroke, --amount, --colors or --mask with --refine/, 2],
  ] as const;
  for (const [options, message, code] of wrong)
    expectUserError(await callCommand(['stylize', photo, '-s', style, '-o', out, ...options]), message, code);
  assert.deepEqual((await readdir(folder)).sort(), ['noise.safetensors', 'photo.png']);
});
