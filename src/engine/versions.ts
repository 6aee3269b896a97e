import { ownVersion } from '../system/own-version.ts';
import { nativeBackend } from './native-backend.ts';
import * as tf from './tensorflow.ts';

/** Versions of the programs in use, for checkpoints and benchmarks. */
export function softwareVersions(): Readonly<Record<string, string>> {
  return {
    'fast-style': ownVersion(),
    node: process.versions.node,
    tfjs: tf.version.tfjs,
    tensorflow: nativeBackend().binding.TF_Version,
  };
}

/** What TensorFlow computes on. */
export function device(): 'CPU' | 'GPU' {
  return nativeBackend().binding.isUsingGpuDevice() ? 'GPU' : 'CPU';
}
