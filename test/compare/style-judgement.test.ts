import assert from 'node:assert/strict';
import test from 'node:test';
import { isFullWidth, medianJudgement, StyleJudge } from '../../src/compare/style-judgement.ts';
import { toTensor } from '../../src/engine/pixels.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { LossNetwork, type Pooling } from '../../src/networks/loss-network.ts';
import { type ConvolutionWeights, readLossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import type { Picture } from '../../src/picture.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';
import { tinyLossNetwork } from '../helpers/tiny-loss-network.ts';

const photo = drawnPicture(48, 40, 1);
const painting = drawnPicture(64, 48, 9);
const painted = drawnPicture(48, 40, 5);
const weights = tinyLossNetwork({ kind: 'vgg16' });

/** Feature maps as plain numbers, [positions][channels]. */
function maps(network: LossNetwork, picture: Picture, layer: string): number[][] {
  return tf.tidy(() => {
    const map = network.featureMaps(toTensor(picture), [layer])[layer]!;
    return tf.reshape(map, [-1, map.shape[3]]).arraySync() as number[][];
  });
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Mean over positions of the products of channels, row by row. */
const gram = (map: readonly number[][]) =>
  map[0]!.flatMap((_, c) =>
    map[0]!.map((__, d) => sum(map.map((at) => at[c]! * at[d]!)) / map.length / map[0]!.length),
  );

const relative = (found: readonly number[], target: readonly number[]) =>
  sum(found.map((value, i) => (value - target[i]!) ** 2)) / sum(target.map((value) => value ** 2));

function missed(network: LossNetwork, picture: Picture): number {
  const layers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1'];
  return (
    sum(
      layers.map((layer) =>
        relative(gram(maps(network, picture, layer)), gram(maps(network, painting, layer))),
      ),
    ) / 4
  );
}

function correlation(some: readonly number[][], others: readonly number[][]): number {
  const about = (map: readonly number[][]) => {
    const means = map[0]!.map((_, c) => sum(map.map((at) => at[c]!)) / map.length);
    return map.flatMap((at) => at.map((value, c) => value - means[c]!));
  };
  const [a, b] = [about(some), about(others)];
  const products = (x: readonly number[], y: readonly number[]) => sum(x.map((value, i) => value * y[i]!));
  return products(a, b) / Math.sqrt(products(a, a) * products(b, b));
}

const near = (value: number, wanted: number) =>
  assert.ok(Math.abs(value - wanted) <= 1e-4 * Math.abs(wanted), `${value} for ${wanted}`);

for (const pooling of ['max', 'average'] satisfies Pooling[])
  test(`strokes and photo are those of the equations, with ${pooling} pooling`, () => {
    const network = new LossNetwork(weights, pooling);
    const judge = new StyleJudge(network, painting);
    const found = judge.judge(photo, painted);
    near(found.style, missed(network, painted));
    near(found.photoStyle, missed(network, photo));
    near(found.strokes, missed(network, painted) / missed(network, photo));
    const [after, before] = [painted, photo].map((picture) => maps(network, picture, 'relu4_2'));
    near(found.contentLost, relative(after!.flat(), before!.flat()));
    near(found.photoKept, correlation(after!, before!));
    judge.dispose();
    network.dispose();
  });

test('an unchanged photo has all strokes missing and nothing lost, and the painting itself no strokes missing', () => {
  const network = new LossNetwork(weights);
  const judge = new StyleJudge(network, painting);
  const same = judge.judge(photo, photo);
  assert.equal(same.strokes, 1);
  assert.equal(same.contentLost, 0);
  near(same.photoKept, 1);
  const of = new StyleJudge(network, painted);
  const own = of.judge(photo, painted);
  assert.ok(own.strokes < 1e-9 && own.contentLost > 0.01, JSON.stringify(own));
  of.dispose();
  judge.dispose();
  network.dispose();
});

test('judging leaks no tensor', async () => {
  await expectNoLeak(() => {
    const network = new LossNetwork(weights);
    const judge = new StyleJudge(network, painting);
    judge.judge(photo, painted);
    judge.dispose();
    network.dispose();
  });
});

test('the median over photos is taken of each figure separately', () => {
  const each = [3, 1, 2].map((n) => ({
    ...{ strokes: n, photoKept: -n, contentLost: 10 * n, style: n === 1 ? 9 : n, photoStyle: 5 },
  }));
  assert.deepEqual(medianJudgement(each), {
    ...{ strokes: 2, photoKept: -2, contentLost: 20, style: 3, photoStyle: 5 },
  });
});

test('only a VGG as wide as published has the limits', async () => {
  assert.equal(isFullWidth(weights), false);
  assert.equal(isFullWidth(await readLossNetworkWeights('compact')), false);
  const layer = (channels: number): ConvolutionWeights => ({
    kernel: new Float32Array(),
    kernelShape: [3, 3, 1, channels],
    bias: new Float32Array(),
  });
  const layers = new Map([
    ['conv1_1', layer(64)],
    ['conv4_1', layer(512)],
  ]);
  assert.equal(isFullWidth({ layers }), true);
  assert.equal(isFullWidth({ layers, steps: [] }), false);
});
