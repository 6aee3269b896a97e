import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import test from 'node:test';
import * as tf from '../../../src/engine/tensorflow.ts';
import { BandNetwork } from '../../../src/infer/bands/band-network.ts';
import { KeptRows, SpilledRows } from '../../../src/infer/bands/kept-rows.ts';
import { recomputedStages } from '../../../src/infer/bands/stages.ts';
import { parseArchitecture } from '../../../src/networks/architecture.ts';
import type { NamedArray } from '../../../src/networks/safetensors.ts';
import { transformNet } from '../../../src/networks/transform-net.ts';
import { ScratchFile } from '../../../src/system/scratch-file.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { tinyParameters } from '../../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../../helpers/tiny-dataset.ts';

type Picture = ReturnType<typeof drawnPicture>;

const rowsOf = ({ pixels, width, height }: Picture) => ({
  width,
  height,
  read: (from: number, to: number) => pixels.subarray(from * width * 3, to * width * 3),
});

/** The picture in one piece, op by op, before it is rounded. */
function wholeOf(architecture: string, parameters: readonly NamedArray[], picture: Picture): Float32Array {
  return tf.tidy(() => {
    const byName = Object.fromEntries(
      parameters.map(({ name, shape, values }) => [name, tf.tensor(values, [...shape])]),
    );
    const { pixels, width, height } = picture;
    const image = tf.tensor4d(Float32Array.from(pixels), [1, height, width, 3]);
    return transformNet(parseArchitecture(architecture), byName, image).dataSync() as Float32Array;
  });
}

async function bandsOf(
  network: BandNetwork,
  picture: Picture,
  bandRows: number,
  folder?: string,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  await network.paint(rowsOf(picture), (rows) => void parts.push(rows as Uint8Array), {
    bandRows: () => bandRows,
    // With few rows what is at full size is computed again, with many it is kept.
    recomputed: bandRows < 1000 && bandRows !== 6 ? recomputedStages(network.stages) : new Set(),
    store: (height) =>
      folder === undefined ? new KeptRows(height) : new SpilledRows(height, new ScratchFile(folder)),
  });
  return new Uint8Array(Buffer.concat(parts));
}

/** Largest distance of a pixel from the number that it should be the rounding of. */
function distance(painted: Uint8Array, whole: Float32Array): number {
  assert.equal(painted.length, whole.length);
  return painted.reduce((most, pixel, i) => Math.max(most, Math.abs(pixel - whole[i]!)), 0);
}

const ARCHITECTURES = [
  'c3s1-4,d5,d6,R6,u5,u4,c3s1-3',
  'c9s1-4,d6,d8,R8x5,u6,u4,c9s1-3',
  'c9s1-3',
  'R3,c3s1-3',
  'c5s1-4,R4x3,c7s1-3',
  'c3s1-2,u2,d2,c3s1-3',
  'u4,d4,c3s1-3',
  'c3s1-4,d5,R5,U2,c3s1-4,c3s1-3,linear',
  'zero,c5s1-4,d5,d6,R6x3,t5,t4,c3s1-6,c1s1-3,tanh150',
  'c3s1-2,d2,d2,d2,d2,R2x2,u2,u2,u2,u2,c3s1-3',
];

test('in bands, in memory and in files, every architecture and size gives what it gives in one piece', async (t) => {
  const folder = await temporaryFolder(t);
  for (const architecture of ARCHITECTURES) {
    const parameters = tinyParameters(architecture);
    await expectNoLeak(async () => {
      const network = new BandNetwork(parseArchitecture(architecture), parameters, 'f32');
      for (const [width, height, rows, place] of [
        [32, 32, 2, folder],
        [33, 50, 2, undefined],
        [33, 50, 6, undefined],
        [71, 38, 10, folder],
        [40, 33, 1000, undefined],
      ] as const) {
        const picture = drawnPicture(width, height);
        const whole = wholeOf(architecture, parameters, picture);
        const painted = await bandsOf(network, picture, rows, place);
        // Half a level of rounding, and one at most of difference.
        const far = distance(painted, whole);
        assert.ok(far <= 1.5, `${architecture} ${width}×${height} by ${rows} rows: ${far}`);
      }
      network.dispose();
    });
  }
  assert.deepEqual(await readdir(folder), [], 'temporary files have no names');
});

