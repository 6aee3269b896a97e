import { readFile } from 'node:fs/promises';
import type { Photo } from '../data/photo/decode.ts';
import type { Precision } from '../engine/compile/compile.ts';
import { choosePrecision } from '../engine/precision.ts';
import { requireAmount } from '../infer/amount.ts';
import { memoryAtHand } from '../infer/bands/memory-size.ts';
import { choosePlan, requireMemory } from '../infer/choose-plan.ts';
import { type Look, requireStroke } from '../infer/finish/look.ts';
import type { PhotoPainter } from '../infer/finish/look-painter.ts';
import { openStyle } from '../infer/open-style.ts';
import type { Checkpoint } from '../networks/checkpoint.ts';
import { startPhoto } from '../paint/paint-photo.ts';
import { wantsDepth } from '../paint/photo-output.ts';
import { isLight, readWhole } from '../paint/read-ahead.ts';
import { Turnstile } from '../paint/turnstile.ts';
import { inBits, type LayeredPicture } from '../picture.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { ScratchFile } from '../system/scratch-file.ts';
import { openInput, openMask } from './open-input.ts';
import type {
  EncodeOptions,
  LoadOptions,
  PaintedPixels,
  PhotoSourceInput,
  StyleDescription,
  StylizeOptions,
} from './options.ts';
import { Painters } from './painters.ts';
import { requireEncodeOptions } from './require-options.ts';
import { Slots } from './slots.ts';

/** One is read, one painted, one encoded. */
const AT_ONCE = 3;

/**
 * What lies behind the library's `Stylizer`: a style whose network is there. Calls are painted one after the other, as they are
 * read, the next being read and the one before being encoded meanwhile.
 */
export class LoadedStyle {
  readonly #painters: Painters;
  readonly #precision: Precision;
  readonly #automatic: boolean;
  readonly #memory: number | undefined;
  readonly #slots = new Slots(AT_ONCE);
  readonly #turnstile = new Turnstile();
  #pending = 0;
  #disposed = false;
  readonly description: StyleDescription;

  private constructor(checkpoint: Checkpoint, precision: Precision, options: LoadOptions) {
    const { name, architecture, steps, images } = checkpoint;
    this.description = { name, architecture, steps, images };
    this.#painters = new Painters(checkpoint);
    this.#precision = precision;
    this.#automatic = (options.precision ?? 'auto') === 'auto';
    this.#memory = options.memory;
  }

  /** Throws as `Stylizer.load`. */
  static async open(nameOrFile: string, options: LoadOptions): Promise<LoadedStyle> {
    const { checkpoint } = await openStyle(nameOrFile);
    return new LoadedStyle(checkpoint, await choosePrecision(options.precision ?? 'auto'), options);
  }

  /** Calls that have no result yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Paints one photo: the file's bytes where `format` is given, else pixels. Throws as `Stylizer.stylize`. */
  async stylize(
    photo: PhotoSourceInput,
    options: StylizeOptions | EncodeOptions,
  ): Promise<Buffer | PaintedPixels> {
    this.#requireWhole();
    this.#pending++;
    try {
      if (hasFormat(options)) requireEncodeOptions(options);
      return await this.#slots.use(() => this.#stylize(photo, options));
    } finally {
      this.#pending--;
    }
  }

