import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import test from 'node:test';
import { compile, interpret } from '../../../src/engine/compile/compile.ts';
import { leavesOf, listOf } from '../../../src/engine/compile/tensor-record.ts';
import { nativeBackend } from '../../../src/engine/native-backend.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { withoutBfloat16 } from '../../helpers/bfloat16.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose, relativeDistance } from '../../helpers/tensor-close.ts';
import { size, smallNet } from './small-net.ts';

const image = tf.randomUniform(size, -1, 1, 'float32', 4) as tf.Tensor4D;
const rate = tf.scalar(0.2);
const shapes = { image: size, rate: [] };

test('in f32 ten training steps agree with the same function run op by op', () => {
  const { state, target, program } = smallNet();
  const options = { inputs: shapes, state, constants: [target] };
  const [fast, slow] = [compile(program, options), interpret(program, options)];
  let first = 0;
  for (let step = 0; step < 10; step++) {
    const [got, wanted] = [fast.run({ image, rate }), slow.run({ image, rate })];
    const expected = new Map(leavesOf<tf.Tensor>(wanted));
    for (const [name, tensor] of leavesOf<tf.Tensor>(got)) {
      assert.equal(tensor.dtype, 'float32');
      assert.deepEqual(tensor.shape, expected.get(name)!.shape);
      assert.ok(relativeDistance(tensor, expected.get(name)!) < 1e-4, `${name} of step ${step}`);
    }
    assert.deepEqual(
      [...expected.keys()],
      ['loss', ...Object.keys(state).map((name) => `gradients/${name}`)],
    );
    if (step === 0) first = got.loss.dataSync()[0]!;
    else if (step === 9) assert.ok(got.loss.dataSync()[0]! < first * 0.9, 'the loss falls');
    tf.dispose([got, wanted]);
  }
  const [got, wanted] = [fast.readState(), slow.readState()];
  for (const name of ['first', 'scale', 'offset', 'last'] as const)
    assert.ok(relativeDistance(got[name], wanted[name]) < 1e-4, name);
  tf.dispose([got, wanted, state, target]);
  fast.dispose();
  slow.dispose();
});

test('in bf16 outputs and gradients stay within 4 %, and are float32', { skip: withoutBfloat16 }, () => {
  const { state, target, program } = smallNet();
  const options = { inputs: shapes, state, constants: [target] };
  const [half, full] = [compile(program, { ...options, precision: 'bf16' }), compile(program, options)];
  const [got, wanted] = [half.run({ image, rate }), full.run({ image, rate })];
  const exact = listOf<tf.Tensor>(wanted);
  const distances = listOf<tf.Tensor>(got).map((tensor, i) => relativeDistance(tensor, exact[i]!));
  assert.ok(
    distances.every((d) => d < 0.04),
    `distances ${distances}`,
  );
  assert.ok(
    distances.some((d) => d > 1e-5),
    'it really is another arithmetic',
  );
  for (const tensor of [...listOf<tf.Tensor>(got), ...listOf<tf.Tensor>(half.readState())]) {
    assert.equal(tensor.dtype, 'float32');
    tensor.dispose();
  }
  tf.dispose([wanted, state, target]);
  half.dispose();
  full.dispose();
});

test('an output or state computed in bf16 is given out as float32', { skip: withoutBfloat16 }, () => {
  const kernel = tf.ones([1, 1, 1, 1]) as tf.Tensor4D;
  const compiled = compile(
    ({ x }: { x: tf.Tensor4D }, { s }: { s: tf.Tensor }) => {
      const plain = tf.conv2d(x, kernel, 1, 'same');
      return { outputs: { plain, rectified: tf.relu(plain) }, nextState: { s: tf.add(s, plain) } };
    },
    {
      inputs: { x: [1, 1, 2, 1] },
      state: { s: tf.ones([1, 1, 2, 1]) },
      constants: [kernel],
      precision: 'bf16',
    },
  );
  const x = tf.tensor4d([1, -2], [1, 1, 2, 1]);
  const { plain, rectified } = compiled.run({ x });
  expectTensorClose(plain, [1, -2]);
  expectTensorClose(rectified, [1, 0]);
  const { s: state } = compiled.readState();
  expectTensorClose(state, [2, -1]);
  for (const tensor of [plain, rectified, state]) assert.equal(tensor.dtype, 'float32');
  tf.dispose([x, plain, rectified, state, kernel]);
  compiled.dispose();
});

