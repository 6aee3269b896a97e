import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import type { ArgumentsCamelCase } from 'yargs';
import {
  type NamedParity,
  type ParityReport,
  parityJson,
  parityMarkdown,
  type SizeParity,
  STEPS,
} from '../../compare/parity-report.ts';
import { contactSheet } from '../../data/contact-sheet.ts';
import { readPicture, writePicture } from '../../data/image-file.ts';
import { drawPhotos, findPhotos } from '../../data/photo-files.ts';
import { refuseToOverwrite, writeFileAtomically } from '../../system/atomic-file.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { numberIn } from '../../system/number-in.ts';
import { catchInterruption, InterruptedError } from '../shared/interruption.ts';
import { progressBar } from '../shared/progress-bar.ts';
import { say, tell } from '../shared/say.ts';
import type { CompareArguments } from './compare.ts';

/** Side of a picture on the contact sheet, px. */
const CELL = 224;

/** Optimisers that a network is compared with. */
const SEARCHES = {
  'strong-wolfe': ['strong-wolfe'],
  none: ['none'],
  both: ['strong-wolfe', 'none'],
} as const;

/** Compares a style's network with the optimisation of its own training loss, and writes the report. */
export async function compareStyle(args: ArgumentsCamelCase<CompareArguments>): Promise<void> {
  const sizes = ascending('--sizes', args.sizes, 32, 16_384);
  const at = ascending('--iterations', args.iterations, 1, 1e6);
  const seed = numberIn('--seed', args.seed, 0, 2 ** 31 - 1, true);
  const limit = args.limit === undefined ? undefined : numberIn('--limit', args.limit, 1, 1e9, true);
  const { openStyle } = await import('../../infer/open-style.ts');
  const { checkpoint, label } = await openStyle(args.style);
  const { StyleNetwork } = await import('../../infer/style-network.ts');
  const folder = args.out ?? join('compare', checkpoint.name || label);
  const targets = ['report.md', 'report.json', 'sheet.jpg'].map((name) => join(folder, name));
  if (!args.overwrite) for (const target of targets) await refuseToOverwrite(target);
  const photos = drawPhotos(await findPhotos([args.photos], say), limit, seed);
  const { trainingObjective } = await import('../../compare/training-objective.ts');
  const objective = trainingObjective(checkpoint, sizes[0]!);
  const { styleSize, leftOut, ofPairs, lossNetwork: trainedWith } = objective;
  const painting = await readPicture(args.painting, { longSide: styleSize });
  const { judgedBy, trainingNetwork } = await import('../../compare/training-network.ts');
  const judge = await trainingNetwork(checkpoint, trainedWith, args.lossNetwork);
  const { lossNetwork } = judge;
  const objectiveAt = (size: number) => judgedBy(trainingObjective(checkpoint, size).config, judge);
  const {
    notes,
    config: { units },
  } = objectiveAt(sizes[0]!);
  for (const note of notes) say(note);

  const { choosePrecision } = await import('../../engine/precision.ts');
  const precision = await choosePrecision(args.precision);
  const { photoParity } = await import('../../compare/photo-parity.ts');
  const { fixedSteps } = await import('../../optimize/fixed-steps.ts');
  const stylizer = new StyleNetwork(checkpoint, { precision });
  const { signal, release } = catchInterruption();
  const most = at.at(-1)!;
  const rounds = sizes.flatMap((size) =>
    SEARCHES[args['line-search']].map((lineSearch) => ({ size, lineSearch })),
  );
  // A photo of a pair is optimised twice.
  const perPhoto = ofPairs === undefined ? most : 2 * most;
  const bar = progressBar({ label: 'Comparing', total: rounds.length * photos.length * perPhoto });
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
            start: { kind: args.start === 'noise' ? 'uniform' : 'content' },
            seed,
          },
          lossNetwork,
          photo: await readPicture(photo.path, { longSide: size }),
          painting,
          paint: (picture) => stylizer.stylize(picture),
          at,
          refine: lineSearch !== 'none',
          pairs: ofPairs && { objective: ofPairs, place: p },
          precision,
          signal,
          onIteration: (iteration) =>
            bar.update(before + iteration, `${size} px ${photo.name}, ${STEPS[lineSearch]} steps`),
        });
        // Cut short, it says nothing of the iterations it did not come to.
        if (!signal.aborted) done.push({ ...result, name: photo.name });
      }
      if (done.length > 0) results.push({ size, lineSearch, photos: done });
    }
    bar.stop();
    if (results.length === 0) throw new InterruptedError('Stopped before the first photo was finished.');
    const report: ParityReport = {
      style: checkpoint.name,
      conditions: [
        `photos: ${photos.length} of ${basename(args.photos)}; painting: ${basename(args.painting)} at ${styleSize} px; loss network: ${lossNetwork.source}`,
        `objective: the training loss of the style in the units ${units}${leftOut === undefined ? '' : `, without ${leftOut} (judged apart, below)`}, on 8-bit pictures; L-BFGS from ${args.start}${args.start === 'noise' ? ` (seed ${seed})` : ''}, pixels in [0, 255]`,
        ...notes,
        `both in ${precision} on ${availableParallelism()} cores; times without reading, writing and judging`,
      ],
      at,
      sizes: results,
    };
    await writeReport(report, targets as [string, string, string], args.overwrite);
    for (const target of targets) tell(target);
    if (signal.aborted) throw new InterruptedError(`Stopped by Ctrl-C; the report has the finished photos.`);
  } finally {
    bar.stop();
    release();
    stylizer.dispose();
  }
}

async function writeReport(
  report: ParityReport,
  [markdown, json, sheet]: readonly [string, string, string],
  overwrite: boolean,
): Promise<void> {
  await writeFileAtomically(markdown, parityMarkdown(report), { overwrite });
  await writeFileAtomically(json, parityJson(report), { overwrite });
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
  await writePicture(sheet, await contactSheet(rows, { side: CELL, fontSize: 12 }), { overwrite });
}

/** Whole numbers with commas between, brought into order. */
function ascending(option: string, text: string, least: number, most: number): readonly number[] {
  const numbers = text.split(',').map((part) => numberIn(option, part.trim(), least, most, true));
  if (new Set(numbers).size < numbers.length)
    throw new ConfigError(expected(`each number once for ${option}`, text));
  return numbers.sort((a, b) => a - b);
}
