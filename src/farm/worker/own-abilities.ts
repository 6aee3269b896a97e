/** What this machine brings to a farm. */
import { existsSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { bfloat16Units } from '../../engine/bfloat16-units.ts';
import { availableStyles } from '../../infer/find-style.ts';
import { availableMemory } from '../../system/available-memory.ts';
import { ownVersion } from '../../system/own-version.ts';
import type { WorkerFacts } from '../queue/workers.ts';

/** A share of free memory is left to others. */
const SHARE = 0.8;

export type MachineAbilities = Pick<
  WorkerFacts,
  'host' | 'pid' | 'version' | 'cores' | 'memory' | 'gpu' | 'bf16' | 'styles'
>;

/** @param memory bytes that the worker may take; most of what is free unless given. */
export async function ownAbilities(memory?: number): Promise<MachineAbilities> {
  return {
    ...{ host: hostname(), pid: process.pid, version: ownVersion(), cores: availableParallelism() },
    memory: memory ?? Math.floor(SHARE * availableMemory()),
    // As the system shows it: TensorFlow is loaded by the processes that do the tasks.
    gpu: existsSync('/dev/nvidia0'),
    bf16: bfloat16Units().present,
    styles: [...(await availableStyles()).keys()].sort(),
  };
}