test('statistics are those of the whole picture: a band far brighter than the rest changes all', async () => {
  const architecture = 'c3s1-4,d6,R6,u4,c3s1-3';
  const parameters = tinyParameters(architecture);
  const network = new BandNetwork(parseArchitecture(architecture), parameters, 'f32');
  const picture = drawnPicture(48, 64);
  const before = await bandsOf(network, picture, 4);
  picture.pixels.fill(255, 48 * 60 * 3);
  const after = await bandsOf(network, picture, 4);
  const far = distance(after, wholeOf(architecture, parameters, picture));
  assert.ok(far <= 1.5, `${far}`);
  // The first rows lie beyond the reach of any convolution.
  const first = before.subarray(0, 48 * 3 * 8);
  assert.notDeepEqual(after.subarray(0, first.length), first);
  network.dispose();
});

test('with huge weights rows are kept in full precision, and the result is the same', async () => {
  const architecture = 'c3s1-4,d6,R6x2,u4,c3s1-3';
  const huge = tinyParameters(architecture).map((array) => ({
    ...array,
    values: array.values.map((value) => value * 3000),
  }));
  const network = new BandNetwork(parseArchitecture(architecture), huge, 'f32');
  assert.equal(network.formatOf(4), 'float');
  const picture = drawnPicture(33, 40);
  const whole = wholeOf(architecture, huge, picture);
  const painted = await bandsOf(network, picture, 6);
  const apart = painted.filter((pixel, i) => Math.abs(pixel - whole[i]!) > 1.5).length;
  // tanh is a step for such weights: a value at its foot may fall to either side.
  assert.ok(apart / painted.length < 0.001, `${apart} of ${painted.length}`);
  network.dispose();
});

test('kernels of any size suit half precision', async () => {
  const architecture = 'c3s1-4,d6,R6x2,u4,c3s1-3';
  for (const factor of [1e-3, 1e5]) {
    const scaled = tinyParameters(architecture).map((array, i, all) => {
      const isKernel = array.name.endsWith('.kernel') && i < all.length - 2;
      return { ...array, values: array.values.map((value) => (isKernel ? value * factor : value)) };
    });
    const network = new BandNetwork(parseArchitecture(architecture), scaled, 'f32');
    assert.equal(network.formatOf(4), 'halves');
    const picture = drawnPicture(33, 40);
    const far = distance(await bandsOf(network, picture, 6), wholeOf(architecture, scaled, picture));
    assert.ok(far <= 1.5, `kernels × ${factor}: ${far}`);
    network.dispose();
  }
});

test('in bf16 no band shows: rows at borders of bands differ from the whole no more than others', async () => {
  const architecture = 'c9s1-8,d8,d8,R8x2,u8,u8,c9s1-3';
  const parameters = tinyParameters(architecture);
  const network = new BandNetwork(parseArchitecture(architecture), parameters, 'bf16');
  const picture = drawnPicture(64, 96);
  const whole = wholeOf(architecture, parameters, picture);
  const painted = await bandsOf(network, picture, 16);
  const row = (y: number) => {
    let sum = 0;
    for (let i = y * 64 * 3; i < (y + 1) * 64 * 3; i++) sum += Math.abs(painted[i]! - whole[i]!);
    return sum / (64 * 3);
  };
  const mean = (rows: readonly number[]) => rows.reduce((sum, y) => sum + row(y), 0) / rows.length;
  const all = Array.from({ length: 96 }, (_, y) => y).filter((y) => y >= 16 && y < 80);
  const border = all.filter((y) => y % 16 === 0 || y % 16 === 15);
  const others = all.filter((y) => !border.includes(y));
  const [atBorders, elsewhere] = [mean(border), mean(others)];
  assert.ok(atBorders < 1.3 * elsewhere + 0.05, `${atBorders} at borders, ${elsewhere} elsewhere`);
  network.dispose();
});
