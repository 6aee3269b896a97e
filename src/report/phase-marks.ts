import { type Phase, type PhaseSettings, phaseAt, phasesFrom } from '../train/step/phases.ts';
import type { RunDescription } from './run-description.ts';

/** Where a phase of a run begins: curves leap there. */
export interface PhaseMark {
  readonly step: number;
  readonly text: string;
}

/**
 * The phases that a run has come to behind its first, by the settings of the leg that each belongs to. Those of a run of
 * which no such settings are known have none.
 *
 * @param lastStep the furthest step done.
 */
export function phaseMarks({ config, legs }: RunDescription, lastStep: number): readonly PhaseMark[] {
  const all = legs.length === 0 ? [{ step: 0, config }] : legs;
  return all.flatMap(({ step, config: settings }, i) => {
    if (!hasPhases(settings)) return [];
    const end = Math.min(all[i + 1]?.step ?? lastStep, lastStep);
    return phasesFrom(step, settings)
      .slice(1)
      .filter(({ from }) => from < end)
      .map((phase) => {
        return { step: phase.from, text: changesTo(phase, phaseAt(phase.from - 1, settings)) };
      });
  });
}

function changesTo(to: Phase, from: Phase): string {
  const changes = [
    to.imageSize === from.imageSize ? [] : [`crops of ${to.imageSize} px`],
    to.stabilityWeight === from.stabilityWeight ? [] : [`stability, weight ${to.stabilityWeight}`],
  ];
  return `from here on ${changes.flat().join(' and ')}`;
}

const NAMES = ['imageSize', 'stabilityWeight', 'smallCrops', 'stabilityFrom', 'steps'] as const;

function hasPhases(settings: object): settings is PhaseSettings {
  return NAMES.every((name) => Number.isFinite((settings as Record<string, unknown>)[name]));
}
