/** What a worker does with a batch of photos. */
import { rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { mapInOrder } from '../../data/map-in-order.ts';
import { openPhoto } from '../../data/photo/read-photo.ts';
import { photoFormat } from '../../data/picture-format.ts';
import { openLook } from '../../paint/open-look.ts';
import { type ManyOptions, type PhotoTask, paintMany } from '../../paint/paint-many.ts';
import type { Target } from '../../paint/paint-photo.ts';
import { checkedPhotoOptions } from '../../paint/photo-call.ts';
import { PaintSession } from '../../paint/session.ts';
import { ConfigError, expected, FastStyleError } from '../../system/errors.ts';
import { isRecord } from '../../system/json-text.ts';
import { requireKey, requireOutputKey } from '../store/key.ts';
import { fetchStyles } from './fetched-styles.ts';
import type { ItemsDone, TaskContext } from './kind.ts';
import { type PlacedPhoto, paintedAs } from './painted-names.ts';
import { checkStylize, type StylizeCall } from './stylize-call.ts';

/** Photos that are fetched at a time: each waits for the store or the disk. */
const FETCHED_AT_ONCE = 4;

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
    look: await openLook({ ...call, ...(await fetchedMask(call, context)) }),
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

async function fetchedMask({ mask }: StylizeCall, { store, scratch, signal }: TaskContext) {
  if (mask === undefined) return {};
  const path = join(scratch, `mask${posix.extname(mask)}`);
  await store.fetch(mask, path, signal);
  return { mask: path };
}

interface GroupWork {
  readonly styles: ReadyStyles;
  readonly options: ManyOptions;
  readonly context: TaskContext;
}

/** A photo of a group, fetched. */
interface FetchedPhoto extends PhotoTask {
  readonly key: string;
  /** Keys of its paintings by their local paths. */
  readonly outs: ReadonlyMap<string, string>;
}

/** Paints photos; an answer for each. */
async function* paintGroup(
  photos: readonly PlacedPhoto[],
  call: StylizeCall,
  { styles, options, context }: GroupWork,
): AsyncGenerator<ItemsDone, void, void> {
  const { store, signal } = context;
  const tasks: FetchedPhoto[] = [];
  const numbered = photos.map((photo, index) => ({ photo, index }));
  const fetched = mapInOrder(numbered, FETCHED_AT_ONCE, ({ photo, index }) =>
    fetchPhoto(photo, index, { call, labels: styles.labels, context }),
  );
  for await (const task of fetched) {
    if ('failed' in task) yield task;
    else tasks.push(task);
  }
  let at = 0;
  for await (const outcomes of paintMany(styles.session, tasks, options)) {
    const { key, path, outs } = tasks[at++]!;
    const failed = [];
    let done = 0;
    for (const { target, error } of outcomes) {
      if (error === undefined) {
        await store.put(target.path, outs.get(target.path)!, signal);
        await rm(target.path);
        done++;
      } else if (error instanceof FastStyleError)
        failed.push({ item: key, reason: error.message.replaceAll(path, key) });
      else throw error;
    }
    await rm(path, { force: true });
    signal.throwIfAborted();
    yield { done: done + (styles.labels.length - outcomes.length), failed };
  }
  signal.throwIfAborted();
}

/** Fetches a photo; or answers for it where it is painted already, or is not there. */
async function fetchPhoto(
  { key, stem }: PlacedPhoto,
  index: number,
  { call, labels, context }: { call: StylizeCall; labels: readonly string[]; context: TaskContext },
): Promise<FetchedPhoto | ItemsDone> {
  const { store, scratch, signal } = context;
  const path = join(scratch, `photo-${index}${posix.extname(key)}`);
  const isFolder = call.out.endsWith('/');
  if (!(await store.exists(key)))
    return { done: 0, failed: labels.map(() => ({ item: key, reason: `It is not in ${store.url}.` })) };
  await store.fetch(key, path, signal);
  const { extension, format } = isFolder
    ? await formOf(key, path, call)
    : { extension: posix.extname(stem), format: photoFormat(stem) };
  const outs = new Map<string, string>();
  const targets: (Target | undefined)[] = [];
  for (const [i, label] of labels.entries()) {
    const out = isFolder ? `${stem}-${label}${extension}` : stem;
    const isThere = !call.overwrite && (await store.exists(out));
    const target = { path: join(scratch, `painted-${index}-${i}${extension}`), format };
    targets.push(isThere ? undefined : target);
    if (!isThere) outs.set(target.path, out);
  }
  if (outs.size === 0) {
    await rm(path);
    return { done: labels.length, failed: [] };
  }
  return { key, path, targets, outs };
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
