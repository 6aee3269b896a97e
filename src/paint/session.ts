import type { Photo } from '../data/photo/read-photo.ts';
import type { Precision } from '../engine/compile/compile.ts';
import { ifDeviceHasRoom } from '../engine/device-memory.ts';
import { choosePrecision } from '../engine/precision.ts';
import { memoryAtHand } from '../infer/bands/memory-plan.ts';
import { choosePlan, requireMemory } from '../infer/choose-plan.ts';
import { rowsOf } from '../infer/finish/finished-rows.ts';
import { isPlainLook, type Look, withAmount } from '../infer/finish/look.ts';
import { LookPainter, type PhotoPainter } from '../infer/finish/look-painter.ts';
import { StyleNetwork, type StyleNetworkOptions } from '../infer/style-network.ts';
import type { Checkpoint } from '../networks/checkpoint.ts';
import { inBits, type LayeredPicture } from '../picture.ts';
import { isLight, type PaintOptions, readWhole, startPhoto, type Target } from './paint-photo.ts';
import { wantsDepth } from './photo-output.ts';
import { AT_ONCE, Slots } from './slots.ts';

export interface SessionOptions {
  readonly precision: 'auto' | Precision;
  /** Defaults to `compiled`. */
  readonly engine?: StyleNetworkOptions['engine'];
  /** Bytes that the process may take in all; by default, what is free. */
  readonly memory?: number | undefined;
}

/** One photo's way through a session. */
export interface PhotoWork<Result> {
  open(): Promise<Photo>;
  /** Whether it may be read while others are painted, where it is small enough. */
  readonly ahead: boolean;
  /**
   * Is called in the photo's turn, and returns a promise of the work that continues during the next turn.
   *
   * @param picture the photo's pixels, where they have been read.
   */
  paint(photo: Photo, picture: LayeredPicture | undefined): Promise<() => Promise<Result>>;
}

/** In which style and how a photo is painted. */
export interface Manner {
  /** Index among the session's styles. Defaults to the first. */
  readonly style?: number;
  readonly look: Look | undefined;
}

/**
 * Styles in use, for the command line and the library alike: their networks, in which arithmetic they paint, and who goes when.
 * Photos are painted one after the other, as they are read; while one is painted, the next is read and the previous one written.
 */
export class PaintSession {
  readonly #styles: readonly StyleNetworks[];
  readonly #precision: Precision;
  readonly #isAutomatic: boolean;
  readonly #memory: number | undefined;
  readonly #slots = new Slots(AT_ONCE);
  readonly #turnstile = new Turnstile();

  private constructor(checkpoints: readonly Checkpoint[], precision: Precision, options: SessionOptions) {
    this.#styles = checkpoints.map((checkpoint) => new StyleNetworks(checkpoint, options.engine));
    this.#precision = precision;
    this.#isAutomatic = options.precision === 'auto';
    this.#memory = options.memory;
  }

  /** @throws {RuntimeSetupError} TensorFlow is not set up. */
  static async open(checkpoints: readonly Checkpoint[], options: SessionOptions): Promise<PaintSession> {
    return new PaintSession(checkpoints, await choosePrecision(options.precision), options);
  }

  /** Takes one photo through; throws what opening, reading and painting throw. */
  run<Result>({ open, ahead, paint }: PhotoWork<Result>): Promise<Result> {
    return this.#slots.use(async () => {
      let reading: Promise<LayeredPicture> | undefined;
      const opening = open();
      const launched = opening.then((photo) => {
        if (ahead && isLight(photo, this.#memory)) reading = readWhole(photo);
        // The error surfaces where the promise is awaited.
        reading?.catch(() => undefined);
      });
      this.#turnstile.starting(launched);
      await launched;
      const photo = await opening;
      const picture = await reading;
      const rest = await this.#turnstile.alone(() => paint(photo, picture));
      return rest();
    });
  }

  /**
   * Paints a photo into a file, in its turn. Throws as `startPhoto`.
   *
   * @returns while the file may still be being written: `written` is the caller's to await.
   */
  async paintFile(
    photo: Photo,
    target: Target,
    { style = 0, look, ...options }: Manner & Omit<PaintOptions, 'memory'>,
  ): Promise<{ readonly written: Promise<void> }> {
    // bf16 has 128 steps from 128 to 255: no 16 bit.
    const isDeep = this.#isAutomatic && wantsDepth(photo.head, target.format, options);
    const painter = this.#styles[style]!.painterFor(look, isDeep ? 'f32' : this.#precision);
    const memory = this.#memory === undefined ? {} : { memory: this.#memory };
    const { launched, written } = await startPhoto(painter, photo, target, { ...options, ...memory });
    await launched.catch(() => undefined);
    // A large picture has the memory for itself until it is written.
    if (options.picture === undefined) await written.catch(() => undefined);
    return { written };
  }

