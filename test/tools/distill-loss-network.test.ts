import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { random } from '../../src/data/random.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { LossNetwork } from '../../src/networks/loss-network.ts';
import { readWeightsFile } from '../../src/networks/loss-network-weights.ts';
import { parseSafetensors } from '../../src/networks/safetensors.ts';
import { ConfigError } from '../../src/system/errors.ts';
import { Distillation, type Errors } from '../../tools/distill/distillation.ts';
import { drawBatch } from '../../tools/distill/draw-batch.ts';
import { LeastSquares, tellingChannels } from '../../tools/distill/least-squares.ts';
import { distillOptions } from '../../tools/distill/options.ts';
import { principalAxes } from '../../tools/distill/principal-axes.ts';
import { LEARNT, parseShape } from '../../tools/distill/student.ts';
import { AS_LOADED } from '../helpers/as-loaded.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { expectTensorClose } from '../helpers/tensor-close.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPicture, tinyDataset } from '../helpers/tiny-dataset.ts';
import { tinyLossNetwork, writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';

/** Narrower than the tiny teacher, which has 3, 4, 4, 3, 2 channels. */
const WIDTHS = { trunk: '2,2,3,3,3,3,2,2,2', coordinates: '3,3,3,2,2,2' };

test('principal axes are the leading eigenvectors', () => {
  // Eigenvalues 5, 2 and 1 along (1, 1, 0), (1, −1, 0) and (0, 0, 1).
  const matrix = Float64Array.of(3.5, 1.5, 0, 1.5, 3.5, 0, 0, 0, 1);
  const axes = [...principalAxes(matrix, 3, 2)].map(Math.abs);
  const half = Math.SQRT1_2;
  expectTensorClose(axes, [half, half, half, half, 0, 0], { relative: 1e-6, absolute: 1e-6 });
});

test('the second half of a batch is the first with a small change', () => {
  const [plain, painted] = [drawnPicture(48, 48, 1), drawnPicture(48, 48, 2)];
  for (let seed = 0; seed < 8; seed++) {
    const batch = drawBatch([{ plain, painted }], 4, 32, random(seed));
    assert.deepEqual(drawBatch([{ plain, painted }], 4, 32, random(seed)), batch, `seed ${seed}`);
    const half = batch.length / 2;
    let [change, contrast] = [0, 0];
    for (let i = 0; i < half; i++) {
      change += (batch[half + i]! - batch[i]!) ** 2 / half;
      contrast += (batch[i]! - 128) ** 2 / half;
    }
    assert.ok(change > 0.5 && change < contrast, `seed ${seed}: ${change} of ${contrast}`);
  }
});

const total = (errors: Errors) =>
  LEARNT.reduce((sum, layer) => sum + errors[layer].features + errors[layer].changes, 0);

test('least squares finds the linear map; the telling channels are those that others follow from', () => {
  // y = 2a − 3b + 1 at four points.
  const rows = [
    [0, 0, 1],
    [1, 0, 1],
    [0, 1, 1],
    [2, 5, 1],
  ];
  const sums = new LeastSquares(3, 1);
  for (const row of rows) {
    const y = 2 * row[0]! - 3 * row[1]! + 1;
    const products = Float32Array.from(row.flatMap((a) => row.map((b) => a * b)));
    sums.add(products, Float32Array.from(row.map((a) => a * y)));
  }
  expectTensorClose([...sums.solve(1e-12)], [2, -3, 1], { relative: 1e-6, absolute: 1e-6 });
  // The second channel is twice the first, the third is its own: 1 tells 0, and 2 is next.
  const moments = Float64Array.of(1, 2, 0, 2, 4, 0, 0, 0, 3);
  assert.deepEqual(tellingChannels(moments, 3, 2), [1, 2]);
});

const pairs = () =>
  [1, 2, 3, 4, 5, 6, 7, 8].map((i) => ({
    plain: drawnPicture(64, 64, i),
    painted: drawnPicture(64, 64, 10 + i),
  }));

test('a student as wide as its teacher begins as the teacher', async () => {
  await expectNoLeak(() => {
    const unseen = [
      drawBatch([{ plain: drawnPicture(64, 64, 99), painted: drawnPicture(64, 64, 98) }], 4, 32, random(1)),
    ];
    const errorsAtFirst = (trunk: string, coordinates: string) => {
      const student = new Distillation({
        teacher: tinyLossNetwork({ kind: 'vgg16', seed: 3 }),
        ...{ shape: parseShape(trunk, coordinates), pictures: pairs(), batch: 4, size: 32, seed: 1 },
      });
      const found = (['average', 'max'] as const).map((pooling) => student.evaluate(unseen, pooling));
      student.dispose();
      for (const axes of Object.values(student.look.axes)) axes.dispose();
      return found;
    };
    // relu5_1 is not: the student has no conv4_3.
    const layers = LEARNT.filter((layer) => layer !== 'relu5_1');
    for (const errors of errorsAtFirst('3,4,4,4,4,4,3,3,2', '4,4,4,3,3,2'))
      for (const layer of layers)
        assert.ok(errors[layer].features < 1e-3, `${layer}: ${errors[layer].features}`);
  });
});

test('a student learns: its errors on pictures that it has not seen fall', async () => {
  await expectNoLeak(() => {
    const pictures = pairs();
    const shape = parseShape(WIDTHS.trunk, WIDTHS.coordinates);
    const student = new Distillation({
      teacher: tinyLossNetwork({ seed: 3 }),
      ...{ shape, pictures, batch: 4, size: 32, seed: 1 },
    });
    const unseen = [
      drawBatch([{ plain: drawnPicture(64, 64, 99), painted: pictures[0]!.painted }], 4, 32, random(1)),
    ];
    const before = student.evaluate(unseen, 'max');
    for (let step = 0; step < 60; step++)
      student.step(
        drawBatch(pictures, 4, 32, random(2, step)),
        [3, 0],
        step % 3 === 2 ? 'average' : 'max',
        0.01,
        step,
      );
    const after = student.evaluate(unseen, 'max');
    assert.ok(total(after) < 0.7 * total(before), `${total(before)} to ${total(after)}`);
    student.dispose();
    for (const axes of Object.values(student.look.axes)) axes.dispose();
  });
});

test('one command makes a loss network of a teacher and a data set', async (t) => {
  const folder = await temporaryFolder(t);
  const teacher = await writeTinyLossNetwork(join(folder, 'teacher.safetensors'), { seed: 3 });
  const data = await tinyDataset(folder, 4);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  const out = join(folder, 'compact.safetensors');
  const tool = fileURLToPath(new URL('../../tools/distill-loss-network.ts', import.meta.url));
  const words = Object.entries({
    ...{ teacher, data, 'held-out': data, out, styles: style, pictures: '4' },
    ...{ steps: '3', every: '2', batch: '2', size: '32', ...WIDTHS },
  }).flatMap(([name, value]) => [`--${name}`, value]);
  const { stdout } = await promisify(execFile)(process.execPath, [...AS_LOADED, tool, ...words]);
  assert.match(stdout, /^5 pictures, 35 held out\n/);
  assert.match(stdout, /step 2, \d+ s\n.*\nstep 3, /s);

  const weights = await readWeightsFile(out);
  const taught = await readWeightsFile(teacher);
  assert.match(weights.source, /^fast-style, distilled from drawn for tests$/);
  const { metadata } = parseSafetensors(await readFile(out), out);
  assert.equal(metadata.teacher_sha256, taught.sha256);
  assert.equal((JSON.parse(metadata.distillation!) as { steps: number }).steps, 3);
  const [small, large] = [new LossNetwork(weights), new LossNetwork(taught)];
  tf.tidy(() => {
    const picture = tf.randomUniform<tf.Rank.R4>([1, 32, 32, 3], 0, 255, 'float32', 1);
    const maps = small.featureMaps(picture, ['relu1_1', ...LEARNT]);
    assert.deepEqual(maps.relu5_1!.shape, [1, 2, 2, 2]);
    // The first layer is the teacher's own, in half precision.
    expectTensorClose(maps.relu1_1!, large.featureMaps(picture, ['relu1_1']).relu1_1!, {
      relative: 2e-3,
      absolute: 2e-3,
    });
  });
  small.dispose();
  large.dispose();
});

test('a mistake on the command line is reported', () => {
  const sound = ['--teacher', 'a', '--data', 'b', '--held-out', 'c', '--out', 'd'];
  assert.equal(distillOptions(sound).steps, 240);
  for (const words of [
    sound.slice(2),
    [...sound, '--batch', '3'],
    [...sound, '--steps', 'many'],
    [...sound, '--trunk', '1,2'],
  ])
    assert.throws(() => distillOptions(words), ConfigError, words.join(' '));
});
