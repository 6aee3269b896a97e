import * as tf from '../../engine/tensorflow.ts';
import type { Checkpoint } from '../../networks/checkpoint.ts';
import { expected, FileError } from '../../system/errors.ts';
import type { PaintedTensors, PixelForm } from '../pixel-form.ts';
import { StyleNetwork, type StyleNetworkOptions } from '../style-network.ts';
import { numStatisticsOf, SmoothedNetwork } from './smoothed-network.ts';

/**
 * Paints frames of a film in one style, one after the other: the normalisations' statistics go over from frame to frame
 * (`SmoothedNetwork`). Everything else of it, bands among it, is the plain stylizer's.
 */
export class SmoothedStyleNetwork extends StyleNetwork {
  readonly #layers: Checkpoint['layers'];
  readonly #weights: Checkpoint['parameters'];
  readonly #precision: NonNullable<StyleNetworkOptions['precision']>;
  readonly #rate: number;
  readonly #networks = new Map<PixelForm, SmoothedNetwork>();
  #statistics: Float32Array | undefined;

  /** @param rate share of a frame's own statistics, above 0 and up to 1; 1 is the plain stylizer. */
  constructor(checkpoint: Checkpoint, rate: number, options: Pick<StyleNetworkOptions, 'precision'> = {}) {
    super(checkpoint, options);
    this.#layers = checkpoint.layers;
    this.#weights = checkpoint.parameters;
    this.#precision = options.precision ?? 'f32';
    this.#rate = rate;
  }

  protected override forward(image: tf.Tensor4D, form: PixelForm): PaintedTensors {
    const before = tf.tensor1d(this.#statistics ?? new Float32Array(this.#numStatistics));
    const rate = this.#statistics === undefined ? 1 : this.#rate;
    const { statistics, ...painted } = this.#opened(form).run(image, before, rate);
    this.#statistics = statistics.dataSync() as Float32Array;
    tf.dispose([before, statistics]);
    return painted;
  }

  /** The next frame is of another scene: it is painted as if it were the first. */
  forget(): void {
    this.#statistics = undefined;
  }

  /** What the next frame depends on; empty before the first. A copy. */
  statistics(): Float32Array {
    return this.#statistics?.slice() ?? new Float32Array(0);
  }

  /** @throws {FileError} they are of another network. */
  recall(statistics: Float32Array): void {
    const wanted = this.#numStatistics;
    if (statistics.length !== 0 && statistics.length !== wanted)
      throw new FileError(expected(`${wanted} statistics of this style`, statistics.length));
    this.#statistics = statistics.length === 0 ? undefined : statistics.slice();
  }

  override dispose(): void {
    super.dispose();
    for (const network of this.#networks.values()) network.dispose();
    this.#networks.clear();
  }

  get #numStatistics(): number {
    return numStatisticsOf(this.#weights);
  }

  #opened(form: PixelForm): SmoothedNetwork {
    const known = this.#networks.get(form);
    if (known !== undefined) return known;
    const network = new SmoothedNetwork(this.#layers, this.#weights, this.#precision, form);
    this.#networks.set(form, network);
    return network;
  }
}
