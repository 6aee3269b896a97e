/** A style's network against the optimisation of its own training loss, from the call to the report. Prints nothing. */
import { availableParallelism } from 'node:os';
import type { ComparisonRound, NamedParity, ParityReport, SizeParity } from '../compare/figures.ts';
import type { SheetCell } from '../data/contact-sheet.ts';
import { drawPhotos, findPhotos } from '../data/photo-files.ts';
import { refuseToOverwrite } from '../system/atomic-file.ts';
import { InterruptedError } from '../system/errors.ts';
import { type CompareCall, roundsOf } from './compare-call.ts';
import { type ReportFiles, reportIn, sheetRow, shownPictures, writeComparison } from './comparison-report.ts';

/** Whoever starts a comparison, as it goes on. */
export interface CompareHooks {
  /** Takes a line for the user. */
  readonly say: (line: string) => void;
  /** Asked for when the first photo begins: what ends it after the current iteration. */
  readonly signal: () => AbortSignal;
  /** @param total iterations, of all photos at all sizes. */
  readonly onBegin?: (total: number) => void;
  readonly onIteration?: (progress: ComparisonProgress) => void;
}

/** State of a comparison after an iteration. */
export interface ComparisonProgress extends ComparisonRound {
  /** Iterations done, of `total`. */
  readonly done: number;
  readonly total: number;
  /** Name of the photo. */
  readonly photo: string;
}

/** What came of a comparison. */
export interface ComparedStyle {
  readonly report: ParityReport;
  /** Where a folder was given. */
  readonly files: ReportFiles | undefined;
  /** Stopped: only the photos that were finished are in the report. */
  readonly isStopped: boolean;
}

/**
 * Compares a style's network with the optimisation of its own training loss, and writes the report where a folder is given.
 *
 * @throws {CheckpointError} the style does not exist. {DatasetError} no photos. {ImageError} a picture cannot be read. {WeightsError}
 * the loss network cannot. {ConfigError} its training configuration is damaged, or a photo is too small. {FileError} a report is there
 * already, or cannot be written. {InterruptedError} stopped before the first photo was finished: nothing is written.
 */
export async function compareStyle(call: CompareCall, hooks: CompareHooks): Promise<ComparedStyle> {
  const { overwrite } = call;
  const { openStyle } = await import('../infer/open-style.ts');
  const { checkpoint, label } = await openStyle(call.style);
  const folder = typeof call.out === 'function' ? call.out(checkpoint.name || label) : call.out;
  const files = folder === undefined ? undefined : reportIn(folder);
  if (files !== undefined && !overwrite)
    for (const file of Object.values(files)) await refuseToOverwrite(file);
  const photos = drawPhotos(await findPhotos([call.photos], hooks.say), call.limit, call.seed);
  const { StyleComparison } = await import('./style-comparison.ts');
  const comparison = await StyleComparison.open(checkpoint, call);
  const sizes: SizeParity[] = [];
  const rows: SheetCell[][] = [];
  let signal: AbortSignal;
  try {
    for (const note of comparison.notes) hooks.say(note);
    signal = hooks.signal();
    const rounds = roundsOf(call);
    const total = rounds.length * photos.length * comparison.perPhoto;
    hooks.onBegin?.(total);
    for (const [r, round] of rounds.entries()) {
      const done: NamedParity[] = [];
      for (const [place, photo] of photos.entries()) {
        if (signal.aborted) break;
        const before = (r * photos.length + place) * comparison.perPhoto;
        const compared = await comparison.compare(round, { photo, place }, signal, (iteration) =>
          hooks.onIteration?.({ done: before + iteration, total, ...round, photo: photo.name }),
        );
        // Cut short, it says nothing of the iterations it did not come to.
        if (signal.aborted) break;
        done.push(compared);
        if (files !== undefined) rows.push(sheetRow(round, compared, await shownPictures(compared)));
      }
      if (done.length > 0) sizes.push({ ...round, photos: done });
    }
  } finally {
    comparison.dispose();
  }
  if (sizes.length === 0)
    throw new InterruptedError('Stopped before the first photo was finished.', { cause: signal.reason });
  const report: ParityReport = {
    style: checkpoint.name,
    conditions: [
      ...comparison.conditions(photos.length, call.photos),
      `both in ${comparison.precision} on ${availableParallelism()} cores; times without reading, writing and judging`,
    ],
    at: call.iterations,
    sizes,
  };
  if (files !== undefined) await writeComparison(report, rows, files, overwrite);
  return { report, files, isStopped: signal.aborted };
}
