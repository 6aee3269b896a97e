import { Slots } from '../paint/slots.ts';
import { blendParts } from './blend-parts.ts';
import { byOptionNames } from './by-option-names.ts';
import { atHand, gatherInput, isAtHand } from './gather-input.ts';
import type {
  BlendStyle,
  EncodeOptions,
  LoadOptions,
  PaintedPixels,
  PhotoSourceInput,
  PlainPhotoInput,
  RgbaOptions,
  RgbaPixels,
  StyleDescription,
  StylizeOptions,
} from './options.ts';
import type { PaintingStyle, PlainOptions, StyleChoice } from './painting-style.ts';
import { checkLoadOptions, checkStylizeOptions } from './stylizer-rows.ts';

/** Photos from streams and URLs that are held at a time: those that wait for their turn, too. */
const MOST_GATHERED = 8;

/**
 * A trained style that paints photos. Any number of calls may be under way: they are painted one after the other, as they are
 * read, while the next is read and the previous one encoded. Painting itself is a native call that blocks the
 * event loop for as long as it takes, unless the style is loaded with `thread`.
 */
export class Stylizer {
  readonly #style: PaintingStyle;
  readonly #gathering = new Slots(MOST_GATHERED);
  #pending = 0;
  readonly description: StyleDescription;

  private constructor(style: PaintingStyle) {
    this.#style = style;
    this.description = style.description;
  }

  /**
   * Loads a trained style.
   *
   * @param nameOrFile name of a style that ships (`great-wave`) or is in `checkpoints/`, or a .safetensors file; of several in one, file:style.
   * @throws {CheckpointError} there is none, or it cannot be used. {RuntimeSetupError} TensorFlow is not set up. {ConfigError} an
   * unknown or invalid option.
   */
  static load(nameOrFile: string, options: LoadOptions = {}): Promise<Stylizer> {
    return Stylizer.#open(nameOrFile, options);
  }

  /**
   * Loads several styles of one architecture as one, their weights mixed: painting takes no longer than in one.
   *
   * @param styles names or files, alone or with weights, which are divided by their sum.
   * @throws {CheckpointError} also where architectures differ. {ConfigError} also a weight that is no number of at least 0. Else as `load`.
   */
  static async blend(styles: readonly (string | BlendStyle)[], options: LoadOptions = {}): Promise<Stylizer> {
    return byOptionNames(['blend'], () => Stylizer.#open(blendParts(styles), options));
  }

  static async #open(style: StyleChoice, options: LoadOptions): Promise<Stylizer> {
    checkLoadOptions(options);
    if (options.thread) {
      const { ThreadedStyle } = await import('./threaded-style.ts');
      return new Stylizer(await ThreadedStyle.open(style, options));
    }
    // Only now: without TensorFlow, `load` rejects, and importing the library does not fail.
    const { LoadedStyle } = await import('./loaded-style.ts');
    return new Stylizer(await LoadedStyle.open(style, options));
  }

  /** Calls that have no result yet, by which a server can see that it is overloaded. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * Paints one photo, at its exact size.
   *
   * @param photo a file's path, the bytes of a picture file, pixels, RGBA, a Blob, a stream, or a URL.
   * @returns the file's bytes where `format` is given, RGBA with `rgba`, else pixels in sRGB of 8 bit; of an animation then the
   * first frame.
   * @throws {ImageError} the photo cannot be read, is too large or too small. {ConfigError} an unknown or invalid
   * option, or too little memory. {CheckpointError} the style gives no numbers. The signal's reason, where it is
   * aborted. {Error} after `dispose`.
   */
  stylize(photo: PhotoSourceInput, options: EncodeOptions): Promise<Buffer>;
  stylize(photo: PhotoSourceInput, options: RgbaOptions): Promise<RgbaPixels>;
  stylize(
    photo: PhotoSourceInput,
    options?: StylizeOptions & { readonly format?: never; readonly rgba?: false },
  ): Promise<PaintedPixels>;
  async stylize(
    photo: PhotoSourceInput,
    given: StylizeOptions | RgbaOptions | EncodeOptions = {},
  ): Promise<Buffer | RgbaPixels | PaintedPixels> {
    checkStylizeOptions(given);
    const { rgba = false, ...options } = given as RgbaOptions;
    this.#pending++;
    try {
      const painted = await this.#paint(photo, options);
      return rgba && !(painted instanceof Uint8Array) ? rgbaOf(painted) : painted;
    } finally {
      this.#pending--;
    }
  }

  /** Frees the network. What is being painted is finished, what waits is refused; idempotent. */
  dispose(): Promise<void> {
    return this.#style.dispose();
  }

  #paint(photo: PhotoSourceInput, options: StylizeOptions): Promise<Buffer | PaintedPixels> {
    const { mask, signal, ...rest } = options;
    const paint = (input: PlainPhotoInput, plainMask: PlainPhotoInput | undefined) => {
      const plain: PlainOptions = {
        ...rest,
        ...(signal === undefined ? {} : { signal }),
        ...(plainMask === undefined ? {} : { mask: plainMask }),
      };
      return this.#style.stylize(input, plain);
    };
    if (isAtHand(photo) && (mask === undefined || isAtHand(mask)))
      return paint(atHand(photo), mask === undefined ? undefined : atHand(mask));
    return this.#gathering.use(async () => {
      signal?.throwIfAborted();
      const input = await gatherInput(photo, signal);
      return paint(input, mask === undefined ? undefined : await gatherInput(mask, signal));
    });
  }
}

/** A painting as a canvas takes it. */
function rgbaOf({ pixels, alpha, width, height }: PaintedPixels): RgbaPixels {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0, from = 0, to = 0; i < width * height; i++) {
    data[to++] = pixels[from++]!;
    data[to++] = pixels[from++]!;
    data[to++] = pixels[from++]!;
    data[to++] = alpha?.[i] ?? 255;
  }
  return { data, width, height, colorSpace: 'srgb' };
}
