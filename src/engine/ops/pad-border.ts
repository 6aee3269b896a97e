import { DataType } from '../data-type.ts';
import { nativeBackend, stringAttribute, typeAttribute } from '../native-backend.ts';
import * as tf from '../tensorflow.ts';

/**
 * Pads height and width by reflection without repeating the edge: [1, 2, 3] padded by 2 is [3, 2, 1, 2, 3, 2, 1].
 *
 * @param images [N, H, W, C], float32. @param padding pixels on each side, at most H − 1 and W − 1.
 * @returns [N, H + 2·padding, W + 2·padding, C]. Caller disposes.
 * @throws {RangeError} the padding reaches beyond the image.
 */
export function reflectPad(images: tf.Tensor4D, padding: number): tf.Tensor4D {
  return padBorder(images, padding, 'REFLECT');
}

export type Mode = 'REFLECT' | 'SYMMETRIC';

/** As `padBorder`, but only at the left and the right: for a band of rows that has its neighbours' rows. No gradient. */
export function padColumns(images: tf.Tensor4D, padding: number, mode: Mode): tf.Tensor4D {
  if (padding === 0) return images.clone();
  return withMirroredStrips(images, padding, mode, [WIDTH]) as tf.Tensor4D;
}

/** More rows and columns of zeros: `before` at the top and at the left, `after` at the bottom and at the right. Caller disposes. */
export function padZeros(images: tf.Tensor4D, before: number, after = before): tf.Tensor4D {
  const more: [number, number] = [before, after];
  return tf.pad(images, [[0, 0], more, more, [0, 0]]);
}

/** As `padZeros`, but only at the left and the right. */
export function padZeroColumns(images: tf.Tensor4D, before: number, after = before): tf.Tensor4D {
  return tf.pad(images, [
    [0, 0],
    [0, 0],
    [before, after],
    [0, 0],
  ]);
}

/** Images without some rows at the top and as many at the bottom, at least one each. No gradient. Caller disposes. */
export function withoutBorderRows(images: tf.Tensor4D, rows: number): tf.Tensor4D {
  return part(images, HEIGHT, rows, -rows) as tf.Tensor4D;
}

/**
 * Pads height and width by mirroring, without (`REFLECT`) or with (`SYMMETRIC`) the edge itself.
 *
 * Why not `tf.mirrorPad`: its gradient in tfjs 4.22 keeps only the middle and drops what flowed into the mirrored
 * border, which shows as artefacts at the picture's edges. TensorFlow's own MirrorPadGrad adds it back.
 *
 * @param images [N, H, W, C], float32. @param padding pixels on each side, at most H and W, for `REFLECT` less by one.
 * @returns [N, H + 2·padding, W + 2·padding, C]. Caller disposes.
 * @throws {RangeError} the padding reaches beyond the image.
 */
export function padBorder(images: tf.Tensor4D, padding: number, mode: Mode): tf.Tensor4D {
  return padded(images, padding, mode, withMirroredStrips, mirrorPadGradient);
}

/**
 * `padBorder` in TensorFlow's one op each for values and gradient, where starting ops is what takes time: on a GPU. On a CPU
 * twice to four times as slow.
 */
export function padBorderInOneOp(images: tf.Tensor4D, padding: number, mode: Mode): tf.Tensor4D {
  return padded(images, padding, mode, nativeMirrorPad, nativeMirrorPadGradient);
}

type Pad = (x: tf.Tensor, padding: number, mode: Mode) => tf.Tensor;

function padded(images: tf.Tensor4D, padding: number, mode: Mode, value: Pad, gradient: Pad): tf.Tensor4D {
  const [, height, width] = images.shape;
  const room = Math.min(height, width) - (mode === 'REFLECT' ? 1 : 0);
  if (padding > room) {
    throw new RangeError(`Cannot reflect ${padding} pixels at the border of an image of ${width}×${height}.`);
  }
  if (padding === 0) return images.clone();
  const pad = tf.customGrad((x) => ({
    value: value(x as tf.Tensor, padding, mode),
    gradFunc: (dy: tf.Tensor) => gradient(dy, padding, mode),
  }));
  return pad(images) as tf.Tensor4D;
}

/** Strips of the border reversed and joined to the image: half the time of TensorFlow's MirrorPad on a CPU. */
function withMirroredStrips(
  x: tf.Tensor,
  padding: number,
  mode: Mode,
  axes: readonly number[] = [WIDTH, HEIGHT],
): tf.Tensor {
  const edge = edgeOf(mode);
  return tf.tidy(() =>
    axes.reduce((image, axis) => {
      const before = reversedPart(image, axis, edge, edge + padding);
      const after = reversedPart(image, axis, -edge - padding, edge === 0 ? undefined : -edge);
      return joined([before, image, after], axis);
    }, x),
  );
}

/**
 * What the strips have been given flows back to where they were taken from: five parts put together again, a quarter of
 * the time of TensorFlow's MirrorPadGrad on a CPU.
 */
