import { type CompiledAsCalled, compileAsCalled, runOnce } from '../engine/compile/compile-as-called.ts';
import { toTensor } from '../engine/pixels.ts';
import * as tf from '../engine/tensorflow.ts';
import { contentTerm } from '../losses/content-loss.ts';
import { styleTerms } from '../losses/style-term.ts';
import { type FeatureMaps, type PaintingTargets, partsOf, type Targets, type Term } from '../losses/term.ts';
import type { LossNetwork } from '../networks/loss-network.ts';
import type { LossNetworkWeights } from '../networks/loss-network-weights.ts';
import type { Picture } from '../picture.ts';
import { median } from '../train/guard/step-check.ts';
import { styleTargets } from '../train/step/train-step.ts';
import type { StyleJudgement } from './figures.ts';

/** Where strokes are looked for, each layer with the same say: from single strokes to what they form together. */
const STROKE_LAYERS = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1'] as const;
/** Where the photo is looked for: what it shows, not how it is drawn. */
const PHOTO_LAYER = 'relu4_2';
/** Whatever a style was trained with: styles are compared by one measure. */
const [STROKES] = styleTerms({
  styleWeight: 1,
  styleLayers: Object.fromEntries(STROKE_LAYERS.map((layer) => [layer, 1])),
}) as [Term];
const PHOTO = contentTerm({ contentWeight: 1, contentLayers: { [PHOTO_LAYER]: 1 } });

/**
 * Judges painted photos by a loss network, whatever painted them and whatever it was trained with: by Gram matrices at relu1_1,
 * relu2_1, relu3_1 and relu4_1, as Gatys et al. (2016) have them, and by feature maps at relu4_2. Figures of another loss
 * network, pooling, size of painting or of photo are others.
 */
export class StyleJudge {
  readonly #painting: PaintingTargets['statistics'];
  readonly #figures: CompiledAsCalled<JudgedPictures, { readonly figures: tf.Tensor1D }>;

  /**
   * @param lossNetwork stays the caller's, who disposes of it after this.
   * @param painting at the size at which its strokes are to be compared: in training, `styleSize`.
   */
  constructor(lossNetwork: LossNetwork, painting: Picture) {
    this.#painting = tf.tidy(() =>
      runOnce(
        ({ picture }) => ({ outputs: styleTargets(lossNetwork, picture, STROKE_LAYERS) }),
        lossNetwork.tensors,
        { picture: toTensor(painting) },
      ),
    );
    this.#figures = compileAsCalled(
      (pictures) => ({ outputs: { figures: figuresOf(lossNetwork, pictures) } }),
      lossNetwork.tensors,
    );
  }

  /** @param painted of the photo, and as large. @throws {ConfigError} they are too small for the loss network. */
  judge(photo: Picture, painted: Picture): StyleJudgement {
    const [photoStyle, style, photoKept, contentLost] = tf.tidy(() => {
      const pictures = { photo: toTensor(photo), painted: toTensor(painted), painting: this.#painting };
      return [...this.#figures.run(pictures).figures.dataSync()];
    }) as unknown as [number, number, number, number];
    return { strokes: style / photoStyle, photoKept, contentLost, style, photoStyle };
  }

  dispose(): void {
    this.#figures.dispose();
    tf.dispose(this.#painting);
  }
}

type JudgedPictures = {
  readonly photo: tf.Tensor4D;
  readonly painted: tf.Tensor4D;
  readonly painting: PaintingTargets['statistics'];
};

/** Style loss of the photo and of what was painted of it, how much of the photo is kept in it, and the content lost. */
function figuresOf(lossNetwork: LossNetwork, { photo, painted, painting }: JudgedPictures): tf.Tensor1D {
  return tf.tidy(() => {
    const seenIn = (pixels: tf.Tensor4D): Seen => {
      return { pixels, maps: lossNetwork.featureMaps(pixels, [...STROKE_LAYERS, PHOTO_LAYER]) };
    };
    const [before, after] = [seenIn(photo), seenIn(painted)];
    const kept = correlation(after.maps[PHOTO_LAYER]!, before.maps[PHOTO_LAYER]!);
    const lost = meanLoss(PHOTO, after, { content: before.maps });
    const targets = { paintings: { 0: { statistics: painting } } };
    const missed = [before, after].map((seen) => meanLoss(STROKES, seen, targets));
    return tf.stack([...missed, kept, lost]) as tf.Tensor1D;
  });
}

interface Seen {
  readonly pixels: tf.Tensor4D;
  readonly maps: FeatureMaps;
}

/** Mean over the term's layers. */
function meanLoss(term: Term, { pixels, maps }: Seen, targets: Targets): tf.Tensor {
  const parts = partsOf(term, term.value(pixels, maps, targets));
  return tf.mean(tf.stack(parts.map(({ value }) => value)));
}

/** Σ(F − F̄)(P − P̄) / √(Σ(F − F̄)² Σ(P − P̄)²), with a mean F̄ per channel. */
function correlation(some: tf.Tensor4D, others: tf.Tensor4D): tf.Tensor {
  const [a, b] = [some, others].map((maps) => tf.sub(maps, tf.mean(maps, [0, 1, 2], true)));
  const energy = tf.mul(tf.sum(tf.square(a!)), tf.sum(tf.square(b!)));
  return tf.div(tf.sum(tf.mul(a!, b!)), tf.sqrt(tf.maximum(energy, SMALLEST_ENERGY)));
}

/** Keeps the correlation finite for pictures of which the layer sees nothing. */
const SMALLEST_ENERGY = 1e-30;

/** Of each figure the median over photos: what one photo loses says more about the photo. */
export function medianJudgement(each: readonly StyleJudgement[]): StyleJudgement {
  const of = (figure: keyof StyleJudgement) => median(each.map((one) => one[figure]));
  return {
    strokes: of('strokes'),
    photoKept: of('photoKept'),
    contentLost: of('contentLost'),
    style: of('style'),
    photoStyle: of('photoStyle'),
  };
}

/** Channels of VGG's first and fourth block as published. */
const PUBLISHED_WIDTHS = { conv1_1: 64, conv4_1: 512 } as const;

/** Whether a loss network is as wide as VGG was published: figures of narrower ones are others, and limits found with it are not theirs. */
export function isFullWidth({ steps, layers }: Pick<LossNetworkWeights, 'steps' | 'layers'>): boolean {
  return (
    steps === undefined &&
    Object.entries(PUBLISHED_WIDTHS).every(([layer, width]) => layers.get(layer)?.kernelShape[3] === width)
  );
}
