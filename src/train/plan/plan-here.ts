/** Compares what a run will take with the machine, and refuses what does not fit. */
import { availableMemory } from '../../system/available-memory.ts';
import { freeDisk } from '../../system/free-disk.ts';
import { checkPlan, type Plan, type PlanOptions, planRun } from './plan.ts';

/** What is free here, in bytes. */
interface Room {
  readonly memory: number;
  readonly resident: number;
  readonly disk: number;
}

export interface CheckedPlan {
  readonly plan: Plan;
  readonly room: Room;
}

/**
 * Plans a run and compares the plan with the machine.
 *
 * @param ignore does not refuse what seems not to fit.
 * @throws {ConfigError} memory does not suffice. {FileError} the disk does not.
 */
export function planHere(
  options: PlanOptions,
  runFolder: string,
  isOnGpu: boolean,
  ignore: boolean,
): CheckedPlan {
  const plan = planRun(options, isOnGpu);
  const room = {
    memory: availableMemory(),
    resident: process.memoryUsage.rss(),
    disk: freeDisk(runFolder),
  };
  if (!ignore) checkPlan(plan, options, room);
  return { plan, room };
}
