import assert from 'node:assert/strict';
import test from 'node:test';
import {
  type CompiledFunction,
  compile,
  interpret,
  type Program,
} from '../../../src/engine/compile/compile.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

/** Hides a function from tidy, which looks for tensors in what it is given back. */
const held = (compiled: CompiledFunction): CompiledFunction & tf.TensorContainer =>
  compiled as unknown as CompiledFunction & tf.TensorContainer;

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
