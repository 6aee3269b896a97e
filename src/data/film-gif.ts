import type { Picture } from '../picture.ts';
import { refuseToOverwrite, writeFileAtomically } from '../system/atomic-file.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { checkFrame, type Film, type WriteFilmOptions } from './film.ts';
import { sharp } from './sharp.ts';

/** Longest side of a GIF's frames: the format has to have all of them in memory, and its files are large. */
const LONGEST_SIDE = 480;

/** An animated GIF that plays for ever: 256 colours for all frames, at most 480 px. */
export class GifFilm implements Film {
  readonly #path: string;
  readonly #options: WriteFilmOptions;
  #frames: Uint8Array[] = [];
  #size = { width: 0, height: 0 };

  private constructor(path: string, options: WriteFilmOptions) {
    this.#path = path;
    this.#options = options;
  }

  static async open(path: string, options: WriteFilmOptions): Promise<GifFilm> {
    if (!options.overwrite) await refuseToOverwrite(path);
    return new GifFilm(path, options);
  }

  async add(frame: Picture): Promise<void> {
    checkFrame(frame, this.#options);
    const { width, height } = frame;
    const { data, info } = await sharp(frame.pixels, { raw: { width, height, channels: 3 } })
      .resize({ width: LONGEST_SIDE, height: LONGEST_SIDE, fit: 'inside', withoutEnlargement: true })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    this.#size = { width: info.width, height: info.height };
    this.#frames.push(data);
  }

  async finish(): Promise<void> {
    const count = this.#frames.length;
    if (count === 0) throw new ConfigError(expected('frames for a film', 'none'));
    const { width, height } = this.#size;
    const { rate, hold = 2, overwrite = false } = this.#options;
    // GIF counts time in hundredths of a second.
    const delay = Array.from({ length: count }, () => Math.max(20, Math.round(1000 / rate)));
    delay[count - 1] = Math.max(delay[count - 1]!, Math.round(1000 * hold));
    const joined = Buffer.concat(this.#frames);
    this.#frames = [];
    const raw = { width, height: height * count, channels: 3, pageHeight: height } as const;
    const bytes = await sharp(joined, { raw, limitInputPixels: false })
      .gif({ delay, loop: 0, reuse: true, effort: 4 })
      .toBuffer();
    await writeFileAtomically(this.#path, bytes, { overwrite });
  }

  async discard(): Promise<void> {
    this.#frames = [];
  }
}
