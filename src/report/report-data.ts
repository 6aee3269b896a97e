import { numberOrZero } from '../system/json-text.ts';
import { readLogText } from '../train/run/run-folder.ts';
import { type Charts, chartsOf } from './curves.ts';
import type { PreviewPictures, PreviewRows } from './preview-pictures.ts';
import { type RunLog, readLog, standing } from './read-log.ts';
import { type RunDescription, readRunDescription } from './run-description.ts';

/** Everything that a report shows. */
export interface ReportData {
  readonly description: RunDescription;
  readonly log: RunLog;
  readonly charts: Charts;
  readonly previews: PreviewRows;
  readonly progress: ReportProgress;
  readonly state: ReportState;
}

export interface ReportProgress {
  /** Steps done, and those of the whole run; 0 if they are not known. */
  readonly step: number;
  readonly steps: number;
  readonly imagesPerSecond: number | undefined;
  readonly secondsLeft: number | undefined;
  /** Bytes. */
  readonly memory: number | undefined;
  /** ISO 8601. */
  readonly updated: string;
}

/** The state of the run. A process that was killed leaves 'running'. */
export type ReportState = 'running' | 'done' | 'stopped' | 'failed';

/** What a running process knows beyond the log. */
export interface LiveFigures {
  readonly step: number;
  readonly memory: number;
}

/** The lines over which the pace is averaged. */
const PACE_LINES = 5;

/** Gathers what a run's folder says, from its log, its previews and its description. */
export async function gatherReport(
  folder: string,
  pictures: PreviewPictures,
  live?: LiveFigures,
): Promise<ReportData> {
  const description = await readRunDescription(folder);
  const log = readLog(await readLogText(folder));
  const previews = await pictures.read(folder, standing(log));
  const { points, events } = log;
  const step = live?.step ?? log.step;
  const steps = numberOrZero(description.config.steps);
  const paces = points
    .filter((point) => point.values.imagesPerSecond !== undefined)
    .slice(-PACE_LINES)
    .map(({ values }) => values.imagesPerSecond!);
  const pace = paces.length === 0 ? undefined : paces.reduce((sum, each) => sum + each, 0) / paces.length;
  const batch = numberOrZero(description.config.batch);
  const last = events.at(-1);
  const ended = last?.event === 'ended' ? last.details.as : undefined;
  const state = ended === 'done' || ended === 'stopped' || ended === 'failed' ? ended : 'running';
  const isGoing = state === 'running' && pace !== undefined && pace > 0 && steps > step;
  return {
    description,
    log,
    charts: chartsOf(points, description),
    previews,
    state,
    progress: {
      step,
      steps,
      imagesPerSecond: pace,
      secondsLeft: isGoing ? ((steps - step) * batch) / pace : undefined,
      memory: live?.memory ?? points.at(-1)?.values.memory,
      updated: live === undefined ? log.time : new Date().toISOString(),
    },
  };
}
