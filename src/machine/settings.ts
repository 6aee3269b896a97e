/** What set-up and the examination of a machine are asked for, as rows of settings. Loads nothing heavy. */
import { optionalSwitchSetting, optionalTextSetting, switchSetting } from '../system/settings.ts';

/** `setup`. */
export const SETUP_SETTINGS = {
  gpu: optionalSwitchSetting({
    describe: 'Runtime for an NVIDIA GPU with CUDA 12 (--no-gpu: for the CPU)',
  }),
  withoutDevice: optionalSwitchSetting({
    describe: 'With --gpu: even without a GPU, as in a container build',
  }),
  fromPython: optionalTextSetting({
    describe: 'Use the TensorFlow installed in this Python instead of downloading one',
  }),
  force: switchSetting({ default: false, describe: 'Set up again from the beginning' }),
} as const;

/** `doctor`. */
export const DOCTOR_SETTINGS = {
  full: switchSetting({ default: false, describe: 'Compare checksums of the runtime, not only sizes' }),
} as const;
