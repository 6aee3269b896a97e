import { readFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import type { Precision } from './compile/compile.ts';
import { processorFlags } from './processor-flags.ts';
import { device, softwareVersions } from './versions.ts';

/** Features for which TensorFlow has kernels of their own, in the words of /proc/cpuinfo. */
const FEATURES = /^(avx|avx2|fma|f16c|avx_vnni|avx512\w*|amx_\w+|asimd\w*|sve\w*|bf16|i8mm)$/;

/**
 * What decides the bits of sums besides the numbers themselves: precision, TensorFlow, device, processor. Between machines of which this is
 * equal, the same work gives the same bits; between others it may differ in the last ones.
 */
export function arithmeticOf(precision: Precision): string {
  const { tensorflow = '' } = softwareVersions();
  return [precision, `TensorFlow ${tensorflow}`, device(), arch(), cpus()[0]?.model ?? '', features()].join(
    ' · ',
  );
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
