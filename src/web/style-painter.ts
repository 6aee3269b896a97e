import { requireNumbers, toFloats, toSamples } from '../engine/samples.ts';
import { AMOUNT, IMAGE, PAINTED, STYLE_WEIGHTS } from '../export/graph-writer.ts';
import { arranged } from '../export/layout.ts';
import { atSize } from '../infer/finish/at-size.ts';
import { asValues, bandsOf, FinishedRows, rowsOf } from '../infer/finish/finished-rows.ts';
import { paintedShare, requireAmount, requireStroke, workingSize } from '../infer/finish/look.ts';
import { ResampledRows } from '../infer/finish/resampled-rows.ts';
import { withMargin } from '../infer/margin.ts';
import { smallestImage } from '../networks/transform-net-parameters.ts';
import type { Picture, PictureSize, PixelRows, Samples } from '../picture.ts';
import { ConfigError, expected, ImageError } from '../system/errors.ts';
import { BandPainter } from './band-painter.ts';
import { type ModelRunner, type OnnxSession, openSession } from './runtime.ts';
import type { StyleFile } from './style-file.ts';

/** How a picture is to be painted. */
export interface PaintSettings {
  /** 0 is the photo, 1 the style. Defaults to 1. */
  readonly amount?: number;
  /** Size of strokes, 1 as on a picture whose long side has 512 px. As the network paints them unless given. */
  readonly stroke?: number;
  /**
   * What is done with a picture of more than `onePiece` pixels: painted in bands, to the same result, or at that many pixels and
   * enlarged, which is faster and softer. Defaults to `bands`.
   */
  readonly large?: 'bands' | 'reduce';
}

/** Bounds of memory. */
export interface PainterLimits {
  /** Pixels, margin included, that are painted at once at most. Defaults to 2 million, which take 550 MB at half width. */
  readonly onePiece?: number;
  /** Bytes that bands may keep between layers. Defaults to 2 GiB. */
  readonly memory?: number;
  /** Bytes that the largest tensor of a band takes. Defaults to 16 MiB. */
  readonly bandBytes?: number;
}

/** Called before each piece of work; throws to give up. Waits as long as others may have their turn. */
export type Turn = () => Promise<void>;

const ONE_PIECE = 2_000_000;
const MEMORY = 2 ** 31;
const BAND_BYTES = 16 * 2 ** 20;
const LARGE = ['bands', 'reduce'];

/**
 * A style that paints pictures in ONNX Runtime: in a browser's worker, or under Node with onnxruntime-web. It knows neither the
 * browser's pictures nor Node.
 */
export class StylePainter {
  readonly file: StyleFile;
  readonly #runner: ModelRunner;
  readonly #session: OnnxSession;
  readonly #limits: Required<PainterLimits>;
  #bands: BandPainter | undefined;

  private constructor(file: StyleFile, runner: ModelRunner, session: OnnxSession, limits: PainterLimits) {
    this.file = file;
    this.#runner = runner;
    this.#session = session;
    this.#limits = { onePiece: ONE_PIECE, memory: MEMORY, bandBytes: BAND_BYTES, ...limits };
  }

  /** @param limits of memory. Caller disposes. */
  static async open(file: StyleFile, runner: ModelRunner, limits: PainterLimits = {}): Promise<StylePainter> {
    return new StylePainter(file, runner, await openSession(runner, file.model), limits);
  }

  /** Smallest side of a picture, px. */
  get smallest(): number {
    return smallestImage(this.file.layers);
  }

  /** The only size that it takes; undefined for any. */
  get size(): PictureSize | undefined {
    const { width, height } = this.#imageInput();
    return typeof width === 'number' && typeof height === 'number' ? { width, height } : undefined;
  }

  /**
   * Paints a picture, exactly as large as it came; within 2 of 255 grey levels as `fast-style stylize` does.
   *
   * @throws {ImageError} the picture is too small, or too large for memory. {ConfigError} a setting cannot be used.
   */
  async paint(
    photo: Picture,
    settings: PaintSettings = {},
    turn: Turn = async () => {},
    onProgress: (share: number) => void = () => {},
  ): Promise<Picture> {
    const { amount = 1, stroke, large = 'bands' } = settings;
    requireAmount(amount);
    if (stroke !== undefined) requireStroke(stroke);
    if (!LARGE.includes(large)) throw new ConfigError(expected("'bands' or 'reduce' for large", large));
    this.#requireAmountInput(amount);
    const { width, height } = photo;
    const work = this.#size(workingSize(photo, stroke === undefined ? {} : { stroke }), large);
    const isResized = work.width !== width || work.height !== height;
    const atWork = isResized ? resized(photo, work) : rowsOf(photo);
    const painted = await this.#paintAt(atWork, amount, turn, onProgress);
    await turn();
    requireNumbers(painted);
    const values: PixelRows<Float32Array> = isResized
      ? // As Node does, which enlarges what it has painted in 8 bits.
        atSize(asValues(rowsOf({ ...work, pixels: toSamples(painted, 8) })), photo)
      : { ...work, read: (from, to) => painted.subarray(3 * width * from, 3 * width * to) };
    const finished = new FinishedRows(values, asValues(rowsOf(photo)), { share: paintedShare(amount) });
    const pixels = new Uint8Array(3 * width * height);
    for (const { from, to } of bandsOf(photo))
      pixels.set(toSamples(finished.read(from, to), 8), 3 * width * from);
    return { pixels, width, height };
  }

  async dispose(): Promise<void> {
    await this.#session.release();
    await this.#bands?.dispose();
  }

