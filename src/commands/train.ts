import { readFile, rm } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { asFileError, refuseToOverwrite } from '../atomic-file.ts';
import { ConfigError, expected, FastStyleError, FileError } from '../errors.ts';
import type { NamedArray } from '../networks/safetensors.ts';
import { parseTrainConfig, type TrainConfig } from '../train/config.ts';
import { hasRunState, loadRunState, type RunState } from '../train/run-state.ts';
import { progressBar } from './progress-bar.ts';
import { givenConfig, resumedConfig, trainConfigFlags } from './train-options.ts';

interface TrainArguments {
  readonly style: string;
  readonly data: string;
  readonly name?: string | undefined;
  readonly out: string;
  readonly run?: string | undefined;
  readonly config?: string | undefined;
  readonly epochs?: number | undefined;
  readonly 'preview-every': number;
  readonly 'preview-photo'?: string[] | undefined;
  readonly 'checkpoint-every': number;
  readonly precision: string;
  readonly engine: string;
  readonly resume: boolean;
  readonly overwrite: boolean;
  readonly title?: string | undefined;
  readonly author?: string | undefined;
  readonly licence?: string | undefined;
}

/** Ctrl-C: everything is saved, and the exit code says that the run is not through. */
class InterruptedError extends FastStyleError {
  override readonly exitCode = 130;
}

export const trainCommand: CommandModule<object, TrainArguments> = {
  command: 'train',
  describe: 'Train a network that paints in the style of one picture',
  builder: (yargs: Argv) => {
    // Apart, as they are typed by the configuration and not by the parser.
    yargs.options(trainConfigFlags);
    return yargs
      .option('style', { type: 'string', demandOption: true, group: 'Data:', describe: 'The painting' })
      .option('data', {
        type: 'string',
        demandOption: true,
        group: 'Data:',
        describe: 'Data set of photos (fast-style dataset build)',
      })
      .option('name', {
        type: 'string',
        group: 'Output:',
        describe: "Name of the style; the painting's file name unless given",
      })
      .option('out', {
        type: 'string',
        default: 'checkpoints',
        group: 'Output:',
        describe: 'Folder for <name>.safetensors',
      })
      .option('run', {
        type: 'string',
        group: 'Output:',
        describe: 'Folder for what is needed to resume, previews and the log',
        defaultDescription: 'runs/<name>',
      })
      .option('config', {
        type: 'string',
        describe: 'JSON file with settings by their names here, in camelCase; options win',
      })
      .option('epochs', {
        type: 'number',
        group: 'Optimisation:',
        conflicts: 'steps',
        describe: 'Times through the data set, instead of --steps',
      })
      .option('preview-every', {
        type: 'number',
        default: 500,
        group: 'Output:',
        describe: 'Steps between previews; 0 for none',
      })
      .option('preview-photo', {
        type: 'string',
        array: true,
        group: 'Output:',
        describe: 'Photos to preview',
        defaultDescription: "the project's sample",
      })
      .option('checkpoint-every', {
        type: 'number',
        default: 500,
        group: 'Output:',
        describe: 'Steps between saved states and checkpoints',
      })
      .option('precision', {
        choices: ['auto', 'f32', 'bf16'],
        default: 'auto',
        group: 'Engine:',
        describe: 'Arithmetic; auto measures what this machine is fast in',
      })
      .option('engine', {
        choices: ['compiled', 'eager'],
        default: 'compiled',
        group: 'Engine:',
        describe: 'eager runs op by op, for debugging',
      })
      .option('resume', { type: 'boolean', default: false, describe: 'Go on where the run in --run stopped' })
      .option('overwrite', {
        type: 'boolean',
        default: false,
        describe: 'Start afresh over an earlier run or checkpoint of this name',
      })
      .option('title', {
        type: 'string',
        group: 'Output:',
        describe: "The painting's title, kept in the checkpoint",
      })
      .option('author', { type: 'string', group: 'Output:', describe: 'Who painted it' })
      .option('licence', {
        type: 'string',
        group: 'Output:',
        describe: "The painting's licence, for instance 'public domain'",
      })
      .example(
        '$0 train --style wave.jpg --data datasets/coco --name wave',
        'Trains checkpoints/wave.safetensors',
      )
      .example('$0 train --style wave.jpg --data datasets/coco --name wave --resume', 'Goes on after Ctrl-C');
  },
  handler: train,
};

