/** Photos into files: what can fail is tried before the first is painted: photos, names, formats, files in the way, the style. */
import { stat } from 'node:fs/promises';
import { STANDARD } from '../data/photo/source.ts';
import { writtenFormat } from '../data/picture-format.ts';
import { refuseToOverwrite } from '../system/atomic-file.ts';
import { ConfigError, expected, FileError } from '../system/errors.ts';
import { type FilesCall, openFilesCall, readySession } from './files-call.ts';
import { type ManyWatcher, type Outcome, type PhotoTask, paintWatched } from './paint-many.ts';
import { openOptions } from './paint-photo.ts';
import { requireAbilities } from './photo-output.ts';
import { findInputs, openEarly, targetsOfPhotos, withoutOwnOutputs } from './photos-and-targets.ts';
import { requireSheet, writeSheet } from './photos-sheet.ts';

export interface PaintFilesCall extends FilesCall {
  /** Files, folders, patterns; `-` is standard input. */
  readonly photo: readonly string[];
  readonly skipExisting?: boolean | undefined;
  /** File of a contact sheet: a row for each photo, a column for each style. */
  readonly sheet?: string | undefined;
}

/** What has become of one photo in one style. */
export interface FileOutcome extends Outcome {
  /** As it is in files' names. */
  readonly styleName: string;
}

/** Who sees to photos painted into files. */
export interface FilesWatcher extends Omit<ManyWatcher, 'onOutcome'> {
  /** Takes a line about a photo, or on what is amiss. */
  readonly say: (line: string) => void;
  /** Called when all is checked: no further photo is begun when the signal is aborted. */
  readonly signal: () => AbortSignal;
  readonly onOutcome: (outcome: FileOutcome, pixels: number) => void;
}

export interface PaintedFiles {
  /** Pictures that were to be painted. */
  readonly wanted: number;
  /** Pictures that exist already and are kept. */
  readonly skipped: number;
  /** Folders that could not be read; `say` has had their names. */
  readonly unread: number;
  /** Whether the signal came before all were painted. */
  readonly isStopped: boolean;
}

/**
 * Paints photos into files, each in every style. A photo that fails is an outcome like any other.
 *
 * @throws {ConfigError} an option that cannot be used, or no photos. {FileError} a file is in the way, or cannot be read.
 * {ImageError} the only photo, or the mask, cannot be read. {CheckpointError} a style does not exist or cannot paint.
 * {RuntimeSetupError} TensorFlow is not set up.
 */
export async function paintFiles(call: PaintFilesCall, watcher: FilesWatcher): Promise<PaintedFiles> {
  const { photo: photos, out, overwrite, skipExisting = false, sheet } = call;
  const { say } = watcher;
  if (photos.length === 0)
    throw new ConfigError(expected('photos to paint', 'none', 'name files, folders or -'));
  if (skipExisting && overwrite)
    throw new ConfigError(expected('one of --skip-existing and --overwrite', 'both'));
  const opened = await openFilesCall(call, say);
  const { labels, photoOptions, many } = opened;
  const unread = new Set<string>();
  const inputs = await findInputs(photos, out, (line) => {
    unread.add(line);
    say(line);
  });
  const early = await openEarly(
    inputs.map(({ path }) => path),
    openOptions(many),
  );
  const pipedIn = early.get(STANDARD)?.head.format;
  const piped = pipedIn && writtenFormat(pipedIn);
  const { format } = photoOptions;
  const placed = await targetsOfPhotos(inputs, { out, styles: labels, format, piped, say });
  const wanted = withoutOwnOutputs(
    inputs.map((input, i) => ({ input, targets: placed[i]! })),
    { out, styles: labels },
  );
  const tasks: PhotoTask[] = [];
  let skipped = 0;
  for (const { input, targets } of wanted) {
    const missing = [];
    for (const target of targets) {
      requireAbilities(target.format, photoOptions);
      const isThere = skipExisting && (await stat(target.path).catch(() => undefined)) !== undefined;
      if (isThere) skipped++;
      else if (!overwrite && target.path !== STANDARD) await refuseInTheWay(target.path, inputs.length > 1);
      missing.push(isThere ? undefined : target);
    }
    const task = { path: input.path, targets: missing, opened: early.get(input.path) };
    if (missing.some((target) => target !== undefined)) tasks.push(task);
  }
  const rows = wanted.map(({ input, targets }) => ({
    photo: input.path,
    paintings: targets.map(({ path }) => path),
  }));
  if (sheet !== undefined) await requireSheet(sheet, rows, overwrite || skipExisting);
  const pictures = wanted.length * labels.length;
  if (skipped > 0) say(`${skipped} of ${pictures} exist already and are kept.`);
  const result = { wanted: pictures - skipped, skipped, unread: unread.size };
  const signal = watcher.signal();
  if (tasks.length > 0) {
    const { session, refine } = await readySession(opened, call);
    try {
      const options = { ...many, ...refine, signal };
      const done = await paintWatched(session, tasks, options, named(watcher, labels));
      if (done < result.wanted) return { ...result, isStopped: true };
    } finally {
      await session.dispose();
    }
  }
  if (sheet !== undefined) await writeSheet(sheet, rows, labels);
  return { ...result, isStopped: false };
}

/** Who is told of outcomes with their styles' names. */
export function named(watcher: FilesWatcher, labels: readonly string[]): ManyWatcher {
  return {
    ...watcher,
    onOutcome: (outcome, pixels) =>
      watcher.onOutcome({ ...outcome, styleName: labels[outcome.style]! }, pixels),
  };
}

async function refuseInTheWay(path: string, isOneOfMany: boolean): Promise<void> {
  if (!isOneOfMany) return refuseToOverwrite(path);
  if ((await stat(path).catch(() => undefined)) === undefined) return;
  throw new FileError(
    `${path} exists already; choose another name or pass --overwrite, or --skip-existing for what is missing.`,
  );
}