  /** Paints a photo into pixels of 8 bit, in its turn. Throws as `paintPixels`. */
  paintPixels(
    photo: Photo,
    picture: LayeredPicture | undefined,
    { style = 0, look, onProgress }: Manner & Pick<PaintOptions, 'onProgress'>,
  ): Promise<LayeredPicture<Uint8Array>> {
    const painter = this.#styles[style]!.painterFor(look, this.#precision);
    return paintPixels(painter, photo, picture, { memory: this.#memory, onProgress });
  }

  /** Frees the networks when what is being painted is through; idempotent. */
  dispose(): Promise<void> {
    return this.#turnstile.alone(async () => {
      for (const style of this.#styles) style.dispose();
    });
  }
}

/** Networks of one style that are kept compiled: an amount changes the weights, a precision the arithmetic. */
const KEPT = 4;

/** The networks of one style, compiled when they are wanted, the least recently used given up. */
class StyleNetworks {
  readonly #checkpoint: Checkpoint;
  readonly #engine: 'compiled' | 'eager';
  readonly #kept = new Map<string, StyleNetwork>();

  constructor(checkpoint: Checkpoint, engine: 'compiled' | 'eager' = 'compiled') {
    this.#checkpoint = checkpoint;
    this.#engine = engine;
  }

  /** Good until the next call; not the caller's to dispose of. */
  painterFor(look: Look | undefined, precision: Precision): PhotoPainter {
    const amount = look?.amount ?? 1;
    const key = `${precision} ${amount}`;
    const network =
      this.#kept.get(key) ??
      new StyleNetwork(amount === 1 ? this.#checkpoint : withAmount(this.#checkpoint, amount), {
        precision,
        engine: this.#engine,
      });
    this.#kept.delete(key);
    this.#kept.set(key, network);
    for (const [oldest, one] of this.#kept) {
      if (this.#kept.size <= KEPT) break;
      one.dispose();
      this.#kept.delete(oldest);
    }
    return look === undefined || isPlainLook(look) ? network : new LookPainter(network, look);
  }

  dispose(): void {
    for (const network of this.#kept.values()) network.dispose();
    this.#kept.clear();
  }
}

/**
 * One painter, many photos. A native call blocks the event loop, so that photos are painted one after the other; decoders and
 * encoders work in their own threads meanwhile, but only those that have been started: a step still to be taken on the
 * event loop waits until the call is through.
 */
class Turnstile {
  #last: Promise<unknown> = Promise.resolve();
  readonly #starting = new Set<Promise<unknown>>();

  /** Has computing wait until this promise is settled: something's start in another thread. */
  starting(launched: Promise<unknown>): void {
    const known: Promise<unknown> = launched
      .catch(() => undefined)
      .finally(() => this.#starting.delete(known));
    this.#starting.add(known);
  }

  /** Runs work alone, in the order of calling, when what was starting has started. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const run = async () => {
      await Promise.all(this.#starting);
      return work();
    };
    const done = this.#last.then(run);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

interface PixelsOptions {
  /** Bytes that the process may take in all; by default, what is free. */
  readonly memory?: number | undefined;
  /** Called between the bands of a large picture; what it throws stops painting. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/**
 * Paints one photo into pixels of 8 bit; of an animation the first frame.
 *
 * @param read the photo's pixels, where they have been read already.
 * @throws {ConfigError} too little memory. {ImageError} the photo is damaged or too small.
 */
export async function paintPixels(
  painter: PhotoPainter,
  photo: Photo,
  read: LayeredPicture | undefined,
  { memory, onProgress }: PixelsOptions,
): Promise<LayeredPicture<Uint8Array>> {
  const { width, height, depth, alpha: hasAlpha, unpacked } = photo.head;
  const budget = memory ?? memoryAtHand();
  const plans = painter.plans(photo.head, ((hasAlpha ? 4 : 3) * depth) / 8 + 3);
  if (read === undefined) requireMemory(unpacked, budget, 'to unpack this picture');
  const plan = choosePlan(plans, budget, 'auto');
  const picture = read ?? (await readWhole(photo));
  const opacity = picture.alpha === undefined ? {} : { alpha: inBits(picture.alpha, 8) as Uint8Array };
  // The plan is for the memory of the process; a GPU has its own.
  const whole = plan.placement === 'untiled' ? ifDeviceHasRoom(() => painter.stylize(picture)) : undefined;
  if (whole !== undefined) return { ...whole, ...opacity };
  const bands = plan.placement === 'untiled' ? choosePlan(plans, budget, 'exact') : plan;
  const pixels = new Uint8Array(3 * width * height);
  let at = 0;
  const write = (band: ArrayLike<number>) => {
    pixels.set(band, at);
    at += band.length;
  };
  await painter.stylizeBands(rowsOf(picture), write, bands, onProgress);
  return { pixels, width, height, ...opacity };
}
