/**
 * Assigns variables again and again, in the ways the program does: `node --import tsx assign-process.ts`. A process of its own, as it
 * is watched by a preloaded library, and as the fault that it looks for ends a process.
 */
import assert from 'node:assert/strict';
import { compile, numbered, shapesOf } from '../../../src/engine/compile/compile.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { changingPainter } from '../../../src/video/frame-painter.ts';
import { tinyCheckpoint, tinyParameters } from '../../helpers/tiny-checkpoint.ts';

const TIMES = 20;
/** TensorFlow borrows only arrays that happen to lie where it can use them, so there are many. */
const COUNT = 64;

const tensorsOf = (value: number): Tensors =>
  numbered(Array.from({ length: COUNT }, () => tf.tensor1d(new Float32Array(COUNT).fill(value))));
type Tensors = Readonly<Record<string, tf.Tensor>>;

function expectState(read: () => Tensors, value: number): void {
  tf.tidy(() => {
    for (const tensor of Object.values(read())) assert.ok(tensor.dataSync().every((one) => one === value));
  });
}

/** State that is written from outside: weights that are loaded, a run that is resumed. */
function writeState(): void {
  const state = tensorsOf(0);
  const compiled = compile((_, all: Tensors) => ({ outputs: {}, nextState: all }), { inputs: {}, state });
  for (let i = 1; i <= TIMES; i++) tf.tidy(() => compiled.writeState(tensorsOf(i)));
  expectState(compiled.readState, TIMES);
  compiled.dispose();
  tf.dispose(state);
}

/** A function whose next state is its inputs, some as they are and some in another form of the same memory. */
function assignInputs(): void {
  const state = tensorsOf(0);
  const inputs = shapesOf(state);
  const handOn = (tensor: tf.Tensor, i: number) =>
    i % 2 === 0 ? tensor : tf.reshape(tf.reshape(tensor, [8, 8]), [COUNT]);
  const compiled = compile(
    (given: Tensors, _: Tensors) => ({ outputs: {}, nextState: numbered(Object.values(given).map(handOn)) }),
    { inputs, state },
  );
  for (let i = 1; i <= TIMES; i++) tf.tidy(() => compiled.run(tensorsOf(i)));
  expectState(compiled.readState, TIMES);
  compiled.dispose();
  tf.dispose(state);
}

/** A film whose style changes from frame to frame. */
function paintChangingStyle(): void {
  const first = tinyCheckpoint();
  const second = { ...first, parameters: tinyParameters(first.architecture, 2) };
  const keys = [
    { style: 'first', seconds: 0 },
    { style: 'second', seconds: TIMES },
  ];
  const blend = { keys, checkpoints: [first, second], label: 'first-second' };
  const { painter, clock } = changingPainter(blend, 1, undefined, {});
  const frame = { width: 32, height: 32, pixels: new Uint8Array(32 * 32 * 3).fill(128) };
  for (let seconds = 0; seconds <= TIMES; seconds++) {
    clock.setTime(seconds);
    painter.stylize(frame);
  }
  painter.dispose();
}

writeState();
assignInputs();
paintChangingStyle();
