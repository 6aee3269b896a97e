import { readFileSync } from 'node:fs';

/** What the first processor of a text like /proc/cpuinfo can: 'flags' on x86, 'Features' on ARM. */
export function processorFlags(cpuinfo: string): ReadonlySet<string> {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo)?.[1] ?? '';
  return new Set(line.trim().split(/\s+/));
}

/** Whether convolutions run on AVX-512, which takes feature maps as they are; false if unknown (other systems than Linux). */
export function hasAvx512(): boolean {
  try {
    return processorFlags(readFileSync('/proc/cpuinfo', 'utf8')).has('avx512f');
  } catch {
    return false;
  }
}
