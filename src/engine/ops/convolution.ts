import { DataType } from '../data-type.ts';
import { nativeBackend, type OpAttribute, stringAttribute, typeAttribute } from '../native-backend.ts';
import * as tf from '../tensorflow.ts';
import { ENLARGEMENTS, type Enlargement } from './constants.ts';
import { padBorder } from './pad-border.ts';

/**
 * A convolution to few channels, for instance the last one of a transform net to 3: two rows and two columns of the result
 * at a time, as one convolution of stride 2 to four times the channels, with the kernel at each of the four places. A
 * quarter more arithmetic, but vector and matrix units compute 8 to 16 channels at once, and with 3 they idle.
 *
 * @param images [N, H, W, C], float32, already padded or with zeros beyond the border (`same`; K odd, for which TensorFlow
 *   pads the broader kernel by as much on each side). @param kernel [K, K, C, D]. The result's sides are even.
 * @returns [N, H − K + 1, W − K + 1, D], as `tf.conv2d(images, kernel, 1, 'valid')`, or [N, H, W, D]. Caller disposes.
 */
export function narrowConvolution(
  images: tf.Tensor4D,
  kernel: tf.Tensor4D,
  padding: 'valid' | 'same' = 'valid',
): tf.Tensor4D {
  return tf.tidy(() => {
    const places = [0, 1].flatMap((row) =>
      [0, 1].map((column) =>
        tf.pad(kernel, [
          [row, 1 - row],
          [column, 1 - column],
          [0, 0],
          [0, 0],
        ]),
      ),
    );
    return depthToSpace(tf.conv2d(images, tf.concat(places, 3), 2, padding));
  });
}

/**
 * Enlarges images twofold, bilinearly unless said otherwise, and convolves them with a 3×3 kernel, in one convolution at
 * the small size: each of the four phases of the result is a 3×3 convolution of the small image with a kernel of its own,
 * which is linear in the given one (Shi et al. 2016, 'Is the deconvolution layer the same as a convolutional layer?', §3).
 * The large image before the convolution, the network's largest tensor, is never made; the arithmetic is the same.
 *
 * The border is repeated by one pixel of the small image. Of the nearest pixels that is what reflection of the large one gives.
 *
 * @param images [N, H, W, C], float32. @param kernel [3, 3, C, D].
 * @param pad how it is repeated. @returns [N, 2H, 2W, D]. Caller disposes.
 */
export function enlargingConvolution(
  images: tf.Tensor4D,
  kernel: tf.Tensor4D,
  enlargement: Enlargement = 'bilinear',
  pad: typeof padBorder = padBorder,
): tf.Tensor4D {
  return tf.tidy(() => enlargingConvolutionOfPadded(pad(images, 1, 'SYMMETRIC'), kernel, enlargement));
}

/** As `enlargingConvolution`, of images that have one more pixel on every side. */
export function enlargingConvolutionOfPadded(
  images: tf.Tensor4D,
  kernel: tf.Tensor4D,
  enlargement: Enlargement,
): tf.Tensor4D {
  return tf.tidy(() => depthToSpace(tf.conv2d(images, phaseKernels(kernel, enlargement), 1, 'valid')));
}

/** [3, 3, C, D] to [3, 3, C, 4·D], the phases (0,0), (0,1), (1,0), (1,1) after one another. */
function phaseKernels(kernel: tf.Tensor4D, enlargement: Enlargement): tf.Tensor4D {
  const [, , from, to] = kernel.shape;
  const rows = ENLARGEMENTS[enlargement];
  const both = rows.flatMap((row) => rows.map((column) => row.flatMap((r) => column.map((c) => r * c))));
  const phases = tf.matMul(tf.tensor2d(both), tf.reshape(kernel, [9, from * to]));
  // [a, u, b, v, C, D] → [u, v, C, a, b, D]
  const ordered = tf.transpose(tf.reshape(phases, [2, 3, 2, 3, from, to]), [1, 3, 4, 0, 2, 5]);
  return tf.reshape(ordered, [3, 3, from, 4 * to]);
}

/**
 * A convolution of stride 1 that keeps height and width (zeros beyond the border), with a kernel that is never trained.
 *
 *   y[h, w, d] = Σ_ijc x[h + i − r, w + j − r, c] · k[i, j, c, d],   r = (K − 1) / 2
 *
 * Its gradient is a convolution too, with the kernel turned by 180° and its channels exchanged
 * (Dumoulin & Visin 2016, 'A guide to convolution arithmetic', §4.1). Written as one, with a kernel that is a constant of
 * the graph, the kernel is laid out for the processor once; TensorFlow's Conv2DBackpropInput does so in every call, and for
 * the kernel, which nobody wants, there is no gradient. That to a picture is `narrowConvolution`'s.
 *
 * @param images [N, H, W, C], float32, of sides that are known when it is recorded. @param kernel [K, K, C, D], K odd.
 * @returns [N, H, W, D]. Caller disposes.
 */
export function frozenConvolution(images: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
  const convolve = tf.customGrad((x) => ({
    value: tf.conv2d(x as tf.Tensor4D, kernel, 1, 'same'),
    gradFunc: (dy: tf.Tensor) =>
      tf.tidy(() => {
        const turned = tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2]);
        return isNarrow(x as tf.Tensor4D)
          ? narrowConvolution(dy as tf.Tensor4D, turned, 'same')
          : tf.conv2d(dy as tf.Tensor4D, turned, 1, 'same');
      }),
  }));
  return convolve(images) as tf.Tensor4D;
}

/** A picture's gradient has 3 channels, which `narrowConvolution` is made for. */
function isNarrow({ shape: [, height, width, channels] }: tf.Tensor4D): boolean {
  return channels <= 4 && height % 2 === 0 && width % 2 === 0;
}

/**
 * Spreads four groups of channels over the four pixels of a square: group (a, b) of a pixel (i, j) becomes the pixel
 * (2i + a, 2j + b). tfjs has no gradient for it; SpaceToDepth is its reverse.
 *
 * @param phases [N, H, W, 4·D], the groups (0,0), (0,1), (1,0), (1,1) after one another.
 * @returns [N, 2H, 2W, D]. Caller disposes.
 */
export function depthToSpace(phases: tf.Tensor4D): tf.Tensor4D {
  const move = tf.customGrad((x) => ({
    value: nativeBackend().executeSingleOutput('DepthToSpace', attributes(), [x as tf.Tensor]),
    gradFunc: (dy: tf.Tensor) => nativeBackend().executeSingleOutput('SpaceToDepth', attributes(), [dy]),
  }));
  return move(phases) as tf.Tensor4D;
}

function attributes(): OpAttribute[] {
  return [
    typeAttribute('T', DataType.FLOAT),
    { name: 'block_size', type: nativeBackend().binding.TF_ATTR_INT, value: 2 },
    stringAttribute('data_format', 'NHWC'),
  ];
}
