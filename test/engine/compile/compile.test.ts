import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import test from 'node:test';
import { compile, interpret, type Program } from '../../../src/engine/compile/compile.ts';
import { nativeBackend } from '../../../src/engine/native-backend.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { withoutBfloat16 } from '../../helpers/bfloat16.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose, relativeDistance } from '../../helpers/tensor-close.ts';
import { size, smallNet } from './small-net.ts';

const image = tf.randomUniform(size, -1, 1, 'float32', 4);
const rate = tf.scalar(0.2);

test('in f32 ten training steps agree with the same function run op by op', () => {
  const { state, target, program } = smallNet();
  const options = { inputs: [size, []], state, constants: [target] };
  const [fast, slow] = [compile(program, options), interpret(program, options)];
  let first = 0;
  for (let step = 0; step < 10; step++) {
    const [got, wanted] = [fast.run(image, rate), slow.run(image, rate)];
    got.forEach((tensor, i) => {
      assert.equal(tensor.dtype, 'float32');
      assert.deepEqual(tensor.shape, wanted[i]!.shape);
      assert.ok(relativeDistance(tensor, wanted[i]!) < 1e-4, `output ${i} of step ${step}`);
    });
    if (step === 0) first = got[0]!.dataSync()[0]!;
    else if (step === 9) assert.ok(got[0]!.dataSync()[0]! < first * 0.9, 'the loss falls');
    tf.dispose([got, wanted]);
  }
  const [got, wanted] = [fast.readState(), slow.readState()];
  got.forEach((tensor, i) => {
    assert.ok(relativeDistance(tensor, wanted[i]!) < 1e-4, `state ${i}`);
  });
  tf.dispose([got, wanted, state, target]);
  fast.dispose();
  slow.dispose();
});

test('in bf16 outputs and gradients stay within 4 %, and are float32', { skip: withoutBfloat16 }, () => {
  const { state, target, program } = smallNet();
  const options = { inputs: [size, []], state, constants: [target] };
  const [half, full] = [compile(program, { ...options, precision: 'bf16' }), compile(program, options)];
  const [got, wanted] = [half.run(image, rate), full.run(image, rate)];
  const distances = got.map((tensor, i) => relativeDistance(tensor, wanted[i]!));
  assert.ok(
    distances.every((d) => d < 0.04),
    `distances ${distances}`,
  );
  assert.ok(
    distances.some((d) => d > 1e-5),
    'it really is another arithmetic',
  );
  for (const tensor of [...got, ...half.readState()]) {
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
    ([x], [s]) => {
      const half = tf.conv2d(x as tf.Tensor4D, kernel, 1, 'same');
      return { outputs: [half, tf.relu(half)], nextState: [tf.add(s!, half)] };
    },
    { inputs: [[1, 1, 2, 1]], state: [tf.ones([1, 1, 2, 1])], constants: [kernel], precision: 'bf16' },
  );
  const x = tf.tensor4d([1, -2], [1, 1, 2, 1]);
  const [plain, rectified] = compiled.run(x) as [tf.Tensor, tf.Tensor];
  expectTensorClose(plain, [1, -2]);
  expectTensorClose(rectified, [1, 0]);
  const [state] = compiled.readState() as [tf.Tensor];
  expectTensorClose(state, [2, -1]);
  for (const tensor of [plain, rectified, state]) assert.equal(tensor.dtype, 'float32');
  tf.dispose([x, plain, rectified, state, kernel]);
  compiled.dispose();
});

test('a function that cannot be replayed is refused, and nothing stays behind', async () => {
  const fresh = tf.tensor1d([1, 2]); // still with tfjs, not yet with TensorFlow
  const uploaded = tf.add(tf.scalar(1), tf.tensor1d([1, 2]));
  const reads: [name: string, read: (x: tf.Tensor) => unknown][] = [
    ['dataSync', (x) => x.dataSync()],
    ['arraySync', (x) => x.arraySync()],
    ['computed', (x) => tf.square(x).dataSync()],
  ];
  await expectNoLeak(() => {
    for (const [name, read] of reads) {
      const program: Program = ([x]) => {
        read(x!);
        return { outputs: [x!] };
      };
      assert.throws(() => compile(program, { inputs: [[2]] }), /must not read the values/, name);
    }
    for (const tensor of [fresh, uploaded]) {
      assert.throws(
        () => compile(([x]) => ({ outputs: [tf.add(x!, tensor)] }), { inputs: [[2]] }),
        /neither input, state nor constant: declare it/,
      );
      assert.throws(() => compile(() => ({ outputs: [tensor] }), { inputs: [[2]] }), /did not compute/);
    }
    assert.throws(() => {
      compile(
        () => {
          throw new Error('own');
        },
        { inputs: [[2]] },
      );
    }, /own/);
  });
  // The backend is as before: values can be read again.
  expectTensorClose(fresh, [1, 2]);
  tf.dispose([fresh, uploaded]);
});

