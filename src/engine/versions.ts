import { readFileSync } from 'node:fs';
import { nativeBackend } from './native-backend.ts';
import * as tf from './tensorflow.ts';

/** Versions of the programs in use, for checkpoints and benchmarks. */
export function softwareVersions(): Readonly<Record<string, string>> {
  const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return {
    'fast-style': own.version,
    node: process.versions.node,
    tfjs: tf.version.tfjs,
    tensorflow: nativeBackend().binding.TF_Version,
  };
}

/** What TensorFlow computes on. */
export function device(): 'CPU' | 'GPU' {
  return nativeBackend().binding.isUsingGpuDevice() ? 'GPU' : 'CPU';
}
