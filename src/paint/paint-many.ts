import { mapInOrder } from '../data/map-in-order.ts';
import type { Photo } from '../data/photo/decode.ts';
import { type OpenOptions, openPhoto } from '../data/photo/photo-file.ts';
import type { PhotoFormat } from '../data/picture-format.ts';
import type { PhotoPainter } from '../infer/finish/look-painter.ts';
import type { LayeredPicture, Picture } from '../picture.ts';
import { CheckpointError } from '../system/errors.ts';
import { type PaintOptions, startPhoto, type Target } from './paint-photo.ts';
import { isLight, readWhole } from './read-ahead.ts';
import { Turnstile } from './turnstile.ts';

/** One style, loaded. */
export interface Brush {
  /** What paints this photo into this format. */
  painterFor(photo: Photo, format: PhotoFormat): PhotoPainter;
  readonly refine?: (photo: Picture, painted: Picture) => Promise<Picture>;
}

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
  /** Why there is no painting. */
  readonly error?: unknown;
}

export interface ManyOptions extends Omit<PaintOptions, 'picture' | 'refine' | 'onProgress'> {
  /** No further photo is begun when it is aborted; a photo that takes several native calls is given up. */
  readonly signal?: AbortSignal;
  /** The photo at hand and how much of it is done, where that takes several native calls. */
  readonly onProgress?: (path: string, share: number) => void;
}

/** One is read, one painted, one written. */
const AT_ONCE = 3;

/**
 * Paints photos, each in every style, the next one being read and the one before being written meanwhile. A photo that fails
 * is an outcome like any other, and the others go on; a style that cannot paint ends it all.
 *
 * @returns what has become of each photo, in their order. @throws {CheckpointError} a style answers no numbers.
 */
export async function* paintMany(
  brushes: readonly Brush[],
  tasks: readonly PhotoTask[],
  options: ManyOptions,
): AsyncGenerator<readonly Outcome[], void, void> {
  const { signal } = options;
  const turnstile = new Turnstile();
  function* untilAborted() {
    for (const task of tasks) {
      if (signal?.aborted) return;
      yield task;
    }
  }
  for await (const outcomes of mapInOrder(untilAborted(), AT_ONCE, (task) =>
    paintTask(brushes, task, options, turnstile),
  )) {
    const broken = outcomes.find(({ error }) => error instanceof CheckpointError);
    if (broken !== undefined) throw broken.error;
    yield outcomes;
  }
}

/** How photos are to be opened that are to be painted so. @param say hears of damage. */
export function openOptions({ maxPixels, damaged, say = () => undefined }: ManyOptions): OpenOptions {
  return { maxPixels, onDamage: damaged === 'accept' ? say : undefined };
}

async function paintTask(
  brushes: readonly Brush[],
  { path, targets, opened }: PhotoTask,
  options: ManyOptions,
  turnstile: Turnstile,
): Promise<readonly Outcome[]> {
  const { signal, memory, onProgress } = options;
  const wanted = targets.flatMap((target, style) => (target === undefined ? [] : [{ target, style }]));
  const failed = (error: unknown) => (one: (typeof wanted)[number]) => ({
    ...{ photo: path, ...one, width: 0, height: 0, seconds: 0 },
    error,
  });
  const isPlain = brushes.every(({ refine }) => refine === undefined);
  let reading: Promise<LayeredPicture> | undefined;
  const opening = (async () => opened ?? (await openPhoto(path, openOptions(options))))();
  const launched = opening.then((photo) => {
    if (isPlain && options.tiles !== 'exact' && isLight(photo, memory)) reading = readWhole(photo);
    reading?.catch(() => undefined);
  });
  turnstile.starting(launched);
  let photo: Photo;
  let picture: LayeredPicture | undefined;
  try {
    photo = await opening;
    await launched;
    picture = await reading;
  } catch (error) {
    return wanted.map(failed(error));
  }
  const { width, height } = photo.head;
  const written = await turnstile.alone(async () => {
    const all: Promise<Outcome>[] = [];
    for (const { target, style } of wanted) {
      if (signal?.aborted) break;
      const { painterFor, refine } = brushes[style]!;
      const started = performance.now();
      const paint = async () =>
        startPhoto(painterFor(photo, target.format), photo, target, {
          ...options,
          picture,
          onProgress: (share) => {
            signal?.throwIfAborted();
            onProgress?.(path, share);
          },
          ...(refine === undefined ? {} : { refine }),
        });
      try {
        const { launched: encoding, written: file } = await paint();
        all.push(
          file.then(
            () => {
              const seconds = (performance.now() - started) / 1000;
              return { photo: path, target, style, width, height, seconds };
            },
            (error: unknown) => failed(error)({ target, style }),
          ),
        );
        await encoding.catch(() => undefined);
        // A large picture has the memory for itself until it is written.
        if (picture === undefined) await all.at(-1);
      } catch (error) {
        if (signal?.aborted && error === signal.reason) break;
        all.push(Promise.resolve(failed(error)({ target, style })));
      }
    }
    return all;
  });
  return Promise.all(written);
}
