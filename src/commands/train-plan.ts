/** Says what a run will take, and refuses what does not fit. */
import { availableMemory } from '../available-memory.ts';
import { freeDisk } from '../free-disk.ts';
import { checkPlan, type Plan, type PlanOptions, planRun } from '../train/plan.ts';
import type { ProbedSteps } from '../train/probe-step.ts';

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

/** The plan in three lines. @param probed what steps take, measured. @param steps that are left. */
export function describePlan(
  { plan, room }: CheckedPlan,
  probed: readonly ProbedSteps[] | undefined,
  steps: number,
): readonly string[] {
  const memory =
    plan.memory === undefined
      ? 'as TensorFlow finds on the GPU'
      : `about ${gigabytes(plan.memory)} at its peak; ${gigabytes(room.memory + room.resident)} are free`;
  const time = probed === undefined ? `not measured for ${steps} steps` : timeOf(probed, steps);
  const parts = `${plan.states} states of ${megabytes(plan.state)}, ${megabytes(plan.previews)} of previews, a checkpoint of ${megabytes(plan.checkpoint)}`;
  return [
    `  memory  ${memory}`,
    `  time    ${time}`,
    `  disk    ${megabytes(plan.disk)}: ${parts}; ${gigabytes(room.disk)} are free`,
  ];
}

/** The plan as numbers: bytes and seconds; null for what is not known. */
export function planFigures(
  { plan, room }: CheckedPlan,
  probed: readonly ProbedSteps[] | undefined,
  steps: number,
): Readonly<Record<string, number | null>> {
  const seconds = probed === undefined ? null : secondsOf(probed);
  return {
    steps,
    secondsPerStep: seconds === null ? null : seconds / steps,
    seconds,
    memory: plan.memory ?? null,
    memoryFree: room.memory + room.resident,
    disk: plan.disk,
    diskFree: room.disk,
  };
}

function timeOf(probed: readonly ProbedSteps[], steps: number): string {
  const crops = (side: number) => (probed.length === 1 ? '' : ` at ${side} px`);
  const each = probed.map(({ side, seconds }) => `${seconds.toPrecision(2)} s a step${crops(side)}`);
  return `${each.join(', ')} (measured), ${duration(secondsOf(probed))} for ${steps} steps`;
}

function secondsOf(probed: readonly ProbedSteps[]): number {
  return probed.reduce((sum, part) => sum + part.seconds * part.steps, 0);
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} MB`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
