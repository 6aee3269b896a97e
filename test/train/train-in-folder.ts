import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArchitecture } from '../../src/networks/architecture.ts';
import { transformNetParameters } from '../../src/networks/transform-net-parameters.ts';
import { Guard } from '../../src/train/guard/guard.ts';
import { type MemoryReading, MemoryWatch, readMemory } from '../../src/train/run/memory-watch.ts';
import { runTraining } from '../../src/train/run/training-run.ts';
import type { NetworkTrainer } from '../../src/train/trainer.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';
import { painting } from './tiny-trainer.ts';

export interface TrainInOptions {
  readonly steps?: number;
  readonly checkpointEvery?: number;
  readonly saveMinutes?: number;
  readonly keep?: number;
  readonly stopAt?: number;
  /** Stopped while the preview of step 4 is painted. */
  readonly stopInPreview?: boolean;
  readonly logBytes?: number;
  readonly read?: () => MemoryReading;
  /** Steps between check-ups. */
  readonly every?: number;
}

/** Runs a training to its end, or till `stopAt`, in a folder: `run` and `out/tiny.safetensors`. */
export async function trainIn(folder: string, of: NetworkTrainer, given: TrainInOptions = {}) {
  const { config } = of.legs.at(-1)!;
  const description = {
    architecture: config.architecture,
    name: 'tiny',
    style: { file: 'tiny.png' },
    training: { ...config },
    lossNetwork: {},
    software: {},
  };
  const parameterCount = transformNetParameters(parseArchitecture(config.architecture)).length;
  const interruption = new AbortController();
  /** Steps at which previews were painted. */
  const previews: number[] = [];
  /** Names in the run's folder after each step. */
  const seen: string[][] = [];
  /** What was printed for the user. */
  const said: string[] = [];
  const { every = 50, steps = config.steps, checkpointEvery = 2, saveMinutes = 10, keep = 2 } = given;
  const photo = drawnPicture(40, 32, 6);
  const guard = new Guard({ trainer: of, photo, painting, precision: 'f32', every, share: 1e9 });
  const progress = runTraining({
    trainer: of,
    guard,
    memory: new MemoryWatch({ read: given.read ?? readMemory(() => 1e12), window: 10 }),
    logBytes: given.logBytes,
    runFolder: join(folder, 'run'),
    checkpointPath: join(folder, 'out', 'tiny.safetensors'),
    description,
    steps,
    checkpointEvery,
    saveMinutes,
    keep,
    previewEvery: 4,
    preview: async (step, parameters) => {
      if (parameters.length !== parameterCount) throw new Error(`${parameters.length} parameters`);
      previews.push(step);
      if (given.stopInPreview) interruption.abort();
    },
    say: (line) => said.push(line),
    signal: interruption.signal,
  });
  try {
    for await (const { step } of progress) {
      seen.push(await readdir(join(folder, 'run')));
      if (step === given.stopAt) interruption.abort();
    }
  } finally {
    guard.dispose();
  }
  return { previews, seen, said };
}