test('constants are copied into the graph: changed or gone, they go on counting', () => {
  const weight = tf.variable(tf.tensor1d([2, 3]));
  const whole = tf.tensor1d([0, 1], 'int32');
  const flags = tf.tensor1d([true, false], 'bool');
  const compiled = compile(
    ([x]) => ({ outputs: [tf.add(tf.mul(x!, weight), tf.mul(whole, 5)), tf.where(flags, x!, tf.neg(x!))] }),
    { inputs: [[2]], constants: [weight, whole, flags] },
  );
  weight.assign(tf.tensor1d([100, 100]));
  tf.dispose([weight, whole, flags]);
  const x = tf.tensor1d([10, 10]);
  const [product, chosen] = compiled.run(x) as [tf.Tensor, tf.Tensor];
  expectTensorClose(product, [20, 35]);
  expectTensorClose(chosen, [10, -10]);
  tf.dispose([x, product, chosen]);
  compiled.dispose();
});

test('outputs are always float32, also where the function computes whole numbers or truths', () => {
  const compiled = compile(([x]) => ({ outputs: [tf.argMax(x!), tf.greater(x!, 1), tf.cast(x!, 'int32')] }), {
    inputs: [[3]],
  });
  const x = tf.tensor1d([0, 5, 2]);
  const outputs = compiled.run(x);
  for (const output of outputs) assert.equal(output.dtype, 'float32');
  expectTensorClose(outputs[0]!, [1]);
  expectTensorClose(outputs[1]!, [0, 1, 1]);
  expectTensorClose(outputs[2]!, [0, 5, 2]);
  tf.dispose([x, outputs]);
  compiled.dispose();
});

test('inputs and outputs may be the same tensor, or come twice', () => {
  const compiled = compile(([x, y]) => ({ outputs: [x!, x!, tf.add(x!, y!)] }), { inputs: [[2], [2]] });
  const x = tf.tensor1d([1, 2]);
  const outputs = compiled.run(x, x);
  expectTensorClose(outputs[0]!, [1, 2]);
  expectTensorClose(outputs[1]!, [1, 2]);
  expectTensorClose(outputs[2]!, [2, 4]);
  tf.dispose([x, outputs]);
  compiled.dispose();
});

test('two hundred calls and a life from compile to dispose leave nothing behind', async () => {
  const { state, target, program } = smallNet();
  const binding = nativeBackend().binding;
  const models = binding.getNumOfSavedModels();
  await expectNoLeak(async () => {
    const compiled = compile(program, { inputs: [size, []], state, constants: [target] });
    assert.equal(binding.getNumOfSavedModels(), models + 1);
    await expectNoLeak(() => {
      for (let call = 0; call < 200; call++) tf.dispose(compiled.run(image, rate));
      tf.dispose(compiled.readState());
      compiled.writeState(state);
    });
    compiled.dispose();
    const interpreted = interpret(program, { inputs: [size, []], state });
    tf.dispose(interpreted.run(image, rate)); // its first state shares the data of ours
    await expectNoLeak(() => {
      for (let call = 0; call < 5; call++) tf.dispose(interpreted.run(image, rate));
    });
    interpreted.dispose();
  });
  assert.equal(binding.getNumOfSavedModels(), models);
  tf.dispose([state, target]);
});

test('no temporary folder is left behind', async () => {
  const own = (await readdir(tmpdir())).filter((name) => name.startsWith(`fast-style-graph-${process.pid}-`));
  assert.deepEqual(own, []);
});
