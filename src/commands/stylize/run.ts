/** `stylize`: what can fail is tried before the first picture is painted: photos, names, formats, files in the way, the style. */
import { stat } from 'node:fs/promises';
import { mapInOrder } from '../../data/map-in-order.ts';
import { openPhoto } from '../../data/photo/read-photo.ts';
import { STANDARD } from '../../data/photo/source.ts';
import { writtenFormat } from '../../data/picture-format.ts';
import { parseMemory } from '../../infer/bands/memory-plan.ts';
import { openLook } from '../../paint/open-look.ts';
import { type ManyOptions, type PhotoTask, paintMany } from '../../paint/paint-many.ts';
import { openOptions } from '../../paint/paint-photo.ts';
import { checkedPhotoOptions } from '../../paint/photo-call.ts';
import { type PhotoOptions, requireAbilities } from '../../paint/photo-output.ts';
import type { PaintSession } from '../../paint/session.ts';
import { refuseToOverwrite } from '../../system/atomic-file.ts';
import { ConfigError, expected, FileError } from '../../system/errors.ts';
import { catchInterruption, InterruptedError } from '../shared/interruption.ts';
import type { StylizeArguments } from './command.ts';
import { findInputs, openEarly, targetsOfPhotos, withoutOwnOutputs } from './files.ts';
import { StylizeReport } from './report.ts';
import { requireSheet, writeSheet } from './sheet.ts';
import { openStyles, readyStyles } from './styles.ts';
import { watchAndPaint } from './watching.ts';

/** Heads that are read at a time. */
const AT_ONCE = 8;

export async function runStylize(args: StylizeArguments): Promise<void> {
  const { out, overwrite, skipExisting = false, engine, memory, tiles, sheet, json, watch } = args;
  const asked = args.style;
  const styles = asked === undefined ? [] : [asked].flat();
  const named = args.photo ?? [];
  const options = await checkedPhotoOptions(args);
  refuseOddPairs(args, named, styles, options);
  const look = await openLook(args);
  if (args.refine !== undefined && look !== undefined)
    throw new ConfigError(
      expected('no --stroke, --amount, --colors or --mask with --refine, which would undo them', args.refine),
    );
  const budget = memory === undefined ? undefined : parseMemory(memory);
  const opening = await openStyles(styles, args.blend);
  const labels = opening.map(({ label }) => label);
  const report = new StylizeReport({ json, styles: labels, atOnce: watch !== undefined });
  const say = (line: string) => report.say(line);
  const many = {
    ...options,
    overwrite: overwrite || watch !== undefined,
    tiles: engine === 'eager' ? ('off' as const) : tiles,
    say,
    look,
  };
  if (watch !== undefined) {
    const watching = { folder: watch, args, styles: opening, labels, options, many, memory: budget };
    await watchAndPaint({ ...watching, report, paint: paintAll });
    return;
  }

  const unread = new Set<string>();
  const inputs = await findInputs(named, out, (line) => {
    unread.add(line);
    say(line);
  });
  const opened = await openEarly(
    inputs.map(({ path }) => path),
    openOptions(many),
  );
  const pipedIn = opened.get(STANDARD)?.head.format;
  const piped = pipedIn && writtenFormat(pipedIn);
  const placed = await targetsOfPhotos(inputs, { out, styles: labels, format: options.format, piped, say });
  const wanted = withoutOwnOutputs(
    inputs.map((input, i) => ({ input, targets: placed[i]! })),
    { out, styles: labels },
  );
  const tasks: PhotoTask[] = [];
  let skipped = 0;
  for (const { input, targets } of wanted) {
    const missing = [];
    for (const target of targets) {
      requireAbilities(target.format, options);
      const isThere = skipExisting && (await stat(target.path).catch(() => undefined)) !== undefined;
      if (isThere) skipped++;
      else if (!overwrite && target.path !== STANDARD) await refuseInTheWay(target.path, inputs.length > 1);
      missing.push(isThere ? undefined : target);
    }
    const task = { path: input.path, targets: missing, opened: opened.get(input.path) };
    if (missing.some((target) => target !== undefined)) tasks.push(task);
  }
  const rows = wanted.map(({ input, targets }) => ({
    photo: input.path,
    paintings: targets.map(({ path }) => path),
  }));
  if (sheet !== undefined) await requireSheet(sheet, rows, overwrite || skipExisting);
  if (skipped > 0) say(`${skipped} of ${wanted.length * labels.length} exist already and are kept.`);
  const interruption = catchInterruption(() =>
    say('Stopping after this picture; Ctrl-C again stops at once.'),
  );
  try {
    if (tasks.length > 0) {
      const { session, refine } = await readyStyles(opening, args, budget);
      try {
        await paintAll(session, tasks, { ...many, ...refine, signal: interruption.signal }, report);
      } finally {
        await session.dispose();
      }
    }
  } finally {
    report.stop();
    interruption.release();
  }
  if (sheet !== undefined) await writeSheet(sheet, rows, labels);
  report.finish(wanted.length * labels.length - skipped, unread.size);
}

