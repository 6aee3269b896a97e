import assert from 'node:assert/strict';
import test from 'node:test';
import {
  compile,
  type NoTensors,
  type Program,
  type TensorRecord,
} from '../../../src/engine/compile/compile.ts';
import {
  type CompiledFunctions,
  compileTogether,
  type FunctionsOf,
  interpretTogether,
} from '../../../src/engine/compile/compile-together.ts';
import type { GraphNode } from '../../../src/engine/compile/graph.ts';
import { recordTogether } from '../../../src/engine/compile/record.ts';
import { encodedPieces } from '../../../src/engine/compile/saved-model.ts';
import { nativeBackend } from '../../../src/engine/native-backend.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { withoutBfloat16 } from '../../helpers/bfloat16.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

const BATCH = 8;
const MICRO = 2;
const shape = (count: number): [number, number, number, number] => [count, 6, 6, 3];
const kernel = tf.randomNormal([3, 3, 3, 4], 0, 0.4, 'float32', 1);
const photos = tf.randomUniform(shape(BATCH), -1, 1, 'float32', 2) as tf.Tensor4D;
const target = tf.randomUniform([1, 6, 6, 4], -1, 1, 'float32', 3);
const rate = tf.scalar(0.3);

const double = ({ x }: TensorRecord) => ({ outputs: { y: tf.mul(x as tf.Tensor, 2) } });

