import { requireLoadOptions, requireOptionNames } from './known-options.ts';
import type { LoadedStyle } from './loaded-style.ts';
import type {
  EncodeOptions,
  LoadOptions,
  PaintedPixels,
  PhotoSourceInput,
  StyleDescription,
  StylizeOptions,
} from './options.ts';

/**
 * A trained style that paints photos. Any number of calls may be under way: they are painted one after the other, as they are
 * read, the next being read and the one before being encoded meanwhile. Painting itself is a native call that blocks the
 * event loop for as long as it takes.
 */
export class Stylizer {
  readonly #style: LoadedStyle;
  readonly description: StyleDescription;

  private constructor(style: LoadedStyle) {
    this.#style = style;
    this.description = style.description;
  }

  /**
   * Loads a trained style.
   *
   * @param nameOrFile name of a style that ships (`great-wave`) or lies in `checkpoints/`, or a .safetensors file; of several in one, file:style.
   * @throws {CheckpointError} there is none, or it cannot be used. {RuntimeSetupError} TensorFlow is not set up. {ConfigError} an
   * option that there is not, or that cannot be used.
   */
  static async load(nameOrFile: string, options: LoadOptions = {}): Promise<Stylizer> {
    requireLoadOptions(options);
    // Only now: TensorFlow that is not set up is a reason to reject, and not to fail whoever imports the library.
    const { LoadedStyle } = await import('./loaded-style.ts');
    return new Stylizer(await LoadedStyle.open(nameOrFile, options));
  }

  /** Calls that have no result yet: what a server that is asked too much can tell by. */
  get pending(): number {
    return this.#style.pending;
  }

  /**
   * Paints one photo, exactly as large as it is.
   *
   * @param photo a file's path, the bytes of a picture file, or pixels.
   * @returns the file's bytes where `format` is given, else pixels in sRGB of 8 bit; of an animation then the first frame.
   * @throws {ImageError} the photo cannot be read, is too large or too small. {ConfigError} an option that there is not or that
   * cannot be used, or too little memory. {CheckpointError} the style answers no numbers. The signal's reason, where it is
   * aborted. {Error} after `dispose`.
   */
  stylize(photo: PhotoSourceInput, options: EncodeOptions): Promise<Buffer>;
  stylize(
    photo: PhotoSourceInput,
    options?: StylizeOptions & { readonly format?: never },
  ): Promise<PaintedPixels>;
  async stylize(
    photo: PhotoSourceInput,
    options: StylizeOptions | EncodeOptions = {},
  ): Promise<Buffer | PaintedPixels> {
    requireOptionNames(options);
    return this.#style.stylize(photo, options);
  }

  /** Frees the network. What is being painted is finished, what waits is refused; idempotent. */
  dispose(): Promise<void> {
    return this.#style.dispose();
  }
}
