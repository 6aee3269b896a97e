import { type CompiledFunction, compile, interpret, type Precision } from '../engine/compile/compile.ts';
import * as tf from '../engine/tensorflow.ts';
import { type Checkpoint, loadCheckpoint } from '../networks/checkpoint.ts';
import { namedTensors, type TransformNetParameters, transformNet } from '../networks/transform-net.ts';
import { smallestImage } from '../networks/transform-net-parameters.ts';
import type { Picture, PictureSize, PixelRows, Samples } from '../picture.ts';
import { expected, ImageError } from '../system/errors.ts';
import { ScratchFile, scratchFolder } from '../system/scratch-file.ts';
import { BandNetwork } from './bands/band-network.ts';
import { KeptRows, SpilledRows } from './bands/kept-rows.ts';
import { type MemoryPlan, memoryPlans } from './bands/memory-plan.ts';
import { MarginCutter, withMargin } from './margin.ts';
import {
  bytesOfForm,
  imageOfForm,
  outputsOfForm,
  type PaintedTensors,
  type PixelForm,
  pixelFormOf,
  samplesOfForm,
} from './pixel-form.ts';
import { SampledNetwork, sampledPlans } from './sampled/sampled-network.ts';

export interface StyleNetworkOptions {
  /** Arithmetic of the network. Defaults to f32. */
  readonly precision?: Precision;
  /** `eager` runs op by op, for debugging. Defaults to `compiled`. */
  readonly engine?: 'compiled' | 'eager';
  /** Weights that change between pictures (`change`), at some cost of time. Defaults to false. */
  readonly changes?: boolean;
}

type WholeInputs = { readonly image: tf.Tensor4D };
type WholeNetwork = CompiledFunction<WholeInputs, PaintedTensors, TransformNetParameters>;

/**
 * Paints pictures in one style. The network is compiled once, at first use, with its weights as constants and for every
 * size of picture.
 */
export class StyleNetwork {
  readonly checkpoint: Omit<Checkpoint, 'parameters'>;
  #parameters: Checkpoint['parameters'];
  readonly #options: Required<StyleNetworkOptions>;
  #weights: TransformNetParameters | undefined;
  /** One for each form that pictures have come in: nearly always bytes alone. */
  readonly #whole = new Map<PixelForm, WholeNetwork>();
  #bands: BandNetwork | undefined;
  #sampled: SampledNetwork | undefined;

  /** @param checkpoint as read by `loadCheckpoint`, or parameters in the same form. */
  constructor(
    checkpoint: Checkpoint,
    { precision = 'f32', engine = 'compiled', changes = false }: StyleNetworkOptions = {},
  ) {
    this.checkpoint = checkpoint;
    this.#parameters = checkpoint.parameters;
    this.#options = { precision, engine, changes };
  }

  /**
   * Loads a trained style.
   *
   * @throws {CheckpointError} the file is not one of ours or does not fit. {FileError} it cannot be read.
   */
  static async load(path: string, options?: StyleNetworkOptions): Promise<StyleNetwork> {
    return new StyleNetwork(await loadCheckpoint(path), options);
  }