async function train(args: ArgumentsCamelCase<TrainArguments>): Promise<void> {
  const name = args.name ?? basename(args.style, extname(args.style));
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u.test(name))
    throw new ConfigError(expected('letters, digits, dots, dashes for --name', name));
  for (const option of ['previewEvery', 'checkpointEvery'] as const) {
    const least = option === 'previewEvery' ? 0 : 1;
    if (!Number.isInteger(args[option]) || args[option] < least)
      throw new ConfigError(expected(`a whole number of at least ${least} for ${option}`, args[option]));
  }
  const runFolder = args.run ?? join('runs', name);
  const checkpointPath = join(args.out, `${name}.safetensors`);
  const resume = await openRun(args, runFolder, checkpointPath);
  const { openDataset, batches } = await import('../data/batches.ts');
  const dataset = await openDataset(args.data);
  const { count } = dataset;
  await dataset.close();
  const config = await configOf(args, resume, count);
  const { readPicture, encodePicture, writePicture } = await import('../data/image-file.ts');
  const painting = await readPicture(args.style, { longSide: config.styleSize });
  const thumbnail = await encodePicture(await readPicture(args.style, { longSide: 160 }), 'jpeg', 80);
  const previewPhotos = await Promise.all(
    (args.previewPhoto ?? [SAMPLE]).map(async (path) => ({
      path,
      picture: await readPicture(path, { longSide: 768 }),
    })),
  );
  const { readLossNetworkWeights } = await import('../networks/loss-network-weights.ts');
  const lossNetwork = await readLossNetworkWeights(config.lossNetwork);

  // From here on TensorFlow is loaded.
  const { choosePrecision } = await import('../engine/precision.ts');
  const precision = await choosePrecision(args.precision as 'auto' | 'f32' | 'bf16');
  const { Trainer } = await import('../train/trainer.ts');
  const { runTraining } = await import('../train/training-run.ts');
  const { Stylizer } = await import('../infer/stylizer.ts');
  const { softwareVersions } = await import('../engine/versions.ts');
  const { imageSize, batch, seed } = config;
  const trainer = Trainer.create({
    config,
    painting,
    lossNetwork,
    precision,
    engine: args.engine as 'compiled' | 'eager',
    openBatches: (position) =>
      batches({
        dataset: args.data,
        imageSize,
        batch,
        seed,
        ...(position === undefined ? {} : { position }),
      }),
    ...(resume === undefined ? {} : { resume }),
  });
  const description = {
    architecture: config.architecture,
    name,
    style: { file: basename(args.style), ...pick(args, ['title', 'author', 'licence']) },
    thumbnail: Buffer.from(thumbnail).toString('base64'),
    training: { ...config, precision, photos: count },
    lossNetwork: { source: lossNetwork.source, sha256: lossNetwork.sha256 },
    software: softwareVersions(),
  };
  const preview = async (step: number, parameters: readonly NamedArray[]) => {
    const stylizer = new Stylizer({
      ...description,
      layers: trainer.layers,
      parameters,
      steps: step,
      images: trainer.images,
      losses: {},
    });
    for (const { path, picture } of previewPhotos) {
      const target = join(
        runFolder,
        'previews',
        `${basename(path, extname(path))}-${String(step).padStart(6, '0')}.jpg`,
      );
      await writePicture(target, stylizer.stylize(picture), { overwrite: true });
    }
    stylizer.dispose();
  };

  const interruption = new AbortController();
  const stop = () => interruption.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  process.stderr.write(
    `Training ${name}: ${config.steps} steps of ${batch} photos at ${imageSize} px in ${precision}, ${count} photos in ${args.data}\n`,
  );
  const { steps } = config;
  const { previewEvery, checkpointEvery } = args;
  const { signal } = interruption;
  const runOptions = {
    trainer,
    runFolder,
    checkpointPath,
    description,
    steps,
    previewEvery,
    checkpointEvery,
    preview,
    signal,
  };
  const bar = progressBar({ label: 'Training', total: steps });
  const started = performance.now();
  const before = trainer.images;
  try {
    for await (const { step, recent } of runTraining(runOptions)) {
      const imagesPerSecond = ((trainer.images - before) * 1000) / (performance.now() - started);
      const terms = `content ${recent.content.toFixed(3)} style ${recent.style.toFixed(4)} tv ${recent.tv.toFixed(0)}`;
      bar.update(step, `${imagesPerSecond.toFixed(1)} images/s ${terms}`);
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
    process.off('SIGINT', stop).off('SIGTERM', stop);
    trainer.dispose();
  }
}

const SAMPLE = fileURLToPath(new URL('../../samples/harbour.jpg', import.meta.url));

/** Finds the state to go on from, or makes sure that a fresh start destroys nothing unasked. */
async function openRun(
  { resume, overwrite }: TrainArguments,
  runFolder: string,
  checkpointPath: string,
): Promise<RunState | undefined> {
  if (resume) {
    const { state, passedOver } = await loadRunState(runFolder);
    for (const reason of passedOver) process.stderr.write(`Passed over a damaged state: ${reason}\n`);
    return state;
  }
  if (overwrite) {
    await rm(runFolder, { recursive: true, force: true });
    return undefined;
  }
  if (await hasRunState(runFolder)) {
    throw new FileError(
      `${runFolder} holds an earlier run; go on with --resume, or start afresh with --overwrite.`,
    );
  }
  await refuseToOverwrite(checkpointPath);
  return undefined;
}

async function configOf(
  args: ArgumentsCamelCase<TrainArguments>,
  resume: RunState | undefined,
  photos: number,
): Promise<TrainConfig> {
  const file = args.config === undefined ? {} : await readConfigFile(args.config);
  const given = givenConfig(args, file);
  const config = resume === undefined ? parseTrainConfig(given) : resumedConfig(resume.config, given);
  if (args.epochs === undefined) return config;
  if (!(args.epochs > 0)) throw new ConfigError(expected('a number above 0 for --epochs', args.epochs));
  return { ...config, steps: Math.ceil((args.epochs * photos) / config.batch) };
}

async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw asFileError(error, `read the configuration ${path}`);
  });
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (error) {
    throw new ConfigError(expected(`JSON in ${path}`, (error as Error).message), { cause: error });
  }
  throw new ConfigError(expected(`a JSON object in ${path}`, text.slice(0, 40)));
}

function pick<T extends object>(from: T, keys: readonly (keyof T & string)[]): Record<string, string> {
  return Object.fromEntries(
    keys.flatMap((key) => (from[key] === undefined ? [] : [[key, String(from[key])]])),
  );
}