  /** The size to paint at. */
  #size(work: PictureSize, large: 'bands' | 'reduce'): PictureSize {
    const { smallest } = this;
    if (Math.min(work.width, work.height) < smallest)
      throw new ImageError(
        expected(
          `a picture of at least ${smallest}×${smallest} pixels`,
          `${work.width}×${work.height}`,
          'enlarge it first',
        ),
      );
    const { margin } = this.file;
    const pixels = ({ width, height }: PictureSize) => (width + 2 * margin) * (height + 2 * margin);
    if (large === 'bands' || pixels(work) <= this.#limits.onePiece) return work;
    for (let scale = Math.sqrt(this.#limits.onePiece / pixels(work)); ; scale *= 0.99) {
      const size = { width: Math.round(work.width * scale), height: Math.round(work.height * scale) };
      if (Math.min(size.width, size.height) < smallest)
        throw new ImageError(
          expected(
            `a picture that has at least ${smallest} px on both sides in ${this.#limits.onePiece} pixels`,
            `${work.width}×${work.height}`,
            "cut it, or paint it with large: 'bands'",
          ),
        );
      if (pixels(size) <= this.#limits.onePiece) return size;
    }
  }

  /** @returns what the network paints, [height, width, 3], in [0, 255] with fractions: the amount's strokes, without the photo. */
  async #paintAt(
    photo: PixelRows,
    amount: number,
    turn: Turn,
    onProgress: (share: number) => void,
  ): Promise<Float32Array> {
    const { margin, parameters, layers } = this.file;
    const larger = withMargin(photo, margin);
    if (larger.width * larger.height <= this.#limits.onePiece) {
      await turn();
      return this.#paintWhole(photo, amount);
    }
    if (parameters === undefined)
      throw new ImageError(
        expected(
          `a picture of at most ${this.#limits.onePiece} pixels for a style from an .onnx file`,
          `${photo.width}×${photo.height}`,
          "load the style's .safetensors file, or paint with large: 'reduce'",
        ),
      );
    this.#bands ??= new BandPainter(this.#runner, layers, parameters, this.#limits.bandBytes);
    const needed = this.#bands.bytes(larger);
    if (needed > this.#limits.memory)
      throw new ImageError(
        expected(
          `a picture whose painting takes at most ${megabytes(this.#limits.memory)}`,
          `${photo.width}×${photo.height}, which takes ${megabytes(needed)}`,
          "paint with large: 'reduce', or allow more memory",
        ),
      );
    const { width, height } = photo;
    const out = new Float32Array(3 * width * height);
    let row = -margin;
    const write = (rows: Float32Array, across: number) => {
      for (let y = 0; y < rows.length / 3 / across; y++, row++) {
        if (row < 0 || row >= height) continue;
        const start = 3 * (y * across + margin);
        out.set(rows.subarray(start, start + 3 * width), 3 * width * row);
      }
    };
    await this.#bands.paint(larger, write, { amount, turn, onProgress });
    return out;
  }

  async #paintWhole(photo: PixelRows, amount: number): Promise<Float32Array> {
    const { width, height } = photo;
    const { Tensor } = this.#runner.runtime;
    const { layout, width: wide, height: tall } = this.#imageInput();
    if ((typeof tall === 'number' && tall !== height) || (typeof wide === 'number' && wide !== width))
      throw new ImageError(
        expected(
          `a picture of ${wide}×${tall} px for a style exported with that size`,
          `${width}×${height}`,
          'export it without --size',
        ),
      );
    const image = toFloats(photo.read(0, height));
    const feeds: Record<string, object> = {
      [IMAGE]: new Tensor(
        'float32',
        arranged(image, layout, 'in'),
        layout === 'nhwc' ? [1, height, width, 3] : [1, 3, height, width],
      ),
    };
    if (this.file.choice !== undefined) {
      const weights = new Float32Array(this.file.choice.count);
      weights[this.file.choice.index] = 1;
      feeds[STYLE_WEIGHTS] = new Tensor('float32', weights, [weights.length]);
    }
    const hasAmount = this.#inputShape(AMOUNT) !== undefined;
    if (hasAmount) feeds[AMOUNT] = new Tensor('float32', Float32Array.of(amount), [1]);
    const { data } = (await this.#session.run(feeds))[PAINTED]!;
    const painted = arranged(data, layout, 'out');
    if (!hasAmount || amount === 1 || amount === 0) return painted;
    // The file has mixed the photo in, which is to be done at the picture's own size, once.
    const share = paintedShare(amount);
    return painted.map((value, i) => image[i]! + (value - image[i]!) / share);
  }

  #imageInput() {
    const [, a, b, c] = this.#inputShape(IMAGE)!;
    return a === 3 && c !== 3
      ? { layout: 'nchw' as const, height: b, width: c }
      : { layout: 'nhwc' as const, height: a, width: b };
  }

  #requireAmountInput(amount: number): void {
    if (amount === 1 || this.#inputShape(AMOUNT) !== undefined) return;
    throw new ConfigError(
      expected(
        'amount 1 for a style whose .onnx file has no input for it',
        amount,
        'export it with --amount-input',
      ),
    );
  }

  #inputShape(name: string): readonly (number | string)[] | undefined {
    return this.#session.inputMetadata.find((input) => input.name === name)?.shape;
  }
}

function resized(photo: Picture, size: PictureSize): PixelRows {
  const values = new ResampledRows(asValues(rowsOf(photo)), size);
  const pixels: Samples = toSamples(values.read(0, size.height), 16);
  return rowsOf({ ...size, pixels });
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MB`;
}
