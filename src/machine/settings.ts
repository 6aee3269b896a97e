/** What `setup` and `doctor` are asked for, as rows of settings, and what set-up answers. Loads nothing heavy. */
import { switchSetting, textSetting } from '../system/setting-kinds.ts';

/** `setup`. */
export const SETUP_SETTINGS = {
  gpu: switchSetting({
    default: undefined,
    describe: 'Runtime for an NVIDIA GPU (--no-gpu: for the CPU)',
  }),
  withoutDevice: switchSetting({
    default: undefined,
    describe: 'With --gpu: even without a GPU, as in a container build',
  }),
  cudaAtHand: switchSetting({
    default: true,
    describe:
      'With --gpu: use the CUDA 12 or 13 of an installed PyTorch or toolkit, if it is all there, instead of fetching one',
  }),
  fromPython: textSetting({
    default: undefined,
    describe: 'Use the TensorFlow installed in this Python instead of downloading one',
  }),
  force: switchSetting({ default: false, describe: 'Set up again from the beginning' }),
} as const;

/** The TensorFlow that is ready. */
export interface ReadyRuntime {
  /** Its version, and what it is for; unknown where FAST_STYLE_BINDING names the binding. */
  readonly tensorflow?: string;
  readonly variant?: 'cpu' | 'gpu';
  /** Where it comes from: a package, a Python's folder, or the file that FAST_STYLE_BINDING names. */
  readonly origin: string;
  /** False where all was ready. */
  readonly made: boolean;
}

/** `doctor`. */
export const DOCTOR_SETTINGS = {
  full: switchSetting({ default: false, describe: 'Compare checksums of the runtime, not only sizes' }),
} as const;
