import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { availableMemory } from '../available-memory.ts';
import { ConfigError, expected } from '../errors.ts';
import { parseArchitecture } from '../networks/architecture.ts';
import { smallestImage } from '../networks/transform-net-parameters.ts';
import type { TrainConfig } from '../train/config.ts';
import { cropsFrom } from '../train/crop-schedule.ts';
import { REPORT, removeRun } from '../train/run-folder.ts';
import type { DataPosition } from '../train/run-state.ts';
import { catchInterruption, InterruptedError } from './interruption.ts';
import { printJson } from './json-lines.ts';
import { progressBar } from './progress-bar.ts';
import { resumeCommand } from './resume-command.ts';
import { checkNumbers, configOf, openRun, type TrainCall, warmStartOf } from './train-inputs.ts';
import { describePlan, planFigures, planHere } from './train-plan.ts';
import { previewPainter, readPreviewPhotos } from './train-previews.ts';
import { withCalibratedWeight } from './train-strength.ts';
import { watchTraining } from './train-watch.ts';

/** Trains one style from the command line: reads what is given, draws steps, shows progress. */
export async function trainStyle(args: TrainCall): Promise<void> {
  const name = args.name ?? basename(args.style, extname(args.style));
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u.test(name))
    throw new ConfigError(expected('letters, digits, dots, dashes for --name', name));
  checkNumbers(args);
  const runFolder = args.run ?? join('runs', name);
  const checkpointPath = join(args.out, `${name}.safetensors`);
  const saved = await openRun(args, runFolder, checkpointPath);
  const resume = saved?.state;
  const warmStart = args.from === undefined ? undefined : await warmStartOf(args.from, resume);
  const { openDataset, batches } = await import('../data/batches.ts');
  const dataset = await openDataset(args.data);
  const { count, id } = dataset;
  await dataset.close();
  const wanted = await configOf(args, resume, count, warmStart);
  const { readPicture, encodePicture } = await import('../data/image-file.ts');
  const painting = await readPicture(args.style, { longSide: wanted.styleSize });
  const thumbnail = await encodePicture(await readPicture(args.style, { longSide: 160 }), 'jpeg', 80);
  const smallest = smallestImage(parseArchitecture(wanted.architecture));
  const previewPhotos = await readPreviewPhotos(
    args.previewEvery === 0 ? [] : (args.previewPhoto ?? [SAMPLE]),
    smallest,
  );
  const samplePhoto = await readPicture(SAMPLE, { longSide: Math.max(SAMPLE_SIDE, 2 * smallest) });
  const { imageSize, batch, seed } = wanted;
  const openBatches = (position: DataPosition | undefined, side: number) =>
    batches({
      dataset: args.data,
      imageSize: side,
      batch,
      seed,
      ...(position === undefined ? {} : { position }),
    });
  const { readLossNetworkWeights } = await import('../networks/loss-network-weights.ts');
  const lossNetwork = await readLossNetworkWeights(wanted.lossNetwork);

  // From here on TensorFlow is loaded.
  const { choosePrecision } = await import('../engine/precision.ts');
  const precision = await choosePrecision(args.precision as 'auto' | 'f32' | 'bf16');
  const stepsLeft = wanted.steps - (resume?.step ?? 0);
  const planOptions = {
    config: wanted,
    lossNetwork,
    paintingShape: painting.height / painting.width,
    accumulate: args.accumulate,
    steps: stepsLeft,
    keep: args.keep,
    previewEvery: args.previewEvery,
    previewPixels: previewPhotos.reduce((sum, { picture }) => sum + picture.width * picture.height, 0),
  };
  const { device, softwareVersions } = await import('../engine/versions.ts');
  const checked = planHere(planOptions, runFolder, device() === 'GPU', args.ignorePlan);
  await tryBatches(openBatches(resume?.position, imageSize));
  const calibration = { config: wanted, own: resume?.config, dataset: args.data, painting, lossNetwork };
  const config = args.plan ? wanted : await withCalibratedWeight(calibration);
  const { Trainer } = await import('../train/trainer.ts');
  const { runTraining } = await import('../train/training-run.ts');
  const trainer = Trainer.create({
    config,
    painting,
    lossNetwork,
    precision,
    engine: args.engine as 'compiled' | 'eager',
    accumulate: args.accumulate,
    dataset: id,
    openBatches,
    ...(resume === undefined ? {} : { resume }),
    ...(warmStart === undefined ? {} : { warmStart }),
  });
  const description = {
    architecture: config.architecture,
    name,
    style: { file: basename(args.style), ...pick(args, ['title', 'author', 'licence']) },
    thumbnail: Buffer.from(thumbnail).toString('base64'),
    training: {
      ...portable(config),
      precision,
      photos: count,
      legs: trainer.legs.map((leg) => ({ ...leg, config: portable(leg.config) })),
    },
    lossNetwork: { source: lossNetwork.source, sha256: lossNetwork.sha256 },
    software: softwareVersions(),
  };
  const preview = await previewPainter({
    trainer,
    description,
    photos: previewPhotos,
    runFolder,
    precision,
  });

  const from = trainer.legs[0]?.from === undefined ? '' : ` from ${trainer.legs[0].from.name}`;
  const sides = cropsFrom(0, config).map(({ side }) => side);
  const heading = `Training ${name}${from}: ${config.steps} steps of ${batch} photos at ${sides.join(', then ')} px in ${precision}, ${count} photos in ${args.data}\n`;
  if (!args.plan && !args.json) process.stderr.write(heading);
  const { Guard } = await import('../train/guard.ts');
  const { MemoryWatch, readMemory } = await import('../train/memory-watch.ts');
  const { probeSteps } = await import('../train/probe-step.ts');
  const probed = await probeSteps(trainer, config);
  const planned = describePlan(checked, probed, stepsLeft).join('\n');
  if (args.json) printJson({ event: 'plan', ...planFigures(checked, probed, stepsLeft) });
  if (args.plan) {
    trainer.dispose();
    if (!args.json) process.stdout.write(`${heading}${planned}\n`);
    return;
  }
  if (!args.json) process.stderr.write(`${planned}\n  report  ${join(runFolder, REPORT)}\n`);
  const guard = new Guard({ trainer, photo: samplePhoto, painting, precision });
  // An earlier run goes only now that nothing is left to fail before the first step.
  if (resume === undefined) await removeRun(runFolder);
  const { steps } = config;
  const { previewEvery, checkpointEvery, saveMinutes, keep } = args;
  if (args.json) {
    const paths = { run: runFolder, report: join(runFolder, REPORT), checkpoint: checkpointPath };
    printJson({ event: 'start', step: trainer.stepsDone, steps, name, precision, ...paths });
  }
  const label = 'Training';
  const bar = progressBar({ label, total: steps, initial: trainer.stepsDone, isSilent: args.json });
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
    steps,
    previewEvery,
    checkpointEvery,
    saveMinutes,
    keep,
    preview,
    watch: await watchTraining({
      args,
      runFolder,
      description: {
        name,
        style: description.style,
        lossNetwork: description.lossNetwork,
        software: description.software,
        config: portable(config),
        legs: description.training.legs,
        precision,
        photos: count,
        command: resumeCommand(process.argv.slice(2)),
      },
      painting,
      photos: previewPhotos,
      steps,
      stepsDone: trainer.stepsDone,
      say: bar.say,
    }),
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
    if (!args.json) process.stdout.write(`${checkpointPath}\n`);
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

/** The configuration for a file that travels: of the loss network its name, without its folder here. */
function portable(config: TrainConfig) {
  return { ...config, lossNetwork: basename(config.lossNetwork) };
}

/** Longer side of the sample that the guard looks at, px. */
const SAMPLE_SIDE = 192;
const SAMPLE = fileURLToPath(new URL('../../samples/harbour.jpg', import.meta.url));

function pick<T extends object>(from: T, keys: readonly (keyof T & string)[]): Record<string, string> {
  return Object.fromEntries(
    keys.flatMap((key) => (from[key] === undefined ? [] : [[key, String(from[key])]])),
  );
}
