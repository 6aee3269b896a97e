import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import test from 'node:test';
import {
  type CompiledFunction,
  compile,
  interpret,
  type Program,
} from '../../../src/engine/compile/compile.ts';
import { nativeBackend } from '../../../src/engine/native-backend.ts';
import { instanceNormalization } from '../../../src/engine/ops/instance-normalization.ts';
import { reflectPad } from '../../../src/engine/ops/pad-border.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose, relativeDistance } from '../../helpers/tensor-close.ts';

/** A small network with every kind of op that the real one has, and gradient descent on its squared error. */
const size: [number, number, number, number] = [1, 8, 8, 3];
function smallNet(): { state: tf.Tensor[]; target: tf.Tensor; program: Program } {
  const state = [
    tf.randomNormal([3, 3, 3, 8], 0, 0.3, 'float32', 1),
    tf.ones([8]),
    tf.zeros([8]),
    tf.randomNormal([3, 3, 8, 3], 0, 0.2, 'float32', 2),
  ];
  const target = tf.randomUniform(size, -1, 1, 'float32', 3);
  const net = (x: tf.Tensor, [first, scale, offset, last]: readonly tf.Tensor[]) => {
    const down = tf.conv2d(reflectPad(x as tf.Tensor4D, 1), first as tf.Tensor4D, 2, 'valid');
    const inner = tf.relu(instanceNormalization(down, scale as tf.Tensor1D, offset as tf.Tensor1D));
    const up = tf.image.resizeNearestNeighbor(tf.maxPool(inner, 1, 1, 'valid'), [8, 8]);
    return tf.tanh(tf.conv2d(reflectPad(up, 1), last as tf.Tensor4D, 1, 'valid'));
  };
  const program: Program = ([x, rate], weights) => {
    const { value, grads } = tf.valueAndGrads((...w: tf.Tensor[]) =>
      tf.mean(tf.squaredDifference(net(x!, w), target)),
    )([...weights]);
    return {
      outputs: [value, ...grads],
      nextState: weights.map((w, i) => tf.sub(w, tf.mul(rate!, grads[i]!))),
    };
  };
  return { state, target, program };
}
/** Hides a function from tidy, which looks for tensors in what it is given back. */
const held = (compiled: CompiledFunction): CompiledFunction & tf.TensorContainer =>
  compiled as unknown as CompiledFunction & tf.TensorContainer;

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

test('in bf16 outputs and gradients stay within 4 %, and are float32', () => {
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

test('an output or state computed in bf16 is given out as float32', () => {
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

for (const build of [compile, interpret]) {
  test(`${build.name}: state tensors that share their data stay distinct`, () => {
    const ones = tf.ones([3]);
    const clone = ones.clone();
    const same = build(
      ([x], [a, b]) => ({ outputs: [tf.sub(a!, b!)], nextState: [tf.add(a!, x!), tf.mul(b!, 3)] }),
      { inputs: [[3]], state: [ones, clone] },
    );
    const x = tf.tensor1d([1, 2, 3]);
    tf.dispose(same.run(x));
    const [difference] = same.run(x) as [tf.Tensor];
    expectTensorClose(difference, [2 - 3, 3 - 3, 4 - 3]);
    const state = same.readState();
    expectTensorClose(state[0]!, [3, 5, 7]);
    expectTensorClose(state[1]!, [9, 9, 9]);
    expectTensorClose(ones, [1, 1, 1]);
    tf.dispose([ones, clone, x, difference, state]);
    same.dispose();
  });

  test(`${build.name}: outputs see the state before the step, also when state changes places`, () => {
    const [a, b] = [tf.scalar(1), tf.scalar(2)];
    const swap = build((_, [p, q]) => ({ outputs: [p!, q!], nextState: [q!, p!] }), {
      inputs: [],
      state: [a, b],
    });
    const values = () => {
      const outputs = swap.run();
      const numbers = outputs.map((t) => t.dataSync()[0]);
      tf.dispose(outputs);
      return numbers;
    };
    assert.deepEqual(
      [values(), values(), values()],
      [
        [1, 2],
        [2, 1],
        [1, 2],
      ],
    );
    tf.dispose([a, b]);
    swap.dispose();
  });

  test(`${build.name}: state can be read and written back, and belongs to one function alone`, () => {
    const start = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const program: Program = ([x], [s]) => ({ outputs: [tf.sum(s!)], nextState: [tf.add(s!, x!)] });
    const options = { inputs: [[2, 2]], state: [start] };
    const [one, other] = [build(program, options), build(program, options)];
    tf.dispose(one.run(start));
    const saved = one.readState();
    tf.dispose(one.run(start));
    one.writeState(saved);
    const back = one.readState();
    expectTensorClose(back[0]!, [2, 4, 6, 8], { absolute: 0, relative: 0 });
    const untouched = other.readState();
    expectTensorClose(untouched[0]!, start);
    // What was read is a copy: later steps leave it alone.
    tf.dispose(one.run(start));
    expectTensorClose(back[0]!, [2, 4, 6, 8]);
    tf.dispose([start, saved, back, untouched]);
    one.dispose();
    other.dispose();
  });

  test(`${build.name}: a tidy around everything takes no state away`, async () => {
    await expectNoLeak(() => {
      const [start, one] = [tf.zeros([2]), tf.ones([2])];
      const counter = tf.tidy(() =>
        held(
          build(([x], [s]) => ({ outputs: [s!], nextState: [tf.add(s!, x!)] }), {
            inputs: [[2]],
            state: [start],
          }),
        ),
      );
      tf.tidy(() => counter.run(one).length);
      tf.tidy(() => {
        counter.writeState([tf.mul(one, 5)]);
        counter.run(one);
      });
      const [state] = counter.readState() as [tf.Tensor];
      expectTensorClose(state, [6, 6]);
      tf.dispose([start, one, state]);
      counter.dispose();
    });
  });

  test(`${build.name}: what does not fit is refused`, () => {
    const s = tf.zeros([2]);
    const wrong = [tf.zeros([3]), tf.zeros([2, 1])] as const;
    const fits = build(([x], [t]) => ({ outputs: [tf.add(x!, t!)], nextState: [t!] }), {
      inputs: [[2]],
      state: [s],
    });
    assert.throws(() => fits.run(wrong[0]), /Expected input 0 of shape \[2\] but received \[3\]/);
    assert.throws(() => fits.run(wrong[1]), /input 0 of shape/);
    assert.throws(() => fits.run(), /Expected 1 input tensors but received 0/);
    assert.throws(() => fits.run(s, s), /Expected 1 input tensors but received 2/);
    assert.throws(() => fits.writeState([wrong[0]]), /Expected state 0 of shape/);
    assert.throws(() => fits.writeState([]), /Expected 1 state tensors/);
    fits.dispose();
    fits.dispose();
    assert.throws(() => fits.run(s), /disposed of/);
    assert.throws(() => fits.readState(), /disposed of/);
    assert.throws(() => fits.writeState([s]), /disposed of/);
    assert.throws(() => {
      const narrow = build(([x], [t]) => ({ outputs: [x!], nextState: [tf.sum(t!)] }), {
        inputs: [[2]],
        state: [s],
      });
      narrow.run(s);
    }, /State 0 is of shape \[2\] but the next one of \[\]/);
    assert.throws(() => {
      const short = build(([x]) => ({ outputs: [x!] }), { inputs: [[2]], state: [s] });
      short.run(s);
    }, /has 1 state tensors but answers 0 next ones/);
    tf.dispose([s, ...wrong]);
  });
}

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