/** Mean squared error of a convolution over the pictures, and its gradient. */
function lossAndGradient(x: tf.Tensor, weights: tf.Tensor): { value: tf.Tensor; gradient: tf.Tensor } {
  const { value, grads } = tf.valueAndGrads((w: tf.Tensor) =>
    tf.mean(tf.squaredDifference(tf.tanh(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same')), target)),
  )([weights]);
  return { value, gradient: grads[0]! };
}

/** Weights, sum of gradients, number of them. */
type State = { readonly weights: tf.Tensor; readonly sum: tf.Tensor; readonly count: tf.Tensor };
type Photos = { readonly x: tf.Tensor };
type Rate = { readonly rate: tf.Tensor };
type Loss = { readonly loss: tf.Tensor };
type Functions = {
  readonly accumulate: { readonly inputs: Photos; readonly outputs: Loss };
  readonly apply: { readonly inputs: Rate; readonly outputs: NoTensors };
  readonly evaluate: { readonly inputs: Photos; readonly outputs: Loss };
};
const state = (): State => ({ weights: kernel, sum: tf.zerosLike(kernel), count: tf.scalar(0) });
const sums = ({ sum, count }: State) => [sum, count];
const functions: FunctionsOf<Functions, State> = {
  accumulate: {
    program({ x }, { weights, sum, count }) {
      const { value: loss, gradient } = lossAndGradient(x, weights);
      return {
        outputs: { loss },
        nextState: { weights, sum: tf.add(sum, gradient), count: tf.add(count, 1) },
      };
    },
    inputs: { x: shape(MICRO) },
  },
  apply: {
    program: ({ rate }, { weights, sum, count }) => ({
      outputs: {},
      nextState: {
        weights: tf.sub(weights, tf.mul(rate, tf.div(sum, count))),
        sum: tf.zerosLike(sum),
        count: tf.zerosLike(count),
      },
    }),
    inputs: { rate: [] },
  },
  evaluate: {
    program: ({ x }, { weights }) => ({ outputs: { loss: lossAndGradient(x, weights).value } }),
    inputs: { x: [null, 6, 6, 3] },
    exampleSide: 2,
  },
};
const large: Program<Photos & Rate, Loss, Pick<State, 'weights'>> = ({ x, rate }, { weights }) => {
  const { value: loss, gradient } = lossAndGradient(x, weights);
  return { outputs: { loss }, nextState: { weights: tf.sub(weights, tf.mul(rate, gradient)) } };
};

for (const build of [compileTogether, interpretTogether]) {
  test(`${build.name}: gradients of four micro-batches, applied once, are those of one large batch`, () => {
    const first = state();
    const parts = build<Functions, State>(functions, { state: first, constants: [target] });
    const whole = compile(large, {
      inputs: { x: shape(BATCH), rate: [] },
      state: { weights: kernel },
      constants: [target],
    });
    for (let step = 0; step < 3; step++) {
      let loss = 0;
      for (let i = 0; i < BATCH; i += MICRO) {
        const micro = tf.slice(photos, [i, 0, 0, 0], shape(MICRO));
        const found = parts.run.accumulate({ x: micro });
        loss += (found.loss.dataSync()[0]! * MICRO) / BATCH;
        tf.dispose([micro, found]);
      }
      assert.deepEqual(parts.run.apply({ rate }), {});
      const wanted = whole.run({ x: photos, rate });
      expectTensorClose([loss], wanted.loss, { what: `loss of step ${step}` });
      tf.dispose(wanted);
    }
    const [got, wanted] = [parts.readState(), whole.readState()];
    expectTensorClose(got.weights, wanted.weights, { absolute: 1e-5, relative: 0, what: 'weights' });
    expectTensorClose(got.sum, tf.zerosLike(kernel), { absolute: 0, what: 'the sum starts anew' });
    assert.notDeepEqual(got.weights.dataSync(), kernel.dataSync(), 'the weights have moved');
    tf.dispose([sums(first), got, wanted]);
    parts.dispose();
    whole.dispose();
  });

  test(`${build.name}: an evaluation sees the state and leaves it bit for bit`, () => {
    const first = state();
    const parts = build<Functions, State>(functions, { state: first, constants: [target] });
    const micro = tf.slice(photos, [0, 0, 0, 0], shape(MICRO));
    const loss = (x: tf.Tensor) => tf.tidy(() => parts.run.evaluate({ x }).loss.dataSync()[0]!);
    const before = loss(photos);
    tf.dispose(parts.run.accumulate({ x: micro }));
    assert.equal(loss(photos), before, 'accumulating does not move the weights');
    const held = parts.readState();
    for (const x of [photos, micro]) loss(x);
    const after = parts.readState();
    for (const name of ['weights', 'sum', 'count'] as const)
      assert.deepEqual(after[name].dataSync(), held[name].dataSync(), name);
    parts.run.apply({ rate });
    assert.ok(loss(micro) < before, 'a step of its own is seen');
    tf.dispose([sums(first), micro, held, after]);
    parts.dispose();
  });

  test(`${build.name}: what does not fit is refused with the function's name`, () => {
    const first = state();
    const parts = build<Functions, State>(functions, { state: first, constants: [target] });
    assert.throws(
      () => parts.run.accumulate({ x: photos }),
      /^RangeError: accumulate: Expected input x of shape \[2,6,6,3\] but received \[8,6,6,3\]/,
    );
    assert.throws(() => parts.run.apply({} as Rate), /apply: Expected input rate but received none/);
    parts.dispose();
    parts.dispose();
    for (const run of [
      () => parts.run.apply({ rate }),
      () => parts.run.evaluate({ x: photos }),
      parts.readState,
    ])
      assert.throws(run, /disposed of/);
    assert.throws(() => {
      const nothing = () => ({ outputs: {}, nextState: {} as State });
      const short = build<Functions, State>(
        { ...functions, apply: { program: nothing, inputs: { rate: [] } } },
        { state: first, constants: [target] },
      );
      short.run.apply({ rate });
    }, /Expected next state weights but received none/);
    tf.dispose(sums(first));
  });
}

test('in bf16 the functions agree with f32 and still share their state', { skip: withoutBfloat16 }, () => {
  const first = state();
  const [half, full] = (['bf16', 'f32'] as const).map((precision) =>
    compileTogether<Functions, State>(functions, { state: first, constants: [target], precision }),
  ) as [CompiledFunctions<Functions, State>, CompiledFunctions<Functions, State>];
  const micro = tf.slice(photos, [0, 0, 0, 0], shape(MICRO));
  const losses = [half, full].map(({ run }) =>
    tf.tidy(() => {
      run.accumulate({ x: micro });
      run.apply({ rate });
      return run.evaluate({ x: photos }).loss.dataSync()[0]!;
    }),
  ) as [number, number];
  assert.ok(Math.abs(losses[0] / losses[1] - 1) < 0.02, `${losses}`);
  assert.notEqual(losses[0], losses[1], 'it really is another arithmetic');
  tf.dispose([sums(first), micro]);
  half.dispose();
  full.dispose();
});

test('two hundred calls of each function, from compile to dispose, leak nothing', async () => {
  const { binding } = nativeBackend();
  const models = binding.getNumOfSavedModels();
  const first = state();
  const micro = tf.slice(photos, [0, 0, 0, 0], shape(MICRO));
  await expectNoLeak(async () => {
    const parts = compileTogether<Functions, State>(functions, { state: first, constants: [target] });
    assert.equal(binding.getNumOfSavedModels(), models + 1, 'one session for all');
    await expectNoLeak(() => {
      for (let call = 0; call < 200; call++) {
        tf.dispose(parts.run.accumulate({ x: micro }));
        parts.run.apply({ rate });
        tf.dispose(parts.run.evaluate({ x: photos }));
      }
      tf.dispose(parts.readState());
      parts.writeState(first);
    });
    parts.dispose();
    assert.throws(
      () => compileTogether({ 'a,b': { program: double, inputs: { x: [2] } } }),
      /plain name for a function but received a,b/,
    );
    assert.throws(
      () =>
        compileTogether({
          twice: { program: double, inputs: { x: [2] } },
          stray: { program: () => ({ outputs: { micro } }), inputs: {} },
        }),
      /answers a tensor that it did not compute/,
    );
  });
  assert.equal(binding.getNumOfSavedModels(), models);
  tf.dispose([sums(first), micro]);
});

test('a constant that several functions use is read once, written once and never copied', () => {
  const weights = tf.randomNormal([64, 64], 0, 1, 'float32', 1);
  const example = tf.zeros([64, 64]);
  const backend = nativeBackend();
  const native = backend.binding;
  const read: ArrayBufferLike[] = [];
  const tensorDataSync = (handle: number) => {
    const values = native.tensorDataSync(handle);
    read.push(values.buffer);
    return values;
  };
  backend.binding = Object.create(native, { tensorDataSync: { value: tensorDataSync } });
  try {
    const product = {
      program: ([x]: readonly tf.Tensor[]) => ({ outputs: [tf.matMul(x!, weights)] }),
      inputs: [example],
    };
    const graph = recordTogether({ one: product, other: product }, { state: [], constants: [weights] });
    const contents = ({ attr }: GraphNode) => attr.value?.tensor?.tensor_content;
    const large = graph.nodes.map(contents).filter((bytes) => (bytes?.length ?? 0) > 10_000);
    assert.equal(large.length, 1);
    assert.equal(read.length, 1);
    assert.equal(large[0]!.buffer, read[0], "the graph holds the binding's own array");
    const pieces = encodedPieces(graph).filter(({ length }) => length > 10_000);
    assert.ok(pieces.includes(large[0]!), 'and so does what is written to the file');
  } finally {
    backend.binding = native;
    tf.dispose([weights, example]);
  }
});
