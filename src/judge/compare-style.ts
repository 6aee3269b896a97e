/** A style's network against the optimisation of its own training loss, from the call to the report. Prints nothing. */
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import type { NamedParity, ParityReport, SizeParity } from '../compare/figures.ts';
import { parityJson, parityMarkdown, STEPS } from '../compare/parity-report.ts';
import { contactSheet } from '../data/contact-sheet.ts';
import { readPicture, writePicture } from '../data/image-file.ts';
import { drawPhotos, findPhotos } from '../data/photo-files.ts';
import { refuseToOverwrite, writeFileAtomically } from '../system/atomic-file.ts';
import { InterruptedError } from '../system/errors.ts';
import type { CompareCall } from './compare-call.ts';

/** Side of a picture on the contact sheet, px. */
const CELL = 224;

/** Optimisers that a network is compared with. */
const SEARCHES = {
  'strong-wolfe': ['strong-wolfe'],
  none: ['none'],
  both: ['strong-wolfe', 'none'],
} as const;

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
export interface ComparisonProgress {
  /** Iterations done, of `total`. */
  readonly done: number;
  readonly total: number;
  readonly size: number;
  readonly lineSearch: 'strong-wolfe' | 'none';
  /** Name of the photo. */
  readonly photo: string;
}

/** Files of a report. */
export interface ReportFiles {
  readonly report: string;
  readonly figures: string;
  readonly sheet: string;
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
  const { sizes, iterations: at, seed, overwrite, start } = call;
  const { openStyle } = await import('../infer/open-style.ts');
  const { checkpoint, label } = await openStyle(call.style);
  const { StyleNetwork } = await import('../infer/style-network.ts');
  const files = filesIn(typeof call.out === 'function' ? call.out(checkpoint.name || label) : call.out);
  if (files !== undefined && !overwrite)
    for (const file of Object.values(files)) await refuseToOverwrite(file);
  const photos = drawPhotos(await findPhotos([call.photos], hooks.say), call.limit, seed);
  const { trainingObjective } = await import('../compare/training-objective.ts');
  const objective = trainingObjective(checkpoint, sizes[0]!);
  const { styleSize, leftOut, ofPairs, lossNetwork: trainedWith } = objective;
  const painting = await readPicture(call.painting, { longSide: styleSize });
  const { judgedBy, trainingNetwork } = await import('../compare/training-network.ts');
  const judge = await trainingNetwork(checkpoint, trainedWith, call.lossNetwork);
  const { lossNetwork } = judge;
  const objectiveAt = (size: number) => judgedBy(trainingObjective(checkpoint, size).config, judge);
  const {
    notes,
    config: { units },
  } = objectiveAt(sizes[0]!);
  for (const note of notes) hooks.say(note);

  const { choosePrecision } = await import('../engine/precision.ts');
  const precision = await choosePrecision(call.precision);
  const { photoParity } = await import('../compare/photo-parity.ts');
  const { fixedSteps } = await import('../optimize/fixed-steps.ts');
  const network = new StyleNetwork(checkpoint, { precision });
  const signal = hooks.signal();
  const most = at.at(-1)!;
  const rounds = sizes.flatMap((size) =>
    SEARCHES[call.lineSearch].map((lineSearch) => ({ size, lineSearch })),
  );
  // A photo of a pair is optimised twice.
  const perPhoto = ofPairs === undefined ? most : 2 * most;
  const total = rounds.length * photos.length * perPhoto;
  hooks.onBegin?.(total);
  const results: SizeParity[] = [];
  try {
    for (const [r, { size, lineSearch }] of rounds.entries()) {
      const done: NamedParity[] = [];
      for (const [p, photo] of photos.entries()) {
        if (signal.aborted) break;
        const before = (r * photos.length + p) * perPhoto;
        const { config } = objectiveAt(size);
        const result = await photoParity({
          config: {
            ...config,
            ...(lineSearch === 'none' && { optimizer: fixedSteps(config.units) }),
            start: { kind: start === 'noise' ? 'uniform' : 'content' },
            seed,
          },
          lossNetwork,
          photo: await readPicture(photo.path, { longSide: size }),
          painting,
          paint: (picture) => network.stylize(picture),
          at,
          refine: lineSearch !== 'none',
          pairs: ofPairs && { objective: ofPairs, place: p },
          precision,
          signal,
          onIteration: (iteration) =>
            hooks.onIteration?.({ done: before + iteration, total, size, lineSearch, photo: photo.name }),
        });
        // Cut short, it says nothing of the iterations it did not come to.
        if (!signal.aborted) done.push({ ...result, name: photo.name });
      }
      if (done.length > 0) results.push({ size, lineSearch, photos: done });
    }
  } finally {
    network.dispose();
  }
  if (results.length === 0)
    throw new InterruptedError('Stopped before the first photo was finished.', { cause: signal.reason });
  const paintingName = typeof call.painting === 'string' ? basename(call.painting) : call.painting.name;
  const report: ParityReport = {
    style: checkpoint.name,
    conditions: [
      `photos: ${photos.length} of ${basename(call.photos)}; painting: ${paintingName} at ${styleSize} px; loss network: ${lossNetwork.source}`,
      `objective: the training loss of the style in the units ${units}${leftOut === undefined ? '' : `, without ${leftOut} (judged apart, below)`}, on 8-bit pictures; L-BFGS from ${start}${start === 'noise' ? ` (seed ${seed})` : ''}, pixels in [0, 255]`,
      ...notes,
      `both in ${precision} on ${availableParallelism()} cores; times without reading, writing and judging`,
    ],
    at,
    sizes: results,
  };
  if (files !== undefined) await writeReport(report, files, overwrite);
  return { report, files, isStopped: signal.aborted };
}

function filesIn(folder: string | undefined): ReportFiles | undefined {
  if (folder === undefined) return undefined;
  const [report, figures, sheet] = ['report.md', 'report.json', 'sheet.jpg'].map((name) =>
    join(folder, name),
  );
  return { report: report!, figures: figures!, sheet: sheet! };
}

async function writeReport(report: ParityReport, files: ReportFiles, overwrite: boolean): Promise<void> {
  await writeFileAtomically(files.report, parityMarkdown(report), { overwrite });
  await writeFileAtomically(files.figures, parityJson(report), { overwrite });
  const rows = report.sizes.flatMap(({ size, lineSearch, photos }) =>
    photos.map(({ photo, network, milestones }) => [
      { picture: photo.picture, caption: `${size} px, the photo: ${photo.total.toPrecision(3)}` },
      { picture: network.picture, caption: `network: ${network.total.toPrecision(3)}` },
      ...milestones.map(({ picture, iterations, total }) => ({
        picture,
        caption: `${iterations} it., ${STEPS[lineSearch]}: ${total.toPrecision(3)}`,
      })),
    ]),
  );
  await writePicture(files.sheet, await contactSheet(rows, { side: CELL, fontSize: 12 }), { overwrite });
}
