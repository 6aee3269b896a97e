import type { Photo } from '../data/photo/decode.ts';
import type { Precision } from '../engine/compile/compile.ts';
import { choosePrecision } from '../engine/precision.ts';
import type { Look } from '../infer/finish/look.ts';
import type { StyleNetworkOptions } from '../infer/style-network.ts';
import type { Checkpoint } from '../networks/checkpoint.ts';
import type { LayeredPicture } from '../picture.ts';
import { type PaintOptions, startPhoto, type Target } from './paint-photo.ts';
import { paintPixels } from './paint-pixels.ts';
import { wantsDepth } from './photo-output.ts';
import { isLight, readWhole } from './read-ahead.ts';
import { AT_ONCE, Slots } from './slots.ts';
import { StyleNetworks } from './style-networks.ts';
import { Turnstile } from './turnstile.ts';

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
   * Is called in the photo's turn, and answers what waits for work that goes on during the next turn.
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
 * Photos are painted one after the other, as they are read; the next is read and the one before written meanwhile.
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
        // Told where it is waited for.
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
