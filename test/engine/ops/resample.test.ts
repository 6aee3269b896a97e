import assert from 'node:assert/strict';
import test from 'node:test';
import { toBfloat16 } from '../../../src/engine/compile/bfloat16.ts';
import { compile, shapesOf } from '../../../src/engine/compile/compile.ts';
import { flattened } from '../../../src/engine/compile/program.ts';
import { record } from '../../../src/engine/compile/record.ts';
import { listOf } from '../../../src/engine/compile/tensor-record.ts';
import { DataType } from '../../../src/engine/data-type.ts';
import { resample } from '../../../src/engine/ops/resample.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectGradientMatches } from '../../helpers/finite-differences.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

const images = tf.randomNormal<tf.Rank.R4>([2, 3, 4, 2], 0, 1, 'float32', 1);
const rows = tf.randomNormal<tf.Rank.R2>([5, 3], 0, 1, 'float32', 2);
const columns = tf.randomNormal<tf.Rank.R2>([2, 4], 0, 1, 'float32', 3);

test('every new pixel is the weighted sum over rows and columns', async () => {
  await expectNoLeak(() => {
    const read = resample(images, rows, columns);
    assert.deepEqual(read.shape, [2, 5, 2, 2]);
    const [x, r, k] = [images, rows, columns].map((tensor) => tensor.dataSync());
    const wanted: number[] = [];
    for (let n = 0; n < 2; n++)
      for (let p = 0; p < 5; p++)
        for (let q = 0; q < 2; q++)
          for (let c = 0; c < 2; c++) {
            let sum = 0;
            for (let h = 0; h < 3; h++)
              for (let w = 0; w < 4; w++)
                sum += r![p * 3 + h]! * k![q * 4 + w]! * x![((n * 3 + h) * 4 + w) * 2 + c]!;
            wanted.push(sum);
          }
    expectTensorClose(read, wanted, { absolute: 1e-5 });
    read.dispose();
  });
});

test('the gradient is right, also after the matrices are disposed of, and nothing leaks', async () => {
  const weights = tf.randomNormal([2, 5, 2, 2], 0, 1, 'float32', 4);
  await expectNoLeak(() => {
    expectGradientMatches(
      (x) => tf.sum(tf.mul(resample(x as tf.Tensor4D, rows, columns), weights)),
      [images],
    );
    expectGradientMatches(
      (x) =>
        tf.tidy(() =>
          tf.sum(tf.mul(resample(x as tf.Tensor4D, tf.mul(rows, 2), tf.mul(columns, 2)), weights)),
        ),
      [images],
    );
  });
  weights.dispose();
});

test('with matrices of its own, each image is read as by itself, gradient included', async () => {
  await expectNoLeak(() =>
    tf.tidy(() => {
      const [ownRows, ownColumns] = [tf.stack([rows, tf.neg(rows)]), tf.stack([tf.square(columns), columns])];
      const oneByOne = (x: tf.Tensor) =>
        tf.concat(
          (tf.split(x, 2) as tf.Tensor4D[]).map((one, i) =>
            resample(one, tf.unstack(ownRows)[i]!, tf.unstack(ownColumns)[i]!),
          ),
        );
      const own = (x: tf.Tensor) => resample(x as tf.Tensor4D, ownRows, ownColumns);
      expectTensorClose(own(images), oneByOne(images));
      const gradientOf = (read: typeof own) => tf.grad((x) => tf.sum(tf.square(read(x))))(images);
      expectTensorClose(gradientOf(own), gradientOf(oneByOne));
    }),
  );
});

test('compiled, with matrices as inputs, it does the same; in bf16 it stays in f32', () => {
  const program = (given: { images: tf.Tensor4D; rows: tf.Tensor2D; columns: tf.Tensor2D }) => ({
    outputs: { out: resample(given.images, given.rows, given.columns) },
  });
  const inputs = { images, rows, columns };
  const compiled = compile(program, { inputs: shapesOf(inputs) });
  const { out } = compiled.run(inputs);
  const eager = resample(images, rows, columns);
  expectTensorClose(out, eager);
  tf.dispose([out, eager]);
  compiled.dispose();
  const flat = flattened(program, inputs, {});
  const graph = toBfloat16(record(flat.program, { inputs: listOf(inputs), state: [], constants: [] }));
  const sums = graph.nodes.filter(({ op }) => op === 'Einsum');
  assert.equal(sums.length, 2);
  for (const { attr } of sums) assert.equal(attr.T?.type, DataType.FLOAT);
});