  /** Frees the network. What is being painted is finished, what waits is refused; idempotent. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#turnstile.alone(async () => this.#painters.dispose());
  }

  async #stylize(
    input: PhotoSourceInput,
    options: StylizeOptions | EncodeOptions,
  ): Promise<Buffer | PaintedPixels> {
    const { signal } = options;
    this.#requireWhole();
    signal?.throwIfAborted();
    const look = await lookOf(options);
    const photo = await openInput(input, {
      maxPixels: options.maxPixels,
      onDamage: damageHeard(options),
    });
    const reading = isLight(photo, this.#memory) ? readWhole(photo) : undefined;
    const picture = await reading;
    const painted = await this.#turnstile.alone(async () => {
      this.#requireWhole();
      signal?.throwIfAborted();
      if (!hasFormat(options)) {
        const pixels = await this.#pixels(
          this.#painters.painterFor(look, this.#precision),
          photo,
          picture,
          signal,
        );
        return async () => pixels;
      }
      return this.#file(photo, picture, options, look);
    });
    return painted();
  }

  /** Paints, and begins to encode. @returns what waits for the file. */
  async #file(
    photo: Photo,
    picture: LayeredPicture | undefined,
    options: EncodeOptions,
    look: Look,
  ): Promise<() => Promise<Buffer>> {
    const { format, lossless = false, profile = 'srgb', strip = false, onNote, signal } = options;
    const how = { ...options, lossless, profile, strip };
    // bf16 has 128 steps from 128 to 255: no 16 bit.
    const deep = this.#automatic && wantsDepth(photo.head, format, how);
    const painter = this.#painters.painterFor(look, deep ? 'f32' : this.#precision);
    let bytes = Buffer.alloc(0);
    const { launched, written } = await startPhoto(
      painter,
      photo,
      { path: photo.source.name, format },
      {
        ...how,
        picture,
        overwrite: true,
        tiles: 'auto',
        say: (line) => onNote?.(line),
        onProgress: () => signal?.throwIfAborted(),
        deliver: async (write) => {
          const file = new ScratchFile();
          try {
            await write(file.path);
            bytes = await readFile(file.path);
          } finally {
            file.close();
          }
        },
        ...(this.#memory === undefined ? {} : { memory: this.#memory }),
      },
    );
    await launched.catch(() => undefined);
    if (picture === undefined) await written;
    return async () => {
      await written;
      return bytes;
    };
  }

  async #pixels(
    painter: PhotoPainter,
    photo: Photo,
    read: LayeredPicture | undefined,
    signal: AbortSignal | undefined,
  ): Promise<PaintedPixels> {
    const { width, height, depth, alpha: hasAlpha, unpacked } = photo.head;
    const budget = this.#memory ?? memoryAtHand();
    const plans = painter.plans(photo.head, ((hasAlpha ? 4 : 3) * depth) / 8 + 3);
    if (read === undefined) requireMemory(unpacked, budget, 'to unpack this picture');
    const plan = choosePlan(plans, budget, 'auto');
    const picture = read ?? (await readWhole(photo));
    const opacity = picture.alpha === undefined ? {} : { alpha: inBits(picture.alpha, 8) as Uint8Array };
    if (plan.placement === 'untiled') return { ...painter.stylize(picture), ...opacity };
    const pixels = new Uint8Array(3 * width * height);
    let at = 0;
    const rows = {
      ...{ width, height },
      read: (from: number, to: number) => picture.pixels.subarray(3 * width * from, 3 * width * to),
    };
    await painter.stylizeBands(
      rows,
      (band) => {
        pixels.set(band, at);
        at += band.length;
      },
      plan,
      () => signal?.throwIfAborted(),
    );
    return { pixels, width, height, ...opacity };
  }

  #requireWhole(): void {
    if (this.#disposed) throw new Error('This stylizer has been disposed of.');
  }
}

function hasFormat(options: StylizeOptions | EncodeOptions): options is EncodeOptions {
  return 'format' in options && options.format !== undefined;
}

/** What hears of damage, where what is damaged is to be taken. */
function damageHeard(options: StylizeOptions | EncodeOptions): ((line: string) => void) | undefined {
  if (options.damaged !== 'accept') return undefined;
  return (line) => {
    if (hasFormat(options)) options.onNote?.(line);
  };
}

async function lookOf({
  stroke,
  amount = 1,
  colors = 'style',
  mask,
  invertMask = false,
  maxPixels,
}: StylizeOptions): Promise<Look> {
  if (stroke !== undefined) requireStroke(stroke);
  requireAmount(amount);
  if (!['style', 'photo', 'histogram'].includes(colors))
    throw new ConfigError(expected('style, photo or histogram for colors', colors));
  return {
    ...{ amount, colors, invertMask },
    ...(stroke === undefined ? {} : { stroke }),
    ...(mask === undefined ? {} : { mask: await openMask(mask, maxPixels) }),
  };
}
