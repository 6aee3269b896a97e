/** What ops answer is said without running them: each rule beside TensorFlow itself, and what a recording makes of it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { compile } from '../../../src/engine/compile/compile.ts';
import { type OpInput, outputsOf, RULES } from '../../../src/engine/compile/op-shapes.ts';
import { record } from '../../../src/engine/compile/record.ts';
import { DataType } from '../../../src/engine/data-type.ts';
import {
  type Binding,
  bindingWith,
  nativeBackend,
  type OpAttribute,
  typeAttribute,
} from '../../../src/engine/native-backend.ts';
import { biasAdd } from '../../../src/engine/ops/bias-add.ts';
import { packBytes } from '../../../src/engine/ops/bytes.ts';
import { packHalves, unpackHalves } from '../../../src/engine/ops/half-floats.ts';
import { instanceNormalization } from '../../../src/engine/ops/instance-normalization.ts';
import { relu } from '../../../src/engine/ops/relu.ts';
import { takeChosen } from '../../../src/engine/ops/take-chosen.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';

const backend = nativeBackend();

/** Runs `call` with a binding in which some functions are others. */
function withBinding(others: Partial<Binding>, call: () => void): void {
  const native = backend.binding;
  backend.binding = bindingWith(native, others);
  try {
    call();
  } finally {
    backend.binding = native;
  }
}

const filled = (...shape: readonly number[]) =>
  tf.fill([...shape] as [number], 0.5) as tf.Tensor as tf.Tensor4D;
const run = (op: string, attributes: OpAttribute[], inputs: tf.Tensor[]) =>
  backend.executeSingleOutput(op, [typeAttribute('T', DataType.FLOAT), ...attributes], inputs);
const whole = (name: string, value: number): OpAttribute => ({
  name,
  type: backend.binding.TF_ATTR_INT,
  value,
});
const sliced = (sides: readonly number[], places: readonly (readonly number[])[], masks: readonly number[]) =>
  run(
    'StridedSlice',
    [
      typeAttribute('Index', DataType.INT32),
      ...['begin_mask', 'end_mask', 'shrink_axis_mask'].map((name, i) => whole(name, masks[i]!)),
    ],
    [filled(...sides), ...places.map((each) => tf.tensor1d([...each], 'int32'))],
  );
/** The gradient of a function's sum. */
const gradient = (f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor) => tf.grad((at) => tf.sum(f(at)))(x);

/** Between them these run every op that there is a rule for, in each of its forms that the engine uses. */
const CALLS: readonly (() => unknown)[] = [
  () => tf.conv2d(filled(2, 9, 7, 3), filled(3, 2, 3, 5), [2, 1], 'valid'),
  () => tf.conv2d(filled(1, 9, 8, 3), filled(3, 3, 3, 4), 2, 'same'),
  () => tf.conv2d(filled(1, 9, 8, 3), filled(3, 3, 3, 4), 1, 'same', 'NHWC', 2),
  () => tf.conv2d(filled(1, 9, 8, 3), filled(3, 3, 3, 4), 2, [[0, 0], [2, 1], [1, 0], [0, 0]]), // biome-ignore format: a line
  () => gradient((x) => tf.conv2d(x as tf.Tensor4D, filled(3, 3, 3, 4), 1, 'same'), filled(1, 6, 5, 3)),
  () => gradient((k) => tf.conv2d(filled(1, 6, 5, 3), k as tf.Tensor4D, 2, 'valid'), filled(3, 3, 3, 4)),
  () => gradient((x) => tf.avgPool(x as tf.Tensor4D, 2, 2, 'valid'), filled(1, 7, 6, 3)),
  () => gradient((x) => tf.maxPool(x as tf.Tensor4D, 3, 2, 'same'), filled(1, 7, 6, 3)),
  () => gradient((x) => relu(biasAdd(x as tf.Tensor4D, tf.ones([3]))), filled(1, 4, 5, 3)),
  () => gradient((b) => biasAdd(filled(1, 4, 5, 3), b as tf.Tensor1D), tf.ones([3])),
  () =>
    gradient((x) => instanceNormalization(x as tf.Tensor4D, tf.ones([3]), tf.zeros([3])), filled(1, 4, 5, 3)),
  () => gradient((x) => tf.tanh(tf.sqrt(tf.abs(x))), filled(3, 2)),
  () => tf.pow(tf.exp(tf.log(tf.neg(tf.square(filled(3, 2))))), 2),
  () => tf.addN([filled(2, 3), filled(2, 3)]),
  () => tf.add(filled(4, 1, 3), filled(5, 1)),
  () => tf.sub(tf.mul(filled(2, 3), 2), tf.div(filled(3), filled(2, 1))),
  () => tf.minimum(filled(2, 3), tf.maximum(filled(1, 3), 1)),
  () => tf.squaredDifference(filled(1), filled(2, 3)),
  () => [tf.sum(filled(2, 3, 4), [0, -1]), tf.mean(filled(2, 3, 4), 1, true), tf.max(filled(2, 3), 0)],
  () => [tf.min(filled(2, 3), 1), tf.sum(filled(2, 3))],
  () => tf.matMul(filled(2, 1, 3, 4), filled(5, 4, 6)),
  () => tf.matMul(filled(3, 4), filled(5, 4), false, true),
  () => tf.matMul(filled(4, 3), filled(4, 5), true),
  () => tf.cast(filled(2, 3), 'int32'),
  () => tf.concat([filled(2, 3), filled(2, 1)], 1),
  () => run('DepthToSpace', [whole('block_size', 2)], [filled(1, 3, 2, 8)]),
  () => run('SpaceToDepth', [whole('block_size', 2)], [filled(1, 4, 6, 2)]),
  () => tf.tile(filled(2, 3), [3, 1]),
  () => tf.reshape(filled(2, 6), [3, -1]),
  () => tf.transpose(filled(2, 3, 4), [2, 0, 1]),
  () => tf.slice(filled(4, 5), [1, 2], [2, -1]),
  () => tf.split(filled(2, 5), [2, 3], 1),
  () => tf.reverse(filled(2, 3), 1),
  () => tf.pad(filled(2, 3), [[1, 0], [2, 2]]), // biome-ignore format: a line
  () => tf.mirrorPad(filled(3, 3), [[1, 1], [2, 0]], 'reflect'), // biome-ignore format: a line
  () => sliced([9, 8, 7], [[1, -1, 2], [8, 0, 3], [3, -2, 1]], [0, 0, 4]), // biome-ignore format: a line
  () => sliced([9, 8], [[4, 4], [5, 5], [2, -1]], [3, 3, 0]), // biome-ignore format: a line
  () => sliced([9, 8], [[20, -30], [30, 30], [1, 1]], [0, 0, 0]), // biome-ignore format: a line
  () => tf.image.resizeBilinear(filled(1, 4, 5, 3), [7, 9]),
  () => tf.image.resizeNearestNeighbor(filled(1, 4, 5, 3), [7, 9]),
  () => tf.zerosLike(tf.add(filled(2, 3), 1)),
  () => backend.executeSingleOutput('DeepCopy', [], [filled(2, 3)]),
  () => unpackHalves(packHalves(filled(1, 2, 3, 4))),
  () => packBytes(filled(1, 3, 3, 3)),
  () => takeChosen(filled(3, 4, 5), tf.tensor2d([[0, 0, 1], [1, 0, 0]])), // biome-ignore format: a line
];

