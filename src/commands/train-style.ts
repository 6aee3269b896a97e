import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { availableMemory } from '../available-memory.ts';
import { ConfigError, expected, ImageError } from '../errors.ts';
import { parseArchitecture } from '../networks/architecture.ts';
import type { NamedArray } from '../networks/safetensors.ts';
import { smallestImage } from '../networks/transform-net-parameters.ts';
import type { TrainConfig } from '../train/config.ts';
import { previewFile, removeRun } from '../train/run-folder.ts';
import type { DataPosition } from '../train/run-state.ts';
import { catchInterruption, InterruptedError } from './interruption.ts';
import { progressBar } from './progress-bar.ts';
import { checkNumbers, configOf, openRun, type TrainCall } from './train-inputs.ts';
import { describePlan, planHere } from './train-plan.ts';
import { withCalibratedWeight } from './train-strength.ts';

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
  const { openDataset, batches } = await import('../data/batches.ts');
  const dataset = await openDataset(args.data);
  const { count, id } = dataset;
  await dataset.close();
  const wanted = await configOf(args, resume, count);
  const { readPicture, encodePicture, writePicture } = await import('../data/image-file.ts');
  const painting = await readPicture(args.style, { longSide: wanted.styleSize });
  const thumbnail = await encodePicture(await readPicture(args.style, { longSide: 160 }), 'jpeg', 80);
  const previewPhotos = await Promise.all(
    (args.previewEvery === 0 ? [] : (args.previewPhoto ?? [SAMPLE])).map(async (path) => ({
      path,
      picture: await readPicture(path, { longSide: 768 }),
    })),
  );
  const smallest = smallestImage(parseArchitecture(wanted.architecture));
  checkPreviewPhotos(previewPhotos, smallest);
  const samplePhoto = await readPicture(SAMPLE, { longSide: Math.max(SAMPLE_SIDE, 2 * smallest) });
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
    paintingShape: painting.height / painting.width,
    accumulate: args.accumulate,
    steps: stepsLeft,
    keep: args.keep,
    previewEvery: args.previewEvery,
    previewPixels: previewPhotos.reduce((sum, { picture }) => sum + picture.width * picture.height, 0),
  };
  const { device, softwareVersions } = await import('../engine/versions.ts');
  const checked = planHere(planOptions, runFolder, device() === 'GPU', args.ignorePlan);
  await tryBatches(openBatches(resume?.position));
  const calibration = { config: wanted, own: resume?.config, dataset: args.data, painting, lossNetwork };
  const config = args.plan ? wanted : await withCalibratedWeight(calibration);
  const { Trainer } = await import('../train/trainer.ts');
  const { runTraining } = await import('../train/training-run.ts');
  const { Stylizer } = await import('../infer/stylizer.ts');
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
  const preview = async (step: number, parameters: readonly NamedArray[]) => {
    const stylizer = new Stylizer(
      {
        ...description,
        layers: trainer.layers,
        parameters,
        steps: step,
        images: trainer.images,
        losses: {},
      },
      { precision },
    );
    try {
      for (const { path, picture } of previewPhotos) {
        const target = join(runFolder, previewFile(basename(path, extname(path)), step));
        await writePicture(target, stylizer.stylize(picture), { overwrite: true });
      }
    } finally {
      stylizer.dispose();
    }
  };

  const heading = `Training ${name}: ${config.steps} steps of ${batch} photos at ${imageSize} px in ${precision}, ${count} photos in ${args.data}\n`;
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
  const guard = new Guard({ trainer, photo: samplePhoto, painting, precision });
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

/** What would fail at the first preview, hours later, fails now. */
function checkPreviewPhotos(
  photos: readonly {
    readonly path: string;
    readonly picture: { readonly width: number; readonly height: number };
  }[],
  smallest: number,
): void {
  const names = photos.map(({ path }) => basename(path, extname(path)));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new ConfigError(expected('preview photos of different names', `two that are called ${twice}`));
  for (const { path, picture } of photos) {
    if (Math.min(picture.width, picture.height) < smallest)
      throw new ImageError(
        expected(
          `a preview photo of at least ${smallest} px in height and width`,
          `${path}: ${picture.width}×${picture.height} px with its longer side at 768`,
        ),
      );
  }
}

/** The configuration for a file that travels: of the loss network its name, without its folder here. */
function portable(config: TrainConfig): TrainConfig {
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
