import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus } from 'node:os';
import type { Precision } from './compile/compile.ts';
import { processorFlags } from './processor-flags.ts';
import { device, softwareVersions } from './versions.ts';

/** Features for which TensorFlow has kernels of their own, in the words of /proc/cpuinfo. */
const FEATURES = /^(avx|avx2|fma|f16c|avx_vnni|avx512\w*|amx_\w+|asimd\w*|sve\w*|bf16|i8mm)$/;

/**
 * What decides the bits of sums besides the numbers themselves: precision, TensorFlow, device, processor, number of threads. Where this is
 * equal, the same work gives the same bits; elsewhere it may differ in the last ones.
 */
export function arithmeticOf(precision: Precision): string {
  const { tensorflow = '' } = softwareVersions();
  const processor = [arch(), cpus()[0]?.model ?? '', features()];
  return [precision, `TensorFlow ${tensorflow}`, device(), ...processor, `threads: ${threads()}`].join(' · ');
}

/** Threads that TensorFlow computes an op with. */
function threads(): number {
  return Number(process.env.TF_NUM_INTRAOP_THREADS) || availableParallelism();
}

function features(): string {
  try {
    const flags = processorFlags(readFileSync('/proc/cpuinfo', 'utf8'));
    return [...flags]
      .filter((flag) => FEATURES.test(flag))
      .sort()
      .join(' ');
  } catch {
    // Of other systems the model says it.
    return '';
  }
}