test('a function that cannot be replayed is refused, and nothing leaks', async () => {
  const fresh = tf.tensor1d([1, 2]); // still with tfjs, not yet with TensorFlow
  const uploaded = tf.add(tf.scalar(1), tf.tensor1d([1, 2]));
  const reads: [name: string, read: (x: tf.Tensor) => unknown][] = [
    ['dataSync', (x) => x.dataSync()],
    ['arraySync', (x) => x.arraySync()],
    ['computed', (x) => tf.square(x).dataSync()],
  ];
  await expectNoLeak(() => {
    for (const [name, read] of reads) {
      const program = ({ x }: { x: tf.Tensor }) => {
        read(x);
        return { outputs: { x } };
      };
      assert.throws(() => compile(program, { inputs: { x: [2] } }), /must not read the values/, name);
    }
    for (const tensor of [fresh, uploaded]) {
      assert.throws(
        () =>
          compile(({ x }: { x: tf.Tensor }) => ({ outputs: { y: tf.add(x, tensor) } }), {
            inputs: { x: [2] },
          }),
        /neither input, state nor constant: declare it/,
      );
      assert.throws(
        () => compile(() => ({ outputs: { tensor } }), { inputs: { x: [2] } }),
        /did not compute/,
      );
    }
    assert.throws(() => {
      compile(
        () => {
          throw new Error('own');
        },
        { inputs: { x: [2] } },
      );
    }, /own/);
  });
  // The backend is as before: values can be read again.
  expectTensorClose(fresh, [1, 2]);
  tf.dispose([fresh, uploaded]);
});

test('constants are copied into the graph: later changes and disposal have no effect', () => {
  const weight = tf.variable(tf.tensor1d([2, 3]));
  const whole = tf.tensor1d([0, 1], 'int32');
  const flags = tf.tensor1d([true, false], 'bool');
  const compiled = compile(
    ({ x }: { x: tf.Tensor }) => ({
      outputs: {
        product: tf.add(tf.mul(x, weight), tf.mul(whole, 5)),
        chosen: tf.where(flags, x, tf.neg(x)),
      },
    }),
    { inputs: { x: [2] }, constants: [weight, whole, flags] },
  );
  weight.assign(tf.tensor1d([100, 100]));
  tf.dispose([weight, whole, flags]);
  const x = tf.tensor1d([10, 10]);
  const { product, chosen } = compiled.run({ x });
  expectTensorClose(product, [20, 35]);
  expectTensorClose(chosen, [10, -10]);
  tf.dispose([x, product, chosen]);
  compiled.dispose();
});

test('outputs are always float32, also of integers and booleans', () => {
  const compiled = compile(
    ({ x }: { x: tf.Tensor }) => ({
      outputs: { largest: tf.argMax(x), above: tf.greater(x, 1), whole: tf.cast(x, 'int32') },
    }),
    { inputs: { x: [3] } },
  );
  const x = tf.tensor1d([0, 5, 2]);
  const outputs = compiled.run({ x });
  for (const output of Object.values(outputs)) assert.equal(output.dtype, 'float32');
  expectTensorClose(outputs.largest, [1]);
  expectTensorClose(outputs.above, [0, 1, 1]);
  expectTensorClose(outputs.whole, [0, 5, 2]);
  tf.dispose([x, outputs]);
  compiled.dispose();
});

test('inputs and outputs may be the same tensor, or come twice', () => {
  const compiled = compile(
    ({ x, y }: { x: tf.Tensor; y: tf.Tensor }) => ({ outputs: { once: x, again: x, sum: tf.add(x, y) } }),
    { inputs: { x: [2], y: [2] } },
  );
  const x = tf.tensor1d([1, 2]);
  const outputs = compiled.run({ x, y: x });
  expectTensorClose(outputs.once, [1, 2]);
  expectTensorClose(outputs.again, [1, 2]);
  expectTensorClose(outputs.sum, [2, 4]);
  tf.dispose([x, outputs]);
  compiled.dispose();
});

test('two hundred calls, from compile to dispose, leak nothing', async () => {
  const { state, target, program } = smallNet();
  const binding = nativeBackend().binding;
  const models = binding.getNumOfSavedModels();
  await expectNoLeak(async () => {
    const compiled = compile(program, { inputs: shapes, state, constants: [target] });
    assert.equal(binding.getNumOfSavedModels(), models + 1);
    await expectNoLeak(() => {
      for (let call = 0; call < 200; call++) tf.dispose(compiled.run({ image, rate }));
      tf.dispose(compiled.readState());
      compiled.writeState(state);
    });
    compiled.dispose();
    const interpreted = interpret(program, { inputs: shapes, state });
    tf.dispose(interpreted.run({ image, rate })); // its first state shares the data of ours
    await expectNoLeak(() => {
      for (let call = 0; call < 5; call++) tf.dispose(interpreted.run({ image, rate }));
    });
    interpreted.dispose();
  });
  assert.equal(binding.getNumOfSavedModels(), models);
  tf.dispose([state, target]);
});

test('no temporary folder remains', async () => {
  const own = (await readdir(tmpdir())).filter((name) => name.startsWith(`fast-style-graph-${process.pid}-`));
  assert.deepEqual(own, []);
});