function mirrorPadGradient(dy: tf.Tensor, padding: number, mode: Mode): tf.Tensor {
  const edge = edgeOf(mode);
  const [height, width] = [dy.shape[HEIGHT]! - 2 * padding, dy.shape[WIDTH]! - 2 * padding];
  // Strips that overlap in a small image are left to TensorFlow.
  if (Math.min(height, width) < 2 * (padding + edge)) return nativeMirrorPadGradient(dy, padding, mode);
  return tf.tidy(() =>
    [HEIGHT, WIDTH].reduce((gradient, axis) => {
      const end = gradient.shape[axis]!;
      const [first, last] = [2 * padding + edge, end - 2 * padding - edge];
      const before = tf.add(
        part(gradient, axis, first - padding, first),
        reversedPart(gradient, axis, 0, padding),
      );
      const after = tf.add(
        part(gradient, axis, last, last + padding),
        reversedPart(gradient, axis, end - padding, undefined),
      );
      const middle = part(gradient, axis, first, last);
      if (edge === 0) return joined([before, middle, after], axis);
      const start = part(gradient, axis, padding, padding + 1);
      const stop = part(gradient, axis, end - padding - 1, end - padding);
      return joined([start, before, middle, after, stop], axis);
    }, dy),
  );
}

const [HEIGHT, WIDTH] = [1, 2];

/** Pixels at the border that are not mirrored. */
const edgeOf = (mode: Mode): number => (mode === 'REFLECT' ? 1 : 0);

/** Rows or columns from `begin` to before `end`, in reverse order. */
function reversedPart(x: tf.Tensor, axis: number, begin: number, end: number | undefined): tf.Tensor {
  // One alone needs no reversing, and TensorFlow is ten times as fast at that.
  if ((end ?? (begin < 0 ? 0 : x.shape[axis]!)) - begin === 1) return part(x, axis, begin, end);
  const isFirst = begin === 0;
  return stridedSlice(x, axis, (end ?? 0) - 1, isFirst ? undefined : begin - 1, -1);
}

function part(x: tf.Tensor, axis: number, begin: number, end: number | undefined): tf.Tensor {
  return stridedSlice(x, axis, begin, end, 1);
}

/**
 * Rows or columns from `begin` on by `stride` to before `end`, or to the last in that direction; negative ones count from the
 * end, so that any size will do.
 */
function stridedSlice(
  x: tf.Tensor,
  axis: number,
  begin: number,
  end: number | undefined,
  stride: number,
): tf.Tensor {
  const along = (value: number, others: number) =>
    tf.tensor1d(
      [0, 1, 2, 3].map((i) => (i === axis ? value : others)),
      'int32',
    );
  const whole = 0b1111 & ~(1 << axis);
  const mask = (name: string, value: number) => ({ name, type: nativeBackend().binding.TF_ATTR_INT, value });
  const attributes = [
    typeAttribute('T', DataType.FLOAT),
    typeAttribute('Index', DataType.INT32),
    mask('begin_mask', whole),
    mask('end_mask', end === undefined ? 0b1111 : whole),
    mask('ellipsis_mask', 0),
    mask('new_axis_mask', 0),
    mask('shrink_axis_mask', 0),
  ];
  const inputs = [x, along(begin, 0), along(end ?? 0, 0), along(stride, 1)];
  return nativeBackend().executeSingleOutput('StridedSlice', attributes, inputs);
}

function joined(parts: tf.Tensor[], axis: number): tf.Tensor {
  const attributes = [
    typeAttribute('T', DataType.FLOAT),
    typeAttribute('Tidx', DataType.INT32),
    { name: 'N', type: nativeBackend().binding.TF_ATTR_INT, value: parts.length },
  ];
  return nativeBackend().executeSingleOutput('ConcatV2', attributes, [...parts, tf.scalar(axis, 'int32')]);
}

const nativeMirrorPad: Pad = (x, padding, mode) => native('MirrorPad', x, padding, mode);

const nativeMirrorPadGradient: Pad = (dy, padding, mode) => native('MirrorPadGrad', dy, padding, mode);

function native(op: 'MirrorPad' | 'MirrorPadGrad', x: tf.Tensor, padding: number, mode: Mode): tf.Tensor {
  return tf.tidy(() => {
    const attributes = [
      typeAttribute('T', DataType.FLOAT),
      typeAttribute('Tpaddings', DataType.INT32),
      stringAttribute('mode', mode),
    ];
    const paddings = tf.tensor2d([0, 0, padding, padding, padding, padding, 0, 0], [4, 2], 'int32');
    return nativeBackend().executeSingleOutput(op, attributes, [x, paddings]);
  });
}

/**
 * Cuts images at the right and at the bottom to the size of others.
 *
 * Why not `tf.slice`: it takes the size as numbers, and a function compiled for one size would cut every other one to it.
 * Here the size is read from the tensor when the op runs.
 *
 * @param images [N, H, W, C], float32. @param like [N, h, w, C] with h ≤ H and w ≤ W.
 * @returns [N, h, w, C]. Caller disposes.
 */
export function cropLike(images: tf.Tensor4D, like: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = images.shape;
  const [, h, w] = like.shape;
  const crop = tf.customGrad((x) => ({
    value: tf.tidy(() => {
      const attributes = [typeAttribute('T', DataType.FLOAT), typeAttribute('Index', DataType.INT32)];
      const begin = tf.tensor1d([0, 0, 0, 0], 'int32');
      return nativeBackend().executeSingleOutput('Slice', attributes, [x as tf.Tensor, begin, shapeOf(like)]);
    }),
    gradFunc: (dy: tf.Tensor) =>
      tf.pad(dy, [
        [0, 0],
        [0, height - h],
        [0, width - w],
        [0, 0],
      ]),
  }));
  return crop(images) as tf.Tensor4D;
}

/** A tensor's shape as a tensor, [rank], int32, read when the op runs. Caller disposes. */
export function shapeOf(tensor: tf.Tensor): tf.Tensor1D {
  const attributes = [typeAttribute('T', DataType.FLOAT), typeAttribute('out_type', DataType.INT32)];
  return nativeBackend().executeSingleOutput('Shape', attributes, [tensor]) as tf.Tensor1D;
}
