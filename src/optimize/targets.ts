import { numbered } from '../engine/compile/compile.ts';
import { runOnce } from '../engine/compile/compile-as-called.ts';
import * as tf from '../engine/tensorflow.ts';
import { type StyleMeasure, styleStatisticOf } from '../losses/style-term.ts';
import type { PaintingTargets, TargetTensors } from '../losses/term.ts';
import type { LossNetwork } from '../networks/loss-network.ts';
import { guidanceOf, regionAt } from './region.ts';

/** A painting as the objective takes it. */
export interface StyleSource {
  /** [1, H, W, C]: RGB pixels in [0, 255], or one channel of luminance. */
  readonly picture: tf.Tensor4D;
  readonly weight: number;
  /** Over the photo, [1, H, W, 1] in [0, 1]: where this painting counts. */
  readonly region?: tf.Tensor4D;
  /** Over the painting, [1, H, W, 1] in [0, 1]: where its style is taken from. */
  readonly source?: tf.Tensor4D;
}

/** Shares of the paintings in the style term, which sum to 1. */
export function paintingShares(styles: readonly Pick<StyleSource, 'weight'>[]): number[] {
  const weights = styles.reduce((sum, { weight }) => sum + weight, 0);
  return styles.map(({ weight }) => weight / weights);
}

export interface TargetInputs {
  readonly lossNetwork: LossNetwork;
  /** [1, H, W, C], C = 3 or 1. */
  readonly content: tf.Tensor4D;
  readonly contentRegion?: tf.Tensor4D;
  readonly styles: readonly StyleSource[];
  readonly contentLayers: readonly string[];
  readonly styleLayers: readonly string[];
  readonly measure: StyleMeasure;
}

/** A picture of one channel as the loss network takes it: grey in RGB. Of three channels itself. Caller disposes. */
export function asRgb(picture: tf.Tensor4D): tf.Tensor4D {
  return picture.shape[3] === 1 ? tf.concat([picture, picture, picture], 3) : picture.clone();
}

/** Everything that the objective compares with, computed once. Caller disposes. */
export function makeTargets(inputs: TargetInputs): TargetTensors {
  const { lossNetwork, styleLayers, contentLayers } = inputs;
  return tf.tidy(() => {
    const content = runOnce(
      ({ picture }) => ({ outputs: lossNetwork.featureMaps(asRgb(picture), contentLayers) }),
      lossNetwork.tensors,
      { picture: inputs.content },
    );
    const sizeAt = (layer: string, picture: tf.Tensor4D) => halvedTo(layer, picture);
    const guidanceAt = (region: tf.Tensor4D, picture: tf.Tensor4D, what: string) =>
      Object.fromEntries(
        styleLayers.map((layer) => {
          return [layer, guidanceOf(regionAt(region, sizeAt(layer, picture)), `${what} at ${layer}`)];
        }),
      );
    const paintings = inputs.styles.map(({ picture, region, source }, i): PaintingTargets => {
      const what = `style picture ${i + 1}`;
      const own = source === undefined ? {} : guidanceAt(source, picture, what);
      const statistics = runOnce(
        (given) => {
          const maps = Object.entries(lossNetwork.featureMaps(asRgb(given.picture), styleLayers));
          const statistic = (layer: string, map: tf.Tensor4D) =>
            styleStatisticOf(inputs.measure, map, given.own[layer]);
          return { outputs: Object.fromEntries(maps.map(([layer, map]) => [layer, statistic(layer, map)])) };
        },
        lossNetwork.tensors,
        { picture, own },
      );
      const guidance = region === undefined ? {} : guidanceAt(region, inputs.content, what);
      return { statistics, guidance };
    });
    const { contentRegion } = inputs;
    const contentRegions =
      contentRegion === undefined
        ? {}
        : Object.fromEntries(
            contentLayers.map((layer) => [layer, regionAt(contentRegion, sizeAt(layer, inputs.content))]),
          );
    return { photo: inputs.content.clone(), content, contentRegions, paintings: numbered(paintings) };
  });
}

/** Height and width at a layer: halved, rounding down, once per pooling before it (and once more after it). */
function halvedTo(layer: string, { shape }: tf.Tensor4D): [number, number] {
  const block = Number(layer.replace(/\D*(\d).*/, '$1'));
  const halvings = layer.startsWith('pool') ? block : block - 1;
  return [Math.floor(shape[1] / 2 ** halvings), Math.floor(shape[2] / 2 ** halvings)];
}
