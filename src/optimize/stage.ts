import { transferColors } from '../data/color-transfer.ts';
import { resizePicture } from '../data/image-file.ts';
import { luminanceOf, matchedLuminance, withLuminance } from '../data/luminance.ts';
import { toTensor } from '../engine/pixels.ts';
import { toPixels } from '../engine/samples.ts';
import * as tf from '../engine/tensorflow.ts';
import type { LossNetwork } from '../networks/loss-network.ts';
import type { Picture, PictureSize } from '../picture.ts';
import type { OptimizeConfig, OptimizeInputs } from './config.ts';
import { Objective } from './objective.ts';
import { regionTensor } from './region.ts';
import { startPicture } from './start-picture.ts';
import type { StyleSource } from './targets.ts';

type Shape = readonly [number, number, number, number];

/** One scale of an optimisation: everything at its size. */
export interface Stage {
  readonly objective: Objective;
  /** [1, H, W, C] of what is optimised. */
  readonly shape: Shape;
  /** What the whole optimisation would start from at this size. */
  start(): Float32Array;
  /** What is optimised, as a picture: clipped and rounded to 8 bit, with the photo's chroma where luminance is optimised. */
  picture(point: Float32Array): Picture;
  dispose(): void;
}

/**
 * Brings photo, paintings and masks to a scale and makes its objective.
 *
 * @param scale share of the photo's full width and height.
 * @param network not disposed of. Caller disposes the stage.
 */
export async function makeStage(
  config: OptimizeConfig,
  inputs: OptimizeInputs,
  network: LossNetwork,
  scale: number,
): Promise<Stage> {
  const width = Math.max(1, Math.round(inputs.content.width * scale));
  const height = Math.max(1, Math.round(inputs.content.height * scale));
  const sized = (picture: Picture) => resizePicture(picture, width, height);
  const content = await sized(inputs.content);
  const region = inputs.contentRegion && (await sized(inputs.contentRegion));
  const given = inputs.given && (await sized(inputs.given));
  const styles = await Promise.all(
    inputs.styles.map(async ({ picture, weight = 1, region, source }) => {
      const [w, h] = styleSize(config, picture, { width, height });
      return {
        picture: await resizePicture(picture, w, h),
        weight,
        region: region && (await sized(region)),
        source: source && (await resizePicture(source, w, h)),
      };
    }),
  );
  const startStyle = inputs.styles[0] && (await sized(inputs.styles[0].picture));

  const luminance = config.keepColors === 'luminance';
  const channels = luminance ? 1 : 3;
  const shape: Shape = [1, height, width, channels];
  const contentValues = luminance ? luminanceOf(content.pixels) : new Float32Array(content.pixels);
  const styleValues = (picture: Picture): Float32Array => {
    if (luminance) return matchedLuminance(luminanceOf(picture.pixels), contentValues);
    if (config.keepColors === 'histogram') return transferColors(picture.pixels, content.pixels);
    return new Float32Array(picture.pixels);
  };
  const planes = (picture: Picture) =>
    luminance ? luminanceOf(picture.pixels) : new Float32Array(picture.pixels);

  const sources: StyleSource[] = styles.map(({ picture, weight, region, source }) => ({
    picture: tf.tensor4d(styleValues(picture), [1, picture.height, picture.width, channels]),
    weight,
    ...(region && { region: regionTensor(region) }),
    ...(source && { source: regionTensor(source) }),
  }));
  const contentTensor = luminance ? tf.tensor4d(contentValues, [...shape]) : toTensor(content);
  const contentRegion = region && regionTensor(region);
  try {
    const objective = await Objective.create(
      config,
      {
        lossNetwork: network,
        content: contentTensor,
        styles: sources,
        terms: inputs.terms,
        ...(contentRegion && { contentRegion }),
      },
      inputs.precision,
    );
    return {
      objective,
      shape,
      start: () =>
        startPicture(
          config.start,
          {
            channels,
            content: contentValues,
            ...(startStyle && { style: styleValues(startStyle) }),
            ...(given && { given: planes(given) }),
          },
          config.seed,
        ),
      picture(point) {
        const rgb = luminance ? withLuminance(content.pixels, point) : point;
        return { pixels: toPixels(rgb), width, height };
      },
      dispose: () => objective.dispose(),
    };
  } finally {
    const masks = [contentRegion, ...sources.flatMap(({ region, source }) => [region, source])];
    tf.dispose([
      contentTensor,
      ...sources.map(({ picture }) => picture),
      ...masks.filter((mask) => mask !== undefined),
    ]);
  }
}

/** Width and height that a painting is brought to. */
function styleSize(
  { styleFit, styleScale }: OptimizeConfig,
  picture: Picture,
  photo: PictureSize,
): [number, number] {
  const whole = (side: number) => Math.max(1, Math.round(side));
  if (styleFit === 'stretch') return [whole(photo.width * styleScale), whole(photo.height * styleScale)];
  const factor = (Math.max(photo.width, photo.height) * styleScale) / Math.max(picture.width, picture.height);
  return [whole(picture.width * factor), whole(picture.height * factor)];
}
