/**
 * The one place that imports TensorFlow: activates the runtime that `fast-style setup` prepared, then gives out the part
 * of tfjs that is used here.
 *
 * By name and by `require`: for `export *` from a CommonJS package Node parses all of tfjs once more to find the names
 * that it exports, 0.15 s at every start. `#tfjs-node` is tfjs-node-gpu (package.json, imports). A function that is missing here is added to the list.
 */
import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { binding } from './runtime/activate.ts';
import { whileLoading } from './runtime/explain-loading.ts';
import { loadWithoutParts, tfjsPart } from './runtime/tfjs-parts.ts';

const require = createRequire(import.meta.url);
const tf = whileLoading(binding, () => loadWithoutParts(() => require('#tfjs-node') as typeof tfjs));

export const { Tensor, backend, dispose, engine, keep, memory, tidy, version } = tf;
export const { customGrad, grad, grads, valueAndGrad, valueAndGrads } = tf;
export const { fill, ones, randomNormal, randomUniform, scalar, tensor, variable, zeros, zerosLike } = tf;
export const { eye, tensor1d, tensor2d, tensor3d, tensor4d } = tf;
export const { add, addN, clipByValue, div, maximum, minimum, mod, mul, neg, pow, sub } = tf;
export const { abs, exp, log, relu, round, sqrt, square, squaredDifference, tanh } = tf;
export const { argMax, max, mean, min, moments, sum } = tf;
export const { cast, concat, gather, greater, pad, reshape, reverse, slice, split, stack, tile } = tf;
export const { transpose, unstack, where } = tf;
export const { avgPool, conv2d, depthwiseConv2d, matMul, maxPool, mirrorPad } = tf;
export const { node } = tf;
/** tfjs's, of its converter, which only loads now. */
export const loadGraphModel: typeof tfjs.loadGraphModel = (...given) =>
  (tfjsPart('@tensorflow/tfjs-converter') as typeof tfjs).loadGraphModel(...given);
export const image: typeof tfjs.image = tf.image;
export const io: typeof tfjs.io = tf.io;

export type Tensor<R extends tfjs.Rank = tfjs.Rank> = tfjs.Tensor<R>;
export type {
  DataType,
  GradSaveFunc,
  NamedTensorMap,
  Rank,
  Scalar,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorContainer,
  TensorInfo,
  TypedArray,
  Variable,
} from '@tensorflow/tfjs-node-gpu';
/** What `backend.write` takes. */
export type BackendValues = tfjs.backend_util.BackendValues;
