import type { Precision } from '../../engine/compile/compile.ts';
import type { Picture } from '../../picture.ts';
import type { TrainConfig } from '../config.ts';
import { type CheckedPlan, planHere, type Room } from '../plan/plan.ts';
import type { NetworkTrainer } from '../trainer.ts';
import type { TrainBase } from './base.ts';
import { findTrainData, standInBatches } from './data.ts';
import { describeRun, type TrainingDescription } from './description.ts';
import type { SetUpHooks, TrainCall } from './inputs.ts';
import type { ReadPainting } from './pictures.ts';
import type { PreviewPhoto } from './previews.ts';
import { planOptionsOf, readTraining } from './read-training.ts';
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
  const read = await readTraining(args, subject, resume, hooks);
  const { base, config: wanted, warmStart, paintings, previewPhotos, samplePhoto, lossNetwork } = read;
  const { imageSize, batch, seed } = wanted;
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
  const { device, softwareVersions } = await import('../../engine/versions.ts');
  const isOnGpu = device() === 'GPU';
  const card = isOnGpu ? await cardHere() : undefined;
  const planned = { ...planOptionsOf(read, args, stepsLeft), ...(isOnGpu && { gpu: precision }) };
  const plan = planHere(planned, runFolder, card, args.ignorePlan);
  await tryBatches(openBatches(resume?.position, imageSize));
  const { config, styleWeights } = await withStyleWeights(wanted, {
    resume,
    paintings: paintings.length,
    lossNetwork,
    say: hooks.say,
  });
  const { NetworkTrainer } = await import('../trainer.ts');
  const trainer = await NetworkTrainer.create({
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
    run: args.id,
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

/** What the GPU's memory is; loaded only where there is one. */
async function cardHere(): Promise<Room['card']> {
  const { cardMemory } = await import('../../engine/card-memory.ts');
  return (await cardMemory()) ?? 'unknown';
}

/** What is wrong with the data or the size of crops shows now, not after the training step has been compiled. */
async function tryBatches(photos: AsyncGenerator<unknown, void, void>): Promise<void> {
  try {
    await photos.next();
  } finally {
    await photos.return();
  }
}
