import assert from 'node:assert/strict';
import test from 'node:test';
import { compile, interpret } from '../../../src/engine/compile/compile.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

/** Hides a function from tidy, which looks for tensors in what it is given back. */
const held = <Compiled extends object>(compiled: Compiled): Compiled & tf.TensorContainer =>
  compiled as unknown as Compiled & tf.TensorContainer;

type X = { readonly x: tf.Tensor };
type S = { readonly s: tf.Tensor };
type Pair = { readonly a: tf.Tensor; readonly b: tf.Tensor };

for (const build of [compile, interpret]) {
  test(`${build.name}: state tensors that share their data stay distinct`, () => {
    const ones = tf.ones([3]);
    const clone = ones.clone();
    const same = build(
      ({ x }: X, { a, b }: Pair) => ({
        outputs: { difference: tf.sub(a, b) },
        nextState: { a: tf.add(a, x), b: tf.mul(b, 3) },
      }),
      { inputs: { x: [3] }, state: { a: ones, b: clone } },
    );
    const x = tf.tensor1d([1, 2, 3]);
    tf.dispose(same.run({ x }));
    const { difference } = same.run({ x });
    expectTensorClose(difference, [2 - 3, 3 - 3, 4 - 3]);
    const state = same.readState();
    expectTensorClose(state.a, [3, 5, 7]);
    expectTensorClose(state.b, [9, 9, 9]);
    expectTensorClose(ones, [1, 1, 1]);
    tf.dispose([ones, clone, x, difference, state]);
    same.dispose();
  });

  test(`${build.name}: outputs see the state before the step, also when state changes places`, () => {
    const [a, b] = [tf.scalar(1), tf.scalar(2)];
    const swap = build((_, { a: p, b: q }: Pair) => ({ outputs: { p, q }, nextState: { b: p, a: q } }), {
      inputs: {},
      state: { a, b },
    });
    const values = () => {
      const outputs = swap.run({});
      const numbers = [outputs.p, outputs.q].map((t) => t.dataSync()[0]);
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
    const program = ({ x }: X, { s }: S) => ({ outputs: { sum: tf.sum(s) }, nextState: { s: tf.add(s, x) } });
    const options = { inputs: { x: [2, 2] }, state: { s: start } };
    const [one, other] = [build(program, options), build(program, options)];
    tf.dispose(one.run({ x: start }));
    const saved = one.readState();
    tf.dispose(one.run({ x: start }));
    one.writeState(saved);
    const back = one.readState();
    expectTensorClose(back.s, [2, 4, 6, 8], { absolute: 0, relative: 0 });
    const untouched = other.readState();
    expectTensorClose(untouched.s, start);
    // What was read is a copy: later steps leave it alone.
    tf.dispose(one.run({ x: start }));
    expectTensorClose(back.s, [2, 4, 6, 8]);
    tf.dispose([start, saved, back, untouched]);
    one.dispose();
    other.dispose();
  });

  test(`${build.name}: a tidy around everything takes no state away`, async () => {
    await expectNoLeak(() => {
      const [start, one] = [tf.zeros([2]), tf.ones([2])];
      const counter = tf.tidy(() =>
        held(
          build(({ x }: X, { s }: S) => ({ outputs: { s }, nextState: { s: tf.add(s, x) } }), {
            inputs: { x: [2] },
            state: { s: start },
          }),
        ),
      );
      tf.tidy(() => Object.keys(counter.run({ x: one })).length);
      tf.tidy(() => {
        counter.writeState({ s: tf.mul(one, 5) });
        counter.run({ x: one });
      });
      const { s: state } = counter.readState();
      expectTensorClose(state, [6, 6]);
      tf.dispose([start, one, state]);
      counter.dispose();
    });
  });

  test(`${build.name}: what does not fit is refused`, () => {
    const s = tf.zeros([2]);
    const wrong = [tf.zeros([3]), tf.zeros([2, 1])] as const;
    const fits = build(({ x }: X, { s }: S) => ({ outputs: { y: tf.add(x, s) }, nextState: { s } }), {
      inputs: { x: [2] },
      state: { s },
    });
    assert.throws(() => fits.run({ x: wrong[0] }), /Expected input x of shape \[2\] but received \[3\]/);
    assert.throws(() => fits.run({ x: wrong[1] }), /input x of shape/);
    assert.throws(() => fits.run({} as X), /Expected input x but received none/);
    const more = { x: s, z: s };
    assert.throws(() => fits.run(more), /Expected no input z but received it/);
    assert.throws(() => fits.writeState({ s: wrong[0] }), /Expected state s of shape/);
    assert.throws(() => fits.writeState({} as S), /Expected state s but received none/);
    fits.dispose();
    fits.dispose();
    assert.throws(() => fits.run({ x: s }), /disposed of/);
    assert.throws(() => fits.readState(), /disposed of/);
    assert.throws(() => fits.writeState({ s }), /disposed of/);
    assert.throws(() => {
      const narrow = build(({ x }: X, { s }: S) => ({ outputs: { x }, nextState: { s: tf.sum(s) } }), {
        inputs: { x: [2] },
        state: { s },
      });
      narrow.run({ x: s });
    }, /State s is of shape \[2\] but the next one of \[\]/);
    assert.throws(() => {
      const short = build(({ x }: X) => ({ outputs: { x } }), { inputs: { x: [2] }, state: { s } });
      short.run({ x: s });
    }, /Expected next state s but received none/);
    tf.dispose([s, ...wrong]);
  });
}
