/** The report of a comparison that several workers have made. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SizeParity } from '../../compare/figures.ts';
import type { SheetCell } from '../../data/contact-sheet.ts';
import { decodePicture } from '../../data/image-file.ts';
import { roundsOf } from '../../judge/compare-call.ts';
import { REPORT_NAMES, reportIn, sheetRow, writeComparison } from '../../judge/comparison-report.ts';
import type { Picture, PictureSize } from '../../picture.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { arithmeticNotes } from './arithmetic-notes.ts';
import {
  type ComparedPhoto,
  type CompareJob,
  checkCompared,
  comparisonFolder,
  comparisonSettings,
  isSameRound,
} from './compare-job.ts';
import { fetchInto } from './fetch-into.ts';
import { JoinedMark } from './joined-mark.ts';
import type { JoinedJob, TaskContext } from './kind.ts';
import { styleInStore } from './stylize-call.ts';

/** Writes the tables and the sheet that one machine would write; times are those of the workers, and said to be. */
export async function joinComparison(
  job: CompareJob,
  results: AsyncIterable<unknown>,
  context: TaskContext,
): Promise<JoinedJob> {
  const { store, scratch, signal } = context;
  const settings = comparisonSettings(job);
  const compared: ComparedPhoto[] = [];
  for await (const result of results) compared.push(checkCompared(result));
  const [first] = compared as [ComparedPhoto];
  const joined = new JoinedMark(comparisonFolder(first.id), context);
  const before = await joined.find();
  if (before !== undefined) return before as JoinedJob;
  for (const { conditions } of compared) requireSame(conditions, first.conditions);
  const sizes: SizeParity<PictureSize>[] = [];
  const rows: SheetCell[][] = [];
  for (const round of roundsOf(settings)) {
    const ofRound = compared.filter((one) => isSameRound(round, one.round));
    for (const { figures, pictures } of ofRound)
      rows.push(sheetRow(round, figures, await shownIn(pictures, 2 + figures.milestones.length, context)));
    sizes.push({ ...round, photos: ofRound.map(({ figures }) => figures) });
  }
  const notes = arithmeticNotes(compared.map(({ arithmetic }) => arithmetic));
  const conditions = [
    ...first.conditions,
    `both in ${first.precision}; the times of a photo are those of the worker that has compared it, without reading, writing and judging`,
    ...notes,
  ];
  const report = { style: first.style, conditions, at: settings.iterations, sizes };
  const files = reportIn(join(scratch, 'report'));
  await writeComparison(report, rows, files, true);
  const name = first.style || basename(styleInStore(job.style)!.key, '.safetensors');
  const place = job.out ?? `compare/${name}/`;
  for (const kind of ['report', 'figures', 'sheet'] as const)
    await store.put(files[kind], `${place === '/' ? '' : place}${REPORT_NAMES[kind]}`, signal);
  await joined.finish({ notes });
  return { notes };
}

/** The pictures of a photo, one below the other in a file of the store. */
async function shownIn(key: string, count: number, context: TaskContext): Promise<readonly Picture[]> {
  const path = await fetchInto(context, key, 'pictures.png');
  const { pixels, width, height } = await decodePicture(await readFile(path), key);
  const bytes = pixels.length / count;
  return Array.from({ length: count }, (_, i) => ({
    ...{ pixels: pixels.subarray(i * bytes, (i + 1) * bytes), width, height: height / count },
  }));
}

/** @throws {ConfigError} a worker has judged by another loss network. */
function requireSame(conditions: readonly string[], first: readonly string[]): void {
  const other = conditions.find((line, i) => line !== first[i]);
  if (other !== undefined)
    throw new ConfigError(
      expected(
        'workers that judge alike',
        other,
        'have them all the same loss network (weights fetch), or name one by --loss-network',
      ),
    );
}
