/** Says what a run will take. */
import { duration } from '../../system/duration.ts';
import { secondsOf } from '../../train/plan/figures.ts';
import { type CheckedPlan, type Room, roomOf } from '../../train/plan/plan.ts';
import type { ProbedSteps } from '../../train/plan/probe-step.ts';
import { type PhaseSettings, phasesFrom } from '../../train/step/schedule.ts';

/** The plan in three lines. @param probed what steps take, measured. @param steps that are left. */
export function describePlan(
  { plan, room }: CheckedPlan,
  probed: readonly ProbedSteps[] | undefined,
  steps: number,
): readonly string[] {
  const memory = `about ${gigabytes(plan.memory)}${room.card ? ' of the GPU' : ''} at its peak; ${freeMemory(room)}`;
  const time = probed === undefined ? `not measured for ${steps} steps` : timeOf(probed, steps);
  const parts = `${plan.states} states of ${megabytes(plan.state)}, ${megabytes(plan.previews)} of previews, a checkpoint of ${megabytes(plan.checkpoint)}`;
  return [
    `  memory  ${memory}`,
    `  time    ${time}`,
    `  disk    ${megabytes(plan.disk)}: ${parts}; ${gigabytes(room.disk)} are free`,
  ];
}

function freeMemory(room: Room): string {
  const free = roomOf(room);
  if (free === undefined) return 'what is free there is not known';
  const total = typeof room.card === 'object' ? ` of ${gigabytes(room.card.total)}` : '';
  return `${gigabytes(free)}${total} are free`;
}

/** What a run's steps are of, with its changes on the way: `at 128, then 256 px`. */
export function describePhases(config: PhaseSettings): string {
  const phases = phasesFrom(0, config);
  const sides = [...new Set(phases.map(({ imageSize }) => imageSize))];
  const steady = phases.find(({ stabilityWeight }) => stabilityWeight > 0)?.from ?? 0;
  const from = steady === 0 ? '' : `, for stability from step ${steady + 1} on,`;
  return `at ${sides.join(', then ')} px${from}`;
}

function timeOf(probed: readonly ProbedSteps[], steps: number): string {
  const varies = (key: keyof ProbedSteps) => new Set(probed.map((part) => part[key])).size > 1;
  const crops = (side: number) => (varies('imageSize') ? ` at ${side} px` : '');
  const steady = (weight: number) => (varies('stabilityWeight') && weight > 0 ? ' with stability' : '');
  const each = probed.map(
    ({ imageSize, stabilityWeight, seconds }) =>
      `${seconds.toPrecision(2)} s a step${crops(imageSize)}${steady(stabilityWeight)}`,
  );
  return `${each.join(', ')} (measured), ${duration(secondsOf(probed))} for ${steps} steps`;
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} MB`;
}
