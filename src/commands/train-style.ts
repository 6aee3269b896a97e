import { join } from 'node:path';
import { availableMemory } from '../available-memory.ts';
import type { PixelPicture } from '../engine/pixels.ts';
import { parseArchitecture } from '../networks/architecture.ts';
import type { NamedArray } from '../networks/safetensors.ts';
import { smallestImage } from '../networks/transform-net-parameters.ts';
import { previewFile, removeRun } from '../train/run-folder.ts';
import type { DataPosition } from '../train/run-state.ts';
import { catchInterruption, InterruptedError } from './interruption.ts';
import { progressBar } from './progress-bar.ts';
import { openBase } from './train-base.ts';
import { describeRun } from './train-description.ts';
import { configOf, openRun, type TrainCall } from './train-inputs.ts';
import { describePlan, planHere } from './train-plan.ts';
import { withCalibratedWeights } from './train-strength.ts';
import type { TrainSubject } from './train-subject.ts';

/**
 * One run from the command line, of one painting or of several in one network: reads what is given, draws steps, shows
 * progress.
 */
export async function trainStyle(args: TrainCall, subject: TrainSubject): Promise<void> {
  const { name, runFolder, checkpointPath, together } = subject;
  const saved = await openRun(args, runFolder, checkpointPath);
  const resume = saved?.state;
  const { openDataset, batches } = await import('../data/batches.ts');
  const dataset = await openDataset(args.data);
  const { count, id } = dataset;
  await dataset.close();
  const base = subject.addTo === undefined ? undefined : await openBase(subject.addTo, { ...args }, subject);
  const ofBase = base && { architecture: base.checkpoint.architecture };
  const wanted = await configOf({ ...args, ...ofBase }, resume, count);
  const { writePicture } = await import('../data/image-file.ts');
  const { readPaintings, readPreviewPhotos, readSample } = await import('./train-pictures.ts');
  const paintings = await readPaintings(subject.paintings, wanted.styleSize);
  const smallest = smallestImage(parseArchitecture(wanted.architecture));
  const previewPhotos = args.previewEvery === 0 ? [] : await readPreviewPhotos(args.previewPhoto, smallest);
  const samplePhoto = await readSample(smallest);
  const { imageSize, batch, seed } = wanted;
  const openBatches = (position: DataPosition | undefined) =>
    batches({ dataset: args.data, imageSize, batch, seed, ...(position === undefined ? {} : { position }) });
  const { readLossNetworkWeights } = await import('../networks/loss-network-weights.ts');
  const lossNetwork = await readLossNetworkWeights(wanted.lossNetwork);

  // From here on TensorFlow is loaded.
  const { choosePrecision } = await import('../engine/precision.ts');
  const precision = await choosePrecision(args.precision as 'auto' | 'f32' | 'bf16');
  const stepsLeft = wanted.steps - (resume?.step ?? 0);
  const planOptions = {
    config: wanted,
    lossNetwork,
    paintingShape: Math.max(...paintings.map(({ painting }) => shapeOf(painting))),
    accumulate: args.accumulate,
    steps: stepsLeft,
    keep: args.keep,
    previewEvery: args.previewEvery,
    previewPixels: previewPhotos.reduce((sum, { picture }) => sum + picture.width * picture.height, 0),
  };
  const { device, softwareVersions } = await import('../engine/versions.ts');
  const checked = planHere(planOptions, runFolder, device() === 'GPU', args.ignorePlan);
  await tryBatches(openBatches(resume?.position));
  const weighed = args.plan
    ? paintings.map(() => wanted)
    : await withCalibratedWeights({ config: wanted, resume, dataset: args.data, paintings, lossNetwork });
  const config = together ? wanted : weighed[0]!;
  const { Trainer } = await import('../train/trainer.ts');
  const { runTraining } = await import('../train/training-run.ts');
  const { Stylizer } = await import('../infer/stylizer.ts');
  const { parametersOfStyle } = await import('../networks/conditional-parameters.ts');
  const trainer = Trainer.create({
    config,
    painting: together
      ? paintings.map((each, i) => ({ ...each, styleWeight: weighed[i]!.styleWeight }))
      : paintings[0]!.painting,
    addTo: base?.start,
    lossNetwork,
    precision,
    engine: args.engine as 'compiled' | 'eager',
    accumulate: args.accumulate,
    dataset: id,
    openBatches,
    ...(resume === undefined ? {} : { resume }),
  });
  const description = describeRun({
    args,
    subject,
    config,
    paintings,
    styleWeights: weighed.map(({ styleWeight }) => styleWeight),
    base,
    precision,
    photos: count,
    legs: trainer.legs,
    lossNetwork,
    software: softwareVersions(),
  });
  const preview = async (step: number, parameters: readonly NamedArray[]) => {
    for (const [i, style] of paintings.entries()) {
      const own = together ? parametersOfStyle(parameters, i) : parameters;
      const shown = { ...description, styles: undefined, layers: trainer.layers, parameters: own };
      const stylizer = new Stylizer(
        { ...shown, steps: step, images: trainer.images, losses: {} },
        { precision },
      );
      try {
        for (const { name: photo, picture } of previewPhotos) {
          const file = previewFile(together ? `${photo}-${style.name}` : photo, step);
          await writePicture(join(runFolder, file), stylizer.stylize(picture), { overwrite: true });
        }
      } finally {
        stylizer.dispose();
      }
    }
  };

  const heading = `Training ${name}${about(subject)}: ${config.steps} steps of ${batch} photos at ${imageSize} px in ${precision}, ${count} photos in ${args.data}\n`;
  if (!args.plan) process.stderr.write(heading);
  const { Guard } = await import('../train/guard.ts');
  const { MemoryWatch, readMemory } = await import('../train/memory-watch.ts');
  const { probeStep } = await import('../train/probe-step.ts');
  const planned = describePlan(checked, await probeStep(trainer, stepsLeft), stepsLeft).join('\n');
  if (args.plan) {
    trainer.dispose();
    process.stdout.write(`${heading}${planned}\n`);
    return;
  }
  process.stderr.write(`${planned}\n`);
  const seen = paintings.map(({ painting }) => painting);
  const guard = new Guard({ trainer, photo: samplePhoto, painting: seen, precision });
  // An earlier run goes only now that nothing is left to fail before the first step.
  if (resume === undefined) await removeRun(runFolder);
  const { steps } = config;
  const { previewEvery, checkpointEvery, saveMinutes, keep } = args;
  const bar = progressBar({ label: 'Training', total: steps, initial: trainer.stepsDone });
  const interruption = catchInterruption(() =>
    bar.say('Ending behind this step, with everything saved; once more ends at once.'),
  );
  const runOptions = {
    trainer,
    guard,
    memory: new MemoryWatch({ read: readMemory(availableMemory) }),
    runFolder,
    logBytes: saved?.logBytes,
    checkpointPath,
    description,
    ...(base && { checkpointParameters: base.withStyle }),
    steps,
    previewEvery,
    checkpointEvery,
    saveMinutes,
    keep,
    preview,
    say: bar.say,
    signal: interruption.signal,
  };
  const started = performance.now();
  const before = trainer.images;
  try {
    for await (const { step, recent } of runTraining(runOptions)) {
      const imagesPerSecond = ((trainer.images - before) * 1000) / (performance.now() - started);
      const terms = `content ${recent.content.toFixed(3)} style ${recent.style.toFixed(4)} tv ${recent.tv.toFixed(0)}`;
      const steady = recent.stability === undefined ? '' : ` stability ${recent.stability.toFixed(4)}`;
      bar.update(step, `${imagesPerSecond.toFixed(1)} images/s ${terms}${steady}`);
    }
    bar.stop();
    if (trainer.stepsDone < steps) {
      throw new InterruptedError(
        `Stopped after step ${trainer.stepsDone} of ${steps}; all is saved. Go on with the same command and --resume.`,
      );
    }
    process.stdout.write(`${checkpointPath}\n`);
  } finally {
    bar.stop();
    interruption.release();
    guard.dispose();
    trainer.dispose();
  }
}

/** What is wrong with the data or the size of crops shows now, not after the training step has been compiled. */
async function tryBatches(photos: AsyncGenerator<unknown, void, void>): Promise<void> {
  try {
    await photos.next();
  } finally {
    await photos.return();
  }
}

function about({ paintings, together, addTo }: TrainSubject): string {
  const names = paintings.map(({ name }) => name).join(', ');
  if (addTo !== undefined) return ` (${names}, added to ${addTo})`;
  return together ? ` (${names})` : '';
}

/** Shorter over longer side. */
function shapeOf({ width, height }: PixelPicture): number {
  return Math.min(width, height) / Math.max(width, height);
}
