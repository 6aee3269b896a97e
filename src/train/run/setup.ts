import type { Precision } from '../../engine/compile/compile.ts';
import { parseArchitecture } from '../../networks/architecture.ts';
import { canonicalWeights } from '../../networks/layer-names.ts';
import { smallestImage } from '../../networks/transform-net-parameters.ts';
import type { Picture } from '../../picture.ts';
import type { TrainConfig } from '../config.ts';
import { type CheckedPlan, planHere } from '../plan/plan.ts';
import type { NetworkTrainer } from '../trainer.ts';
import { openBase, type TrainBase } from './base.ts';
import { countPictures, findTrainData, standInBatches } from './data.ts';
import { describeRun, type TrainingDescription } from './description.ts';
import { configOf, type SetUpHooks, type TrainCall } from './inputs.ts';
import { type ReadPainting, readPaintings, readSample } from './pictures.ts';
import { type PreviewPhoto, readPreviewPhotos } from './previews.ts';
import { onRecipeNetwork } from './recipe.ts';
import { previewsBetween } from './run-folder.ts';
import type { DataPosition, RunState } from './run-state.ts';
import { withStyleWeights } from './strength.ts';
import type { TrainSubject } from './subject.ts';

/** Everything that a run works with, read and checked. */
export interface TrainSetup {
  readonly config: TrainConfig;
  readonly trainer: NetworkTrainer;
  readonly precision: Precision;
  readonly paintings: readonly ReadPainting[];
  readonly previewPhotos: readonly PreviewPhoto[];
  /** What the guard has painted now and then. */
  readonly samplePhoto: Picture;
  /** Photos, or synthetic pictures, of the data set. */
  readonly photos: number;
  /** Its folder. */
  readonly data: string;
  readonly plan: CheckedPlan;
  readonly stepsLeft: number;
  readonly base: TrainBase | undefined;
  readonly description: TrainingDescription;
}

/**
 * Reads what is given, checks it against the machine, finds the style weights and makes the trainer. Caller disposes of
 * it. What can fail for a user's mistake fails before anything takes long.
 */
export async function setUpTraining(
  args: TrainCall,
  subject: TrainSubject,
  resume: RunState | undefined,
  hooks: SetUpHooks,
): Promise<TrainSetup> {
  const { together, runFolder } = subject;
  const { batches } = await import('../../data/batches.ts');
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
  const lossNetwork = await readLossNetworkWeights(asked.lossNetwork);
  const wanted = onRecipeNetwork(args.recipe, asked, lossNetwork, hooks.say);
  const { imageSize, batch, seed } = wanted;
  for (const layers of [wanted.contentLayers, wanted.styleLayers]) canonicalWeights(lossNetwork.kind, layers);
  // Only now, as synthetic pictures may have to be made.
  const found = await findTrainData(args.data, imageSize, { ...hooks, isPlan: args.plan });
  const { folder: data, count: photos, isMissing = false } = found;
  const openBatches = (position: DataPosition | undefined, side: number) =>
    isMissing
      ? standInBatches(batch, side)
      : batches({
          dataset: data,
          imageSize: side,
          batch,
          seed,
          ...(position === undefined ? {} : { position }),
        });

  // From here on TensorFlow is loaded.
  const { choosePrecision } = await import('../../engine/precision.ts');
  const precision = await choosePrecision(args.precision);
  const stepsLeft = wanted.steps - (resume?.step ?? 0);
  const painted = together ? paintings.length : 1;
  const planOptions = {
    config: wanted,
    lossNetwork,
    paintingShape: Math.max(...paintings.map(({ painting }) => shapeOf(painting))),
    accumulate: args.accumulate,
    steps: stepsLeft,
    keep: args.keep,
    previewEvery: args.previewEvery,
    previewPixels:
      previewPhotos.reduce((sum, { picture }) => sum + picture.width * picture.height, 0) * painted,
  };
  const { device, softwareVersions } = await import('../../engine/versions.ts');
  const plan = planHere(planOptions, runFolder, device() === 'GPU', args.ignorePlan);
  await tryBatches(openBatches(resume?.position, imageSize));
  const { config, styleWeights } = await withStyleWeights(wanted, {
    resume,
    paintings: paintings.length,
    lossNetwork,
    say: hooks.say,
  });
  const { NetworkTrainer } = await import('../trainer.ts');
  const trainer = NetworkTrainer.create({
    config,
    painting: together
      ? paintings.map((each, i) => ({ ...each, styleWeight: styleWeights[i]! }))
      : paintings[0]!.painting,
    addTo: base?.start,
    lossNetwork,
    precision,
    engine: args.engine,
    accumulate: args.accumulate,
    // An evaluation that no preview asks for would only take time to compile.
    evaluates: previewsBetween(resume?.step ?? 0, wanted.steps, args.previewEvery) > 0,
    // Pictures that are made again equal those that the run began with.
    dataset: isMissing && resume !== undefined ? resume.dataset : found.id,
    openBatches,
    ...(resume === undefined ? {} : { resume }),
    ...(warmStart === undefined ? {} : { warmStart }),
  });
  const description = describeRun({
    args,
    subject,
    config,
    paintings,
    styleWeights,
    base,
    precision,
    photos,
    legs: trainer.legs,
    lossNetwork,
    software: softwareVersions(),
  });
  const pictures = { paintings, previewPhotos, samplePhoto };
  return { config, trainer, precision, ...pictures, photos, data, plan, stepsLeft, base, description };
}

/** What is wrong with the data or the size of crops shows now, not after the training step has been compiled. */
async function tryBatches(photos: AsyncGenerator<unknown, void, void>): Promise<void> {
  try {
    await photos.next();
  } finally {
    await photos.return();
  }
}

/** Shorter over longer side. */
function shapeOf({ width, height }: Picture): number {
  return Math.min(width, height) / Math.max(width, height);
}