test('each rule says what TensorFlow answers', () => {
  const native = backend.binding;
  const seen = new Set<string>();
  const shapes = new Map<number, OpInput>();
  const inputOf = (handle: number): OpInput => shapes.get(handle)!;
  tf.tidy(() => {
    const { createTensor, executeOp } = native;
    withBinding(
      {
        createTensor(shape, dtype, values) {
          const handle = createTensor.call(native, shape, dtype, values);
          shapes.set(handle, { shape, dtype, values: () => [...values] });
          return handle;
        },
        executeOp(op, attributes, inputs, count) {
          const results = executeOp.call(native, op, attributes, inputs, count);
          for (const { id, shape, dtype } of results)
            shapes.set(id, { shape, dtype, values: () => [...native.tensorDataSync(id)] });
          const byName = Object.fromEntries(attributes.map(({ name, value }) => [name, value]));
          const said = outputsOf(op, inputs.map(inputOf), byName)?.slice(0, count);
          if (said !== undefined) {
            const answered = results.map(({ shape, dtype }) => ({ shape, dtype }));
            assert.deepEqual(said, answered, `${op} of ${JSON.stringify(inputs.map(inputOf))}`);
            seen.add(op);
          }
          return results;
        },
      },
      () => {
        for (const call of CALLS) call();
      },
    );
  });
  assert.deepEqual(
    Object.keys(RULES).filter((op) => !seen.has(op)),
    [],
    'rules that no call needs',
  );
});

test('what is recorded is not run: pictures larger than any memory', () => {
  let made = 0;
  const { createTensor } = backend.binding;
  const [image, kernel] = [tf.zeros([1, 64, 64, 3]), tf.zeros([3, 3, 3, 64])];
  // Copies of what is declared are there before.
  tf.dispose([tf.mul(image, 1), tf.mul(kernel, 1)]);
  withBinding(
    {
      createTensor(shape, dtype, values) {
        made += values.length;
        return createTensor.call(backend.binding, shape, dtype, values);
      },
    },
    () => {
      // 69 GB of feature maps.
      const { nodes } = record(
        ([x]) => {
          const large = tf.tile(x as tf.Tensor4D, [1, 256, 256, 1]);
          return { outputs: [tf.mean(tf.conv2d(large as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'same'))] };
        },
        { inputs: [image], state: [], constants: [kernel] },
      );
      assert.ok(nodes.some(({ op }) => op === 'Conv2D'));
    },
  );
  assert.ok(made < 10, `${made} numbers have gone to TensorFlow`);
  tf.dispose([image, kernel]);
});

test('an op without a rule is run on zeros, and sizes are worked out', async () => {
  await expectNoLeak(() => {
    const cumulated = compile(
      ({ x }: { x: tf.Tensor }) => {
        const attributes = [typeAttribute('Tidx', DataType.INT32)];
        return { outputs: { y: run('Cumsum', attributes, [tf.mul(x, 2), tf.scalar(1, 'int32')]) } };
      },
      { inputs: { x: [2, 3] } },
    );
    const x = tf.tensor2d([[1, 2, 3], [4, 5, 6]]); // biome-ignore format: a line
    const { y } = cumulated.run({ x });
    assert.deepEqual(y.arraySync(), [[2, 6, 12], [8, 18, 30]]); // biome-ignore format: a line
    tf.dispose([x, y]);
    cumulated.dispose();
  });
});

test('shapes that depend on values are refused', () => {
  const program = ({ x }: { x: tf.Tensor }) => {
    const shape = tf.cast(x, 'int32');
    const attributes = [typeAttribute('T', DataType.FLOAT), typeAttribute('Tshape', DataType.INT32)];
    return { outputs: { y: backend.executeSingleOutput('Reshape', attributes, [tf.ones([6]), shape]) } };
  };
  assert.throws(
    () => compile(program, { inputs: { x: [2] } }),
    /Reshape in a compiled function answers a shape that depends on the values of its inputs/,
  );
});
