import { once } from 'node:events';
import type { Picture } from '../picture.ts';
import { refuseToOverwrite, replaceFileAtomically } from '../system/atomic-file.ts';
import { ConfigError, expected, FileError } from '../system/errors.ts';
import { type FfmpegRun, fileUrl, requireFfmpeg, startFfmpeg } from './ffmpeg.ts';
import { checkFrame, type Film, type WriteFilmOptions } from './film.ts';

/** Quality of x264, 0 (lossless) to 51. */
const QUALITY = 18;

/** Why the temporary file is taken away again where a film is given up. */
class Discarded extends Error {}

/**
 * H.264 in MP4 as every player shows it: yuv420p in BT.709, and says so; sizes made even by repeating the last column
 * and row. Frames go to ffmpeg's input as they come; memory holds one.
 */
export class Mp4Film implements Film {
  readonly #path: string;
  readonly #options: WriteFilmOptions;
  readonly #run: FfmpegRun;
  readonly #end: (keep: boolean) => void;
  /** Settles when the file is in its place, or nothing is left of it. */
  readonly #written: Promise<void>;
  #last: Uint8Array | undefined;

  private constructor(
    path: string,
    options: WriteFilmOptions,
    run: FfmpegRun,
    end: (keep: boolean) => void,
    written: Promise<void>,
  ) {
    this.#path = path;
    this.#options = options;
    this.#run = run;
    this.#end = end;
    this.#written = written;
  }

  static async open(path: string, options: WriteFilmOptions): Promise<Mp4Film> {
    await requireFfmpeg();
    const { overwrite = false } = options;
    if (!overwrite) await refuseToOverwrite(path);
    let start: (run: FfmpegRun) => void = () => undefined;
    let end: (keep: boolean) => void = () => undefined;
    const started = new Promise<FfmpegRun>((resolve) => {
      start = resolve;
    });
    const ended = new Promise<boolean>((resolve) => {
      end = resolve;
    });
    const written = replaceFileAtomically(
      path,
      async (temporary) => {
        const run = startFfmpeg([...encoding(options), fileUrl(temporary)]);
        start(run);
        const keep = await ended;
        run.input.end();
        const { code, complaint } = await run.ended;
        if (!keep) throw new Discarded();
        if (code !== 0) throw failure(path, complaint);
      },
      { overwrite },
    );
    // `add` or `finish` reports it, whichever comes first.
    written.catch(() => undefined);
    const run = await Promise.race([started, written.then(() => started)]);
    return new Mp4Film(path, options, run, end, written);
  }

  async add(frame: Picture): Promise<void> {
    checkFrame(frame, this.#options);
    this.#last = evenPixels(frame);
    await this.#write(this.#last);
  }

  async #write(pixels: Uint8Array): Promise<void> {
    const { input, ended } = this.#run;
    const died = ended.then(({ complaint }) => {
      throw failure(this.#path, complaint);
    });
    died.catch(() => undefined);
    if (!input.writable || !input.write(pixels)) {
      await Promise.race([died, input.writable ? once(input, 'drain').catch(() => died) : died]);
    }
  }

  async finish(): Promise<void> {
    const last = this.#last;
    if (last === undefined) {
      await this.discard();
      throw new ConfigError(expected('frames for a film', 'none'));
    }
    const { rate, hold = 2 } = this.#options;
    for (let i = 1; i < Math.round(rate * hold); i++) await this.#write(last);
    this.#end(true);
    await this.#written;
  }

  async discard(): Promise<void> {
    this.#end(false);
    await this.#written.catch(() => undefined);
  }
}

function failure(path: string, complaint: string): FileError {
  const line = complaint.trim().split('\n').at(-1) ?? '';
  return new FileError(`ffmpeg cannot write the film ${path}: ${line || 'it ended without a reason'}.`);
}

function encoding({ width, height, rate }: WriteFilmOptions): readonly string[] {
  const size = `${even(width)}x${even(height)}`;
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', size, '-r', String(rate), '-i', 'pipe:0'];
  // Players take films of this size for BT.601 by default, and ffmpeg converts by 601.
  const colours = ['-vf', 'scale=out_color_matrix=bt709:out_range=tv', '-colorspace', 'bt709'];
  const named = ['-color_primaries', 'bt709', '-color_trc', 'iec61966-2-1', '-color_range', 'tv'];
  const codec = ['-c:v', 'libx264', '-preset', 'medium', '-crf', String(QUALITY), '-pix_fmt', 'yuv420p'];
  return [...input, ...colours, ...named, ...codec, '-movflags', '+faststart', '-f', 'mp4', '-y'];
}

const even = (size: number) => size + (size % 2);

/** A frame of even width and height: the last column and row once more where they were odd. */
function evenPixels({ pixels, width, height }: Picture): Uint8Array {
  if (width % 2 === 0 && height % 2 === 0) return pixels;
  const stride = even(width) * 3;
  const padded = new Uint8Array(stride * even(height));
  for (let y = 0; y < even(height); y++) {
    const from = Math.min(y, height - 1) * width * 3;
    padded.set(pixels.subarray(from, from + width * 3), y * stride);
    if (width % 2 === 1)
      padded.set(pixels.subarray(from + (width - 1) * 3, from + width * 3), (y + 1) * stride - 3);
  }
  return padded;
}