  /**
   * Paints one picture, exactly as large as it came: one forward pass of the image transform net.
   *
   * @param picture RGB, 8 or 16 bit, at least 16×16 pixels for Johnson's architecture (`smallestImage`).
   * @param bits of each painted sample. @throws {ImageError} the picture is smaller.
   */
  stylize(picture: Picture<Samples>, bits?: 8): Picture;
  stylize(picture: Picture<Samples>, bits: 8 | 16): Picture<Samples>;
  stylize(picture: Picture<Samples>, bits: 8 | 16 = 8): Picture<Samples> {
    const { width, height } = picture;
    this.#refuseSmall(picture);
    const larger = this.#mirrored(picture);
    const form = pixelFormOf(picture, bits);
    const image = imageOfForm(larger, form);
    try {
      const samples = samplesOfForm(this.forward(image, form), larger, bits);
      return { pixels: new MarginCutter(picture, this.#margin).cut(samples), width, height };
    } finally {
      image.dispose();
    }
  }

  /**
   * What painting a picture of some size will take, cheapest in time first: in one piece, in bands in memory, in bands in
   * temporary files. Call it when the process holds what it will hold anyway.
   *
   * @param bytesPerPixel of the picture itself. @throws {ImageError} the picture is too small.
   */
  plans(picture: PictureSize, bytesPerPixel = 3): readonly MemoryPlan[] {
    this.#refuseSmall(picture);
    const { stages, formatOf } = this.#bandNetwork();
    const larger = { width: picture.width + 2 * this.#margin, height: picture.height + 2 * this.#margin };
    const bytesPerValue = (channels: number) => (formatOf(channels) === 'halves' ? 2 : 4);
    const resident = process.memoryUsage.rss();
    return [
      ...memoryPlans(stages, larger, bytesPerValue, resident, bytesPerPixel),
      ...sampledPlans(this.checkpoint.layers, stages, larger, resident),
    ];
  }

  /**
   * Paints a picture band by band, to the same result as in one piece: within one of 255 grey levels in f32. With the statistics
   * of samples, if the plan says so, to nearly the same.
   *
   * @param write takes the painted rows from the top, [rows, width, 3]. @param bits of each painted sample.
   * @throws {ImageError} the picture is too small. {FileError} no room for temporary files.
   */
  async stylizeBands(
    picture: PixelRows,
    write: (rows: Samples) => void | Promise<void>,
    { bandRows, placement, recomputed }: MemoryPlan,
    onProgress?: (share: number) => void,
    bits: 8 | 16 = 8,
  ): Promise<void> {
    this.#refuseSmall(picture);
    const larger = withMargin(picture, this.#margin);
    const cutter = new MarginCutter(picture, this.#margin);
    const take = async (rows: Samples) => {
      const inner = cutter.cut(rows);
      if (inner.length > 0) await write(inner);
    };
    if (placement === 'sampled') {
      const { layers } = this.checkpoint;
      this.#sampled ??= new SampledNetwork(layers, this.#parameters, this.#options.precision);
      await this.#sampled.paint(larger, take, { bandRows: bandRows(0), bits, onProgress });
      return;
    }
    const folder = scratchFolder();
    await this.#bandNetwork().paint(larger, take, {
      bandRows,
      recomputed,
      bits,
      store: (height) =>
        placement === 'spilled' ? new SpilledRows(height, new ScratchFile(folder)) : new KeptRows(height),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  }

  /** One pass of the network. Caller disposes. */
  protected forward(image: tf.Tensor4D, form: PixelForm): PaintedTensors {
    return this.#wholeNetwork(form).run({ image });
  }

  /**
   * Goes on with other weights of the same architecture: a mixture that is another from picture to picture. The network is
   * compiled once and reads them at every run, for which the option `changes` must be set.
   */
  change(parameters: Checkpoint['parameters']): void {
    if (!this.#options.changes) throw new Error('The weights of this stylizer are constants.');
    this.#parameters = parameters;
    this.#bands?.dispose();
    this.#sampled?.dispose();
    this.#bands = this.#sampled = undefined;
    tf.dispose(this.#weights);
    this.#weights = undefined;
    for (const network of this.#whole.values()) network.writeState(this.#weightTensors());
  }

  dispose(): void {
    for (const network of this.#whole.values()) network.dispose();
    this.#whole.clear();
    tf.dispose(this.#weights);
    this.#weights = undefined;
    this.#bands?.dispose();
    this.#bands = undefined;
    this.#sampled?.dispose();
    this.#sampled = undefined;
  }

  get #margin(): number {
    return this.checkpoint.margin ?? 0;
  }

  #mirrored(picture: Picture<Samples>): Picture<Samples> {
    if (this.#margin === 0) return picture;
    const { pixels, width, height } = picture;
    const read = (from: number, to: number) => pixels.subarray(3 * width * from, 3 * width * to);
    const larger = withMargin({ width, height, read }, this.#margin);
    return { pixels: larger.read(0, larger.height), width: larger.width, height: larger.height };
  }

  #refuseSmall({ width, height }: PictureSize): void {
    const smallest = smallestImage(this.checkpoint.layers);
    if (width >= smallest && height >= smallest) return;
    throw new ImageError(
      expected(
        `a picture of at least ${smallest}×${smallest} pixels`,
        `${width}×${height}`,
        'enlarge it first',
      ),
    );
  }

  #weightTensors(): TransformNetParameters {
    this.#weights ??= namedTensors(this.#parameters);
    return this.#weights;
  }

  #wholeNetwork(form: PixelForm): WholeNetwork {
    const known = this.#whole.get(form);
    if (known !== undefined) return known;
    const { layers } = this.checkpoint;
    const weights = this.#weightTensors();
    const build = this.#options.engine === 'eager' ? interpret : compile;
    const { precision, changes } = this.#options;
    // Weights that change are the network's state, others are constants in it.
    const network: WholeNetwork = build(
      ({ image }: WholeInputs, state: TransformNetParameters) => {
        const painted = transformNet(layers, changes ? state : weights, image);
        const outputs = outputsOfForm(painted, form);
        return changes ? { outputs, nextState: state } : { outputs };
      },
      {
        inputs: { image: [1, null, null, 3] },
        bytes: bytesOfForm(form),
        exampleSide: smallestImage(layers),
        ...(changes ? { state: weights } : { constants: Object.values(weights) }),
        precision,
      },
    );
    this.#whole.set(form, network);
    return network;
  }

  #bandNetwork(): BandNetwork {
    const { precision } = this.#options;
    this.#bands ??= new BandNetwork(this.checkpoint.layers, this.#parameters, precision);
    return this.#bands;
  }
}
