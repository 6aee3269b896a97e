/** What a run is to do, as far as it is known before TensorFlow is loaded. */
import { parseArchitecture } from '../../networks/architecture.ts';
import { canonicalWeights } from '../../networks/layer-names.ts';
import type { LossNetworkWeights } from '../../networks/loss-network-weights.ts';
import { smallestImage } from '../../networks/transform-net-parameters.ts';
import type { Picture } from '../../picture.ts';
import type { TrainConfig } from '../config.ts';
import type { PlanOptions } from '../plan/plan.ts';
import type { WarmStart } from '../warm-start.ts';
import { openBase, type TrainBase } from './base.ts';
import { countPictures } from './data.ts';
import { configOf, type SetUpHooks, type TrainCall } from './inputs.ts';
import { type ReadPainting, readPaintings, readSample } from './pictures.ts';
import { type PreviewPhoto, readPreviewPhotos } from './previews.ts';
import { onRecipeNetwork } from './recipe.ts';
import type { RunState } from './run-state.ts';
import type { TrainSubject } from './subject.ts';

export interface ReadTraining {
  readonly config: TrainConfig;
  readonly warmStart: WarmStart | undefined;
  readonly base: TrainBase | undefined;
  readonly paintings: readonly ReadPainting[];
  readonly previewPhotos: readonly PreviewPhoto[];
  /** What the guard has painted now and then. */
  readonly samplePhoto: Picture;
  readonly lossNetwork: LossNetworkWeights;
}

/**
 * Reads what is given and checks that it fits together.
 *
 * @param resume the state of a run that is continued.
 * @throws {ConfigError}, {ImageError}, {CheckpointError}, {WeightsError}, {DatasetError}, {FileError} something cannot be used.
 */
export async function readTraining(
  args: TrainCall,
  subject: TrainSubject,
  resume: RunState | undefined,
  hooks: SetUpHooks,
): Promise<ReadTraining> {
  const base =
    subject.addTo === undefined ? undefined : await openBase(subject.addTo, args.settings, subject);
  const ofBase = base && { architecture: base.checkpoint.architecture };
  const style = subject.paintings.map(({ file }) => file);
  const call = { ...args, style, settings: { ...args.settings, ...ofBase } };
  const photosGiven = await countPictures(args.data);
  const { config: asked, warmStart } = await configOf(call, resume, photosGiven, hooks);
  const paintings = await readPaintings(subject.paintings, asked.styleSize);
  const smallest = smallestImage(parseArchitecture(asked.architecture));
  const previewPhotos = args.previewEvery === 0 ? [] : await readPreviewPhotos(args.previewPhoto, smallest);
  const samplePhoto = await readSample(smallest);
  const { readLossNetworkWeights } = await import('../../networks/loss-network-weights.ts');
  const lossNetwork = await readLossNetworkWeights(args.lossNetworkFile ?? asked.lossNetwork);
  const config = onRecipeNetwork(args.recipe, asked, lossNetwork, hooks.say);
  for (const layers of [config.contentLayers, config.styleLayers]) canonicalWeights(lossNetwork.kind, layers);
  return { config, warmStart, base, paintings, previewPhotos, samplePhoto, lossNetwork };
}

/** What a plan is made of. @param steps that are left. */
export function planOptionsOf(
  { config, lossNetwork, paintings, previewPhotos }: ReadTraining,
  { accumulate, keep, previewEvery, together }: TrainCall,
  steps: number,
): PlanOptions {
  const pixels = previewPhotos.reduce((sum, { picture }) => sum + picture.width * picture.height, 0);
  return {
    ...{ config, lossNetwork, accumulate, steps, keep, previewEvery },
    paintingShape: Math.max(...paintings.map(({ painting }) => shapeOf(painting))),
    previewPixels: pixels * (together ? paintings.length : 1),
  };
}

/** Shorter over longer side. */
function shapeOf({ width, height }: Picture): number {
  return Math.min(width, height) / Math.max(width, height);
}
