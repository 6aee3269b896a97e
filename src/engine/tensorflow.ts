/** The one place that imports TensorFlow: activates the runtime that `fast-style setup` prepared, then re-exports tfjs. */
import './runtime/activate.ts';

export * from '@tensorflow/tfjs-node-gpu';
