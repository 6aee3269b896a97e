import { readFile } from 'node:fs/promises';
import type { Photo } from '../data/photo/read-photo.ts';
import { isColour } from '../data/photo/write-photo.ts';
import { type Look, requireAmount, requireStroke } from '../infer/finish/look.ts';
import { openBlend, openStyle } from '../infer/open-style.ts';
import type { Checkpoint } from '../networks/checkpoint.ts';
import { openOptions } from '../paint/paint-photo.ts';
import { requireAbilities } from '../paint/photo-output.ts';
import { PaintSession } from '../paint/session.ts';
import type { LayeredPicture } from '../picture.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { ScratchFile } from '../system/scratch-file.ts';
import { openInput, openMask } from './open-input.ts';
import type {
  EncodeOptions,
  LoadOptions,
  PaintedPixels,
  PlainPhotoInput,
  StyleDescription,
} from './options.ts';
import { hasFormat, type PaintingStyle, type PlainOptions, type StyleChoice } from './painting-style.ts';

/**
 * What implements the library's `Stylizer`: a style with its network. Calls are painted one after the other, as they are
 * read, while the next is read and the previous one encoded.
 */
export class LoadedStyle implements PaintingStyle {
  readonly #session: PaintSession;
  #disposed = false;
  readonly description: StyleDescription;

  private constructor(checkpoint: Checkpoint, session: PaintSession) {
    const { name, architecture, steps, images } = checkpoint;
    this.description = { name, architecture, steps, images };
    this.#session = session;
  }

  /** Throws as `Stylizer.load`. */
  static async open(style: StyleChoice, { precision = 'auto', memory }: LoadOptions): Promise<LoadedStyle> {
    const opened = typeof style === 'string' ? openStyle(style) : openBlend(style);
    const { checkpoint } = await opened;
    return new LoadedStyle(checkpoint, await PaintSession.open([checkpoint], { precision, memory }));
  }

  async stylize(photo: PlainPhotoInput, options: PlainOptions): Promise<Buffer | PaintedPixels> {
    this.#requireWhole();
    if (hasFormat(options)) requireEncodeOptions(options);
    return this.#stylize(photo, options);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#session.dispose();
  }

  async #stylize(input: PlainPhotoInput, options: PlainOptions): Promise<Buffer | PaintedPixels> {
    const { signal, maxPixels, damaged } = options;
    const go = () => {
      this.#requireWhole();
      signal?.throwIfAborted();
    };
    let look: Look;
    return this.#session.run<Buffer | PaintedPixels>({
      ahead: true,
      open: async () => {
        go();
        look = await lookOf(options);
        const say = hasFormat(options) ? options.onNote : undefined;
        return openInput(input, openOptions({ maxPixels, damaged, say }));
      },
      paint: async (photo, picture) => {
        go();
        if (hasFormat(options)) return this.#file(photo, picture, options, look);
        const onProgress = () => signal?.throwIfAborted();
        const pixels = await this.#session.paintPixels(photo, picture, { look, onProgress });
        return async () => pixels;
      },
    });
  }

  /** @returns what waits for the file. */
  async #file(
    photo: Photo,
    picture: LayeredPicture | undefined,
    options: EncodeOptions,
    look: Look,
  ): Promise<() => Promise<Buffer>> {
    const { format, lossless = false, profile = 'srgb', strip = false, onNote, signal } = options;
    let bytes = Buffer.alloc(0);
    const { written } = await this.#session.paintFile(
      photo,
      { path: photo.source.name, format },
      {
        ...options,
        ...{ lossless, profile, strip, look, picture },
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
      },
    );
    return async () => {
      await written;
      return bytes;
    };
  }

  #requireWhole(): void {
    if (this.#disposed) throw new Error('This stylizer has been disposed of.');
  }
}

async function lookOf({
  stroke,
  amount = 1,
  colors = 'style',
  mask,
  invertMask = false,
  maxPixels,
}: PlainOptions): Promise<Look> {
  if (stroke !== undefined) requireStroke(stroke);
  requireAmount(amount);
  return {
    ...{ amount, colors, invertMask },
    ...(stroke === undefined ? {} : { stroke }),
    ...(mask === undefined ? {} : { mask: await openMask(mask, maxPixels) }),
  };
}

/** @throws {ConfigError} options that the format does not have, before anything is read. */
function requireEncodeOptions(options: EncodeOptions): void {
  const { format, lossless = false, background, depth, profile = 'srgb', strip = false } = options;
  if (background !== undefined && !isColour(background))
    throw new ConfigError(expected('a colour for background', background, 'as white or #ffffff'));
  requireAbilities(format, { lossless, profile, strip, ...(depth === undefined ? {} : { depth }) });
}
