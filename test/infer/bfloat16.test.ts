/** bf16 against f32: pictures of the styles that ship, and of a net that was not trained, at several sizes. */

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { psnr } from '../../bench/statistics.ts';
import { readPicture } from '../../src/data/image-file.ts';
import { StyleNetwork } from '../../src/infer/style-network.ts';
import type { Picture } from '../../src/picture.ts';
import { withoutBfloat16 } from '../helpers/bfloat16.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

const LEAST_DECIBELS = 40;
const checkpoints = fileURLToPath(new URL('../../checkpoints', import.meta.url));
const samples = fileURLToPath(new URL('../../samples', import.meta.url));
const styles = (await readdir(checkpoints)).filter((name) => name.endsWith('.safetensors'));

async function decibels(style: string, pictures: readonly Picture[]): Promise<number[]> {
  const [full, half] = await Promise.all([
    StyleNetwork.load(style),
    StyleNetwork.load(style, { precision: 'bf16' }),
  ]);
  const found = pictures.map((picture) => {
    const [wanted, got] = [full, half].map((of) => Float32Array.from(of.stylize(picture).pixels));
    assert.notDeepEqual(got, wanted, 'it really is another arithmetic');
    return psnr(got!, wanted!, 255);
  });
  full.dispose();
  half.dispose();
  return found;
}

test('shipped styles are found', () => {
  assert.ok(styles.length > 0);
});

for (const style of styles) {
  test(`${style} in bf16 is within 40 dB of f32 on the sample photos`, {
    skip: withoutBfloat16,
  }, async (t) => {
    const photos = (await readdir(samples)).filter((name) => name.endsWith('.jpg'));
    assert.ok(photos.length > 0);
    const pictures = await Promise.all(
      photos.map((name) => readPicture(join(samples, name), { longSide: 512 })),
    );
    const found = await decibels(join(checkpoints, style), pictures);
    t.diagnostic(photos.map((name, i) => `${name} ${found[i]!.toFixed(1)} dB`).join(', '));
    assert.ok(Math.min(...found) >= LEAST_DECIBELS, found.join(', '));
  });
}

test('also a net with random weights, at odd sizes', { skip: withoutBfloat16 }, async (t) => {
  const path = await writeTinyCheckpoint(join(await temporaryFolder(t), 'tiny.safetensors'));
  const sizes = [
    [16, 16],
    [33, 50],
    [64, 31],
  ] as const;
  const found = await decibels(
    path,
    sizes.map(([width, height]) => drawnPicture(width, height)),
  );
  assert.ok(Math.min(...found) >= LEAST_DECIBELS, found.join(', '));
});
