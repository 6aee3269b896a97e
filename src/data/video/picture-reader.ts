import { interleaved, separated } from '../../picture.ts';
import { ImageError } from '../../system/errors.ts';
import { fillTransparent } from '../photo/colour-rows.ts';
import { sharp } from '../sharp.ts';
import type { DecodeEnd } from './complaints.ts';
import type { DecodeOptions } from './decode-arguments.ts';
import { quotient, type VideoFacts } from './facts.ts';
import type { DecodedFrame, FrameSource } from './frame-reader.ts';
import { isOtherPicture } from './picture-names.ts';
import { isOfSize, type RowPicture, readRowPicture } from './picture-row.ts';

/** Pictures that are decoded ahead of the one asked for. */
const AHEAD = 3;

interface Decoding {
  readonly decoded: Promise<DecodedFrame>;
  /** The same when it is there. */
  frame?: DecodedFrame;
}

/** Image sequences as frames, a few decoded ahead; the decoder has its own threads. */
export class PictureReader implements FrameSource {
  readonly #paths: readonly string[];
  readonly #film: VideoFacts;
  readonly #options: DecodeOptions;
  readonly #under: Decoding[] = [];
  #next: number;
  #damaged = 0;
  #fitted = 0;
  #isOver = false;

  /** @param paths of the row's pictures. @param skip those of what is wanted that are skipped. */
  constructor(paths: readonly string[], film: VideoFacts, options: DecodeOptions, skip = 0) {
    this.#paths = partOf(paths, quotient(film.rate), options);
    this.#film = film;
    this.#options = options;
    this.#next = skip;
  }

  get waiting(): DecodedFrame | undefined {
    return this.#under[0]?.frame;
  }

  get end(): DecodeEnd {
    if (!this.#isOver) throw new Error('The row has not been read to its end.');
    return { code: 0, damaged: this.#damaged, fitted: this.#fitted, isCut: false, complaint: '' };
  }

  async next(): Promise<DecodedFrame | undefined> {
    // Lets signals and timers through.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#under.length <= AHEAD && this.#next < this.#paths.length) this.#begin(this.#next++);
    const first = this.#under[0];
    if (first === undefined) {
      this.#isOver = true;
      return undefined;
    }
    const frame = await first.decoded;
    this.#under.shift();
    return frame;
  }

  async close(): Promise<void> {
    this.#next = this.#paths.length;
    await Promise.allSettled(this.#under.splice(0).map(({ decoded }) => decoded));
  }

  #begin(place: number): void {
    const decoded = this.#frame(place);
    const decoding: Decoding = { decoded };
    this.#under.push(decoding);
    // A failure is reported in its turn.
    decoded.then(
      (frame) => Object.assign(decoding, { frame }),
      () => undefined,
    );
  }

  async #frame(place: number): Promise<DecodedFrame> {
    const path = this.#paths[place]!;
    const picture = await readRowPicture(path);
    if (picture.isDamaged) this.#damaged++;
    // Of all others it has been reported before.
    if (isOtherPicture(path) && !isOfSize(picture, this.#film)) this.#fitted++;
    const { pixels, alpha } = await this.#inSize(this.#onGround(picture));
    return { pixels, ...(alpha === undefined ? {} : { alpha }), time: BigInt(place) };
  }

  /** Where alpha is not kept, black lies below what is transparent; where it is, colours continue below. */
  #onGround(picture: RowPicture): RowPicture {
    const { pixels, alpha, width, height } = picture;
    if (this.#options.alpha === true) {
      const filled = { ...picture, alpha: alpha ?? new Uint8Array(width * height).fill(255) };
      fillTransparent(filled);
      return filled;
    }
    if (alpha === undefined) return picture;
    const { alpha: _, ...opaque } = picture;
    return {
      ...opaque,
      pixels: pixels.map((value, i) => Math.round((value * alpha[Math.floor(i / 3)]!) / 255)),
    };
  }

  /** In the film's size; of another aspect with its own, in the midst of black or nothing. */
  async #inSize(picture: RowPicture): Promise<Pick<RowPicture, 'pixels' | 'alpha'>> {
    const { width, height } = this.#options;
    if (picture.width === width && picture.height === height) return picture;
    const wider = (picture.width * this.#film.height) / (picture.height * this.#film.width);
    const inner = {
      width: Math.max(1, Math.round(width * Math.min(1, wider))),
      height: Math.max(1, Math.round(height * Math.min(1, 1 / wider))),
    };
    const channels = picture.alpha === undefined ? 3 : 4;
    const samples = interleaved(picture.pixels, picture.alpha) as Uint8Array;
    const [left, top] = [(width - inner.width) >> 1, (height - inner.height) >> 1];
    const data = await sharp(samples, {
      raw: { width: picture.width, height: picture.height, channels },
      limitInputPixels: false,
    })
      .resize({ ...inner, fit: 'fill' })
      .extend({
        ...{ left, right: width - inner.width - left, top, bottom: height - inner.height - top },
        // With alpha, a picture that has none would get it.
        background: channels === 4 ? { r: 0, g: 0, b: 0, alpha: 0 } : { r: 0, g: 0, b: 0 },
      })
      .raw({ depth: 'uchar' })
      .toBuffer();
    if (data.length !== channels * width * height)
      throw new ImageError(`A picture of the row came out with ${data.length} samples.`);
    const { pixels, alpha } = separated(data, channels) as Pick<RowPicture, 'pixels' | 'alpha'>;
    return { pixels, ...(alpha === undefined ? {} : { alpha }) };
  }
}

/** Less than any time between two frames: seconds as they are typed are not exact in ticks. */
const SLACK = 1e-6;

/** The pictures that begin within what is wanted, as of a film its frames do. */
function partOf(
  paths: readonly string[],
  rate: number,
  { start = 0, duration, most }: DecodeOptions,
): readonly string[] {
  const from = Math.ceil(start * rate - SLACK);
  const to = duration === undefined ? paths.length : Math.ceil((start + duration) * rate - SLACK);
  return paths.slice(from, Math.min(to, most === undefined ? paths.length : from + most));
}
