import { type PixelPicture, toTensor } from '../engine/pixels.ts';
import * as tf from '../engine/tensorflow.ts';
import { relativeContentLoss } from '../losses/content-loss.ts';
import type { FeatureMaps } from '../losses/perceptual-loss.ts';
import { STYLE_STATISTICS } from '../losses/style-statistic.ts';
import type { LossNetwork } from '../networks/loss-network.ts';

/** Where strokes are looked for, each layer with the same say: from single strokes to what they form together. */
const STROKE_LAYERS = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1'] as const;
/** Where the photo is looked for: what stands in it, not how it is drawn. */
const PHOTO_LAYER = 'relu4_2';
/** Whatever a style was trained with: styles are compared by one measure. */
const STROKES = STYLE_STATISTICS.gram;

/** What a loss network says of one painted photo. */
export interface StyleJudgement {
  /** `style` over `photoStyle`: 1 is a photo left as it is, 0 one with the painting's own strokes. */
  readonly strokes: number;
  /** Share of the photo's feature energy at relu4_2 that is lost (`relativeContentLoss`). */
  readonly contentLost: number;
  /** What the painted picture misses of the painting: mean over the layers of Σ(G − A)² / ΣA² (`relativeStyleLoss`). */
  readonly style: number;
  /** The same of the photo. */
  readonly photoStyle: number;
}

/**
 * Judges painted photos by a loss network, whatever painted them and whatever it was trained with: by Gram matrices at relu1_1,
 * relu2_1, relu3_1 and relu4_1, as Gatys et al. (2016) have them, and by feature maps at relu4_2. Figures of another loss
 * network, pooling, size of painting or of photo are others.
 */
export class StyleJudge {
  readonly #lossNetwork: LossNetwork;
  readonly #painting: Readonly<Record<string, tf.Tensor>>;

  /**
   * @param lossNetwork stays the caller's, who disposes of it after this.
   * @param painting at the size at which its strokes are to be compared: in training, `styleSize`.
   */
  constructor(lossNetwork: LossNetwork, painting: PixelPicture) {
    this.#lossNetwork = lossNetwork;
    this.#painting = tf.tidy(() => strokes(lossNetwork.featureMaps(toTensor(painting), STROKE_LAYERS)));
  }

  /** @param painted of the photo, and as large. @throws {ConfigError} they are too small for the loss network. */
  judge(photo: PixelPicture, painted: PixelPicture): StyleJudgement {
    const [photoStyle, style, contentLost] = tf.tidy(() => {
      const of = (picture: PixelPicture) =>
        this.#lossNetwork.featureMaps(toTensor(picture), [...STROKE_LAYERS, PHOTO_LAYER]);
      const [before, after] = [of(photo), of(painted)];
      const lost = relativeContentLoss(after[PHOTO_LAYER]!, before[PHOTO_LAYER]!);
      return [...tf.stack([this.#missed(before), this.#missed(after), lost]).dataSync()];
    }) as unknown as [number, number, number];
    return { strokes: style / photoStyle, contentLost, style, photoStyle };
  }

  #missed(maps: FeatureMaps): tf.Tensor {
    const found = strokes(maps);
    return tf.mean(
      tf.stack(STROKE_LAYERS.map((layer) => STROKES.loss(found[layer]!, this.#painting[layer]!))),
    );
  }

  dispose(): void {
    tf.dispose(Object.values(this.#painting));
  }
}

function strokes(maps: FeatureMaps): Record<string, tf.Tensor> {
  return Object.fromEntries(STROKE_LAYERS.map((layer) => [layer, STROKES.of(maps[layer]!)]));
}
