import { mapInOrder } from '../data/map-in-order.ts';
import { openPhoto, type Photo } from '../data/photo/read-photo.ts';
import type { Look } from '../infer/finish/look.ts';
import type { LayeredPicture } from '../picture.ts';
import { CheckpointError } from '../system/errors.ts';
import { openOptions, type PaintOptions, type Target } from './paint-photo.ts';
import type { PaintSession } from './session.ts';
import { AT_ONCE } from './slots.ts';

/** Heads that are read at a time. */
const HEADS_AT_ONCE = 8;

/** One photo and where each style's painting of it goes; none where it is not wanted. */
export interface PhotoTask {
  readonly path: string;
  readonly targets: readonly (Target | undefined)[];
  /** The photo, where it has been opened already. */
  readonly opened?: Photo | undefined;
}

/** What has become of one photo in one style. */
export interface Outcome {
  readonly photo: string;
  readonly target: Target;
  readonly style: number;
  readonly width: number;
  readonly height: number;
  /** From the start of painting to the file in its place. */
  readonly seconds: number;
  /** Why it was not painted. */
  readonly error?: unknown;
}

export interface ManyOptions extends Omit<PaintOptions, 'picture' | 'memory' | 'onProgress'> {
  readonly look: Look | undefined;
  /** No further photo is begun when it is aborted; a photo that takes several native calls is given up. */
  readonly signal?: AbortSignal;
  /** The current photo and how much of it is done, where that takes several native calls. */
  readonly onProgress?: (path: string, share: number) => void;
}

/**
 * Paints photos, each in every style; while one is painted, the next is read and the previous one written. A photo that fails
 * is an outcome like any other, and the others continue; a style that cannot paint ends it all.
 *
 * @returns the outcome for each photo, in order. @throws {CheckpointError} a style gives no numbers.
 */
export async function* paintMany(
  session: PaintSession,
  tasks: Iterable<PhotoTask> | AsyncIterable<PhotoTask>,
  options: ManyOptions,
): AsyncGenerator<readonly Outcome[], void, void> {
  const { signal } = options;
  async function* untilAborted() {
    for await (const task of tasks) {
      if (signal?.aborted) return;
      yield task;
    }
  }
  for await (const outcomes of mapInOrder(untilAborted(), AT_ONCE, (task) =>
    paintTask(session, task, options),
  )) {
    const broken = outcomes.find(({ error }) => error instanceof CheckpointError);
    if (broken !== undefined) throw broken.error;
    yield outcomes;
  }
}

/** What is reported while photos are painted, by those who show it. */
export interface ManyWatcher {
  /** How many pictures there are to paint, and their pixels; called before the first. */
  readonly onBegin?: (pictures: number, pixels: number) => void;
  /** The current photo, its pixels, and the share of them that is done, where it takes several native calls. */
  readonly onProgress?: (path: string, share: number, pixels: number) => void;
  /** What has become of a photo in a style. @param pixels that the photo was counted with. */
  readonly onOutcome: (outcome: Outcome, pixels: number) => void;
}

/**
 * Paints photos as `paintMany`, and reports each. Photos' heads are read first: the time left is a matter of pixels.
 *
 * @returns how many were painted or failed; fewer than there are where the signal came. @throws {CheckpointError} a style gives no numbers.
 */
export async function paintWatched(
  session: PaintSession,
  tasks: readonly PhotoTask[],
  options: Omit<ManyOptions, 'onProgress'>,
  { onBegin, onProgress, onOutcome }: ManyWatcher,
): Promise<number> {
  const pixels = new Map<string, number>();
  const heads = mapInOrder(tasks, HEADS_AT_ONCE, async ({ path, opened }) => {
    // What cannot be opened is reported in its turn.
    const photo =
      opened ??
      (await openPhoto(path, openOptions({ ...options, say: () => undefined })).catch(() => undefined));
    return photo === undefined ? 0 : photo.head.width * photo.head.height * photo.head.frames;
  });
  let all = 0;
  for await (const ofPhoto of heads) {
    if (options.signal?.aborted) break;
    const task = tasks[pixels.size]!;
    pixels.set(task.path, ofPhoto);
    all += ofPhoto * wantedOf(task);
  }
  onBegin?.(
    tasks.reduce((sum, task) => sum + wantedOf(task), 0),
    all,
  );
  const pixelsOf = (path: string) => pixels.get(path) ?? 0;
  let done = 0;
  for await (const outcomes of paintMany(session, tasks, {
    ...options,
    onProgress: (path, share) => onProgress?.(path, share, pixelsOf(path)),
  })) {
    for (const outcome of outcomes) onOutcome(outcome, pixelsOf(outcome.photo));
    done += outcomes.length;
  }
  return done;
}

/** In how many styles a photo is to be painted. */
const wantedOf = ({ targets }: PhotoTask) => targets.filter((one) => one !== undefined).length;

async function paintTask(
  session: PaintSession,
  { path, targets, opened }: PhotoTask,
  options: ManyOptions,
): Promise<readonly Outcome[]> {
  const { signal, onProgress, refine, tiles } = options;
  const wanted = targets.flatMap((target, style) => (target === undefined ? [] : [{ target, style }]));
  const failed = (error: unknown) => (one: (typeof wanted)[number]) => ({
    ...{ photo: path, ...one, width: 0, height: 0, seconds: 0 },
    error,
  });
  const paint = async (photo: Photo, picture: LayeredPicture | undefined) => {
    const { width, height } = photo.head;
    const all: Promise<Outcome>[] = [];
    for (const { target, style } of wanted) {
      if (signal?.aborted) break;
      const started = performance.now();
      try {
        const { written } = await session.paintFile(photo, target, {
          ...options,
          ...{ style, picture },
          onProgress: (share) => {
            signal?.throwIfAborted();
            onProgress?.(path, share);
          },
        });
        all.push(
          written.then(
            () => {
              const seconds = (performance.now() - started) / 1000;
              return { photo: path, target, style, width, height, seconds };
            },
            (error: unknown) => failed(error)({ target, style }),
          ),
        );
      } catch (error) {
        if (signal?.aborted && error === signal.reason) break;
        all.push(Promise.resolve(failed(error)({ target, style })));
      }
    }
    return () => Promise.all(all);
  };
  try {
    return await session.run({
      open: async () => opened ?? (await openPhoto(path, openOptions(options))),
      ahead: refine === undefined && tiles !== 'exact',
      paint,
    });
  } catch (error) {
    return wanted.map(failed(error));
  }
}
