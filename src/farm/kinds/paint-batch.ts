/** What a worker does with a batch of photos. */
import { rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { mapInOrder } from '../../data/map-in-order.ts';
import { openPhoto } from '../../data/photo/read-photo.ts';
import { photoFormat } from '../../data/picture-format.ts';
import { openLook } from '../../paint/open-look.ts';
import { type ManyOptions, type Outcome, type PhotoTask, paintMany } from '../../paint/paint-many.ts';
import type { Target } from '../../paint/paint-photo.ts';
import { checkedPhotoOptions } from '../../paint/photo-call.ts';
import { PaintSession } from '../../paint/session.ts';
import { ConfigError, expected, FastStyleError, FileError } from '../../system/errors.ts';
import { isRecord } from '../../system/json-text.ts';
import { requireKey, requireOutputKey } from '../store/key.ts';
import { readablePath } from './fetch-into.ts';
import { fetchStyles } from './fetched-styles.ts';
import type { ItemsDone, TaskContext } from './kind.ts';
import { type PlacedPhoto, paintedAs } from './painted-names.ts';
import { checkStylize, type StylizeCall } from './stylize-call.ts';

/** Photos that are fetched, and paintings that are put, at a time: each waits for the store or the disk. */
const MOVED_AT_ONCE = 4;

/** Styles ready to paint, with their names in files' names. */
interface ReadyStyles {
  readonly of: string;
  readonly session: PaintSession;
  readonly labels: readonly string[];
}

/** Those of the task before: most tasks of a job follow one another. */
let ready: ReadyStyles | undefined;

/**
 * Paints the photos of a batch. A painting that is there is left, unless the job replaces files: an earlier try has made it, or it is
 * to be kept.
 *
 * @throws {ConfigError} the task is none of ours. {FastStyleError} a style cannot be used, or the store fails: worth another try.
 */
export async function paintBatch(task: unknown, context: TaskContext): Promise<ItemsDone> {
  const { call, photos } = checkBatch(task);
  const deaths = context.deaths ?? [];
  const { order, fatal } = orderAfter(photos, deaths);
  const styles = await readyStyles(call, context);
  const options: ManyOptions = {
    ...(await checkedPhotoOptions(call)),
    ...{ overwrite: true, say: () => undefined, signal: context.signal },
    look: await openLook({ ...call, ...(await maskAtHand(call, context)) }),
    tiles: call.engine === 'eager' ? 'off' : call.tiles,
  };
  const answer = { done: 0, failed: fatal.map(({ key }) => ({ item: key, reason: FATAL })) };
  let through = 0;
  context.onProgress(through, order.length);
  // After a death one by one: where the next one dies is known then.
  for (const group of deaths.length === 0 ? [order] : order.map((one) => [one])) {
    for await (const { done, failed } of paintGroup(group, call, { styles, options, context })) {
      answer.done += done;
      answer.failed.push(...failed);
      context.onProgress(++through, order.length);
    }
  }
  return answer;
}

/** Gives up the styles that are kept for further batches; idempotent. */
export async function releaseStyles(): Promise<void> {
  const { session } = ready ?? {};
  ready = undefined;
  await session?.dispose();
}

const FATAL = 'The process that paints has ended at this photo, twice.';

/**
 * Photos in the order in which they are painted after processes have died: where the first was is known but nearly, as the next photos
 * were being read; it goes last. From then on photos go one by one, and one that a process dies at is given up.
 *
 * @param deaths how many photos of its order each process had behind it.
 */
export function orderAfter<Photo>(
  photos: readonly Photo[],
  deaths: readonly number[],
): { readonly order: readonly Photo[]; readonly fatal: readonly Photo[] } {
  let order = [...photos];
  const fatal: Photo[] = [];
  for (const [i, position] of deaths.entries()) {
    const suspect = order[position];
    if (suspect === undefined) continue;
    order = order.filter((_, at) => at !== position);
    if (i === 0) order.push(suspect);
    else fatal.push(suspect);
  }
  return { order, fatal };
}

function checkBatch(task: unknown): { call: StylizeCall; photos: readonly PlacedPhoto[] } {
  const { call, photos } = isRecord(task) ? task : {};
  if (!Array.isArray(photos) || photos.length === 0)
    throw new ConfigError(expected('a batch of photos', task));
  const placed = photos.map((photo: Partial<PlacedPhoto>) => ({
    key: requireKey(photo?.key, 'a photo'),
    stem: requireOutputKey(photo?.stem, 'a painting'),
  }));
  // The list of all photos is not said to every task.
  const one = isRecord(call) ? { ...call, photo: placed.map(({ key }) => key) } : call;
  return { call: checkStylize(one), photos: placed };
}

async function readyStyles(call: StylizeCall, context: TaskContext): Promise<ReadyStyles> {
  const { style, blend, precision, engine } = call;
  const memory = call.memory ?? context.memory;
  const of = JSON.stringify([context.store.url, style, blend, precision, engine, memory]);
  if (ready?.of === of) return ready;
  await releaseStyles();
  const styles = await fetchStyles(call, context);
  const session = await PaintSession.open(
    styles.map(({ checkpoint }) => checkpoint),
    { precision, engine, memory },
  );
  ready = { of, session, labels: styles.map(({ label }) => label) };
  return ready;
}

async function maskAtHand({ mask }: StylizeCall, context: TaskContext) {
  if (mask === undefined) return {};
  const { path } = await readablePath(context, mask, `mask${posix.extname(mask)}`);
  return { mask: path };
}

interface GroupWork {
  readonly styles: ReadyStyles;
  readonly options: ManyOptions;
  readonly context: TaskContext;
}

/** A photo of a group, at hand. */
interface PhotoAtHand extends PhotoTask {
  readonly key: string;
  /** It was fetched, and goes when it is painted. */
  readonly isFetched: boolean;
  /** Keys of those of its paintings that have to be put into the store, by their paths. */
  readonly puts: ReadonlyMap<string, string>;
}

/** Paints photos while the next ones are fetched and the previous ones are put; an answer for each, in order. */
async function* paintGroup(
  photos: readonly PlacedPhoto[],
  call: StylizeCall,
  { styles, options, context }: GroupWork,
): AsyncGenerator<ItemsDone, void, void> {
  const { store, signal } = context;
  const { labels } = styles;
  const numbered = photos.map((photo, index) => ({ photo, index }));
  /** Photos that are being painted, and the answers for those that need not be. */
  const waiting: (PhotoAtHand | ItemsDone)[] = [];
  const tasks: PhotoAtHand[] = [];
  async function* wanted() {
    const opened = mapInOrder(numbered, MOVED_AT_ONCE, ({ photo, index }) =>
      openPlaced(photo, index, { call, labels, context }),
    );
    for await (const one of opened) {
      waiting.push(one);
      if ('failed' in one) continue;
      tasks.push(one);
      yield one;
    }
  }
  const settle = async (outcomes: readonly Outcome[]): Promise<ItemsDone> => {
    const { key, path, isFetched, puts } = tasks.shift()!;
    const failed = [];
    let done = 0;
    for (const { target, error } of outcomes) {
      if (error === undefined) {
        const out = puts.get(target.path);
        if (out !== undefined) {
          await store.put(target.path, out, signal);
          await rm(target.path);
        }
        done++;
        // A store or a disk that does not take it may do so when it is tried again.
      } else if (error instanceof FastStyleError && !(error instanceof FileError))
        failed.push({ item: key, reason: error.message.replaceAll(path, key) });
      else throw error;
    }
    if (isFetched) await rm(path, { force: true });
    return { done: done + (labels.length - outcomes.length), failed };
  };
  function* answered() {
    while (waiting.length > 0 && 'failed' in waiting[0]!) yield waiting.shift() as ItemsDone;
  }
  const painted = paintMany(styles.session, wanted(), options);
  for await (const answer of mapInOrder(painted, MOVED_AT_ONCE, settle)) {
    signal.throwIfAborted();
    yield* answered();
    waiting.shift();
    yield answer;
  }
  signal.throwIfAborted();
  yield* answered();
}

/** Has a photo at hand; or answers for it where it is painted already, or is not there. */
async function openPlaced(
  { key, stem }: PlacedPhoto,
  index: number,
  { call, labels, context }: { call: StylizeCall; labels: readonly string[]; context: TaskContext },
): Promise<PhotoAtHand | ItemsDone> {
  const { store, scratch } = context;
  const isFolder = call.out.endsWith('/');
  if (!(await store.exists(key)))
    return { done: 0, failed: labels.map(() => ({ item: key, reason: `It is not in ${store.url}.` })) };
  const { path, isInPlace } = await readablePath(context, key, `photo-${index}${posix.extname(key)}`);
  const { extension, format } = isFolder
    ? await formOf(key, path, call)
    : { extension: posix.extname(stem), format: photoFormat(stem) };
  const puts = new Map<string, string>();
  const targets: (Target | undefined)[] = [];
  for (const [i, label] of labels.entries()) {
    const out = isFolder ? `${stem}-${label}${extension}` : stem;
    if (!call.overwrite && (await store.exists(out))) {
      targets.push(undefined);
      continue;
    }
    const place = await store.path(out);
    const scratched = join(scratch, `painted-${index}-${i}${extension}`);
    if (place === undefined) puts.set(scratched, out);
    targets.push({ path: place ?? scratched, format });
  }
  const isFetched = !isInPlace;
  if (targets.some((target) => target !== undefined)) return { key, path, isFetched, targets, puts };
  if (isFetched) await rm(path);
  return { done: labels.length, failed: [] };
}

/** A GIF stays one where it moves, as `stylize` has it. */
async function formOf(key: string, path: string, { format }: StylizeCall) {
  if (format === undefined && /\.gif$/i.test(key)) {
    const opened = await openPhoto(path).catch(() => undefined);
    if (opened !== undefined && opened.head.frames > 1)
      return { extension: posix.extname(key), format: 'gif' as const };
  }
  return paintedAs(key, format);
}