function refuseOddPairs(
  { out, tiles, engine, refine, blend, skipExisting, overwrite, watch, sheet, json }: StylizeArguments,
  named: readonly string[],
  styles: readonly string[],
  { depth }: PhotoOptions,
): void {
  const refuse = (what: string, got: unknown, remedy?: string): never => {
    throw new ConfigError(expected(what, got, remedy));
  };
  if (watch === undefined && named.length === 0)
    refuse('photos to paint', 'none', 'name files, folders or -');
  if (tiles === 'exact' || tiles === 'fast') {
    if (engine === 'eager') refuse(`--engine compiled with --tiles ${tiles}`, engine);
    if (refine !== undefined)
      refuse(`no --refine with --tiles ${tiles}, as it needs the whole picture`, refine);
  }
  if (refine !== undefined) {
    if (depth === 16) refuse('no --refine with --depth 16, as it works in 8 bit', refine);
    if (styles.length > 1) refuse('one --style with --refine', styles.length);
    if (blend !== undefined)
      refuse('no --refine with --blend, as a mixture has no painting of its own', refine);
  }
  if (skipExisting && overwrite) refuse('one of --skip-existing and --overwrite', 'both');
  if (watch !== undefined) {
    if (named.length > 0) refuse('no photos with --watch', named[0]!, 'put them into the folder');
    if (sheet !== undefined) refuse('no --sheet with --watch, which has no end', sheet);
    if (out === STANDARD) refuse('a folder for --out with --watch', out);
  }
  if (json && out === STANDARD) refuse('a file or folder for --out with --json', out);
}

async function refuseInTheWay(path: string, isOneOfMany: boolean): Promise<void> {
  if (!isOneOfMany) return refuseToOverwrite(path);
  if ((await stat(path).catch(() => undefined)) === undefined) return;
  throw new FileError(
    `${path} exists already; choose another name or pass --overwrite, or --skip-existing for what is missing.`,
  );
}

/**
 * Paints photos and reports each; the time left is estimated by pixels.
 *
 * @throws {InterruptedError} the signal came before all were painted. {CheckpointError} the style cannot paint.
 */
async function paintAll(
  session: PaintSession,
  tasks: readonly PhotoTask[],
  options: ManyOptions & { readonly signal: AbortSignal },
  report: StylizeReport,
): Promise<void> {
  const { signal } = options;
  const pixels = new Map<string, number>();
  const count = tasks.reduce(
    (sum, { targets }) => sum + targets.filter((one) => one !== undefined).length,
    0,
  );
  const heads = mapInOrder(tasks, AT_ONCE, async ({ path, opened }) => {
    // What cannot be opened is reported in its turn.
    const photo =
      opened ??
      (await openPhoto(path, openOptions({ ...options, say: () => undefined })).catch(() => undefined));
    return {
      path,
      pixels: photo === undefined ? 0 : photo.head.width * photo.head.height * photo.head.frames,
    };
  });
  let all = 0;
  for await (const head of heads) {
    if (signal.aborted) break;
    pixels.set(head.path, head.pixels);
    const task = tasks[pixels.size - 1]!;
    all += head.pixels * task.targets.filter((one) => one !== undefined).length;
  }
  if (count > 1) report.begin(all);
  const onProgress = (path: string, share: number) => {
    const size = pixels.get(path) ?? 0;
    // A single photo has a bar where it takes long enough for one.
    if (count === 1) report.begin(size);
    report.progress(share * size, path);
  };
  let done = 0;
  for await (const outcomes of paintMany(session, tasks, { ...options, onProgress })) {
    for (const outcome of outcomes) report.add(outcome, pixels.get(outcome.photo) ?? 0);
    done += outcomes.length;
  }
  if (done === count) return;
  throw new InterruptedError(
    `Stopped: ${report.painted} of ${count} painted; the same command with --skip-existing continues.`,
  );
}
