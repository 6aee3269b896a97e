import { appendFile, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { asFileError } from '../atomic-file.ts';
import { TrainingDivergedError } from '../errors.ts';
import { type CheckpointDescription, saveCheckpoint } from '../networks/checkpoint.ts';
import { LARGEST_HALF } from '../networks/half-float.ts';
import type { NamedArray } from '../networks/safetensors.ts';
import { LOG, saveRunState } from './run-state.ts';
import { LOSS_TERMS, type LossValues } from './train-step.ts';
import type { Trainer, TrainProgress } from './trainer.ts';

/** Over how many steps the losses of log and checkpoint are averaged. */
const AVERAGED_STEPS = 50;

export interface TrainingRunOptions {
  readonly trainer: Trainer;
  /** Where run state, log and previews lie. */
  readonly runFolder: string;
  /** Where the checkpoint is written, replacing an earlier one of this run. */
  readonly checkpointPath: string;
  readonly description: Omit<CheckpointDescription, 'steps' | 'images' | 'losses'>;
  readonly steps: number;
  /** Steps between saved states and checkpoints; one is always written at the end. */
  readonly checkpointEvery: number;
  /** Steps between previews; 0 for none. */
  readonly previewEvery: number;
  /** Paints and writes the previews of a step with the parameters of that step. */
  readonly preview: (step: number, parameters: readonly NamedArray[]) => Promise<void>;
  /** Ends the run behind the step at hand, with everything saved. */
  readonly signal: AbortSignal;
}

export interface RunProgress extends TrainProgress {
  /** Means over the last steps. */
  readonly recent: LossValues;
}

/**
 * Trains to the end or until told to stop, and keeps the run's folder: state and checkpoint at intervals and at the
 * end, previews, and `log.jsonl` with a line for every 50 steps and the last. Yields after each step.
 *
 * @throws {TrainingDivergedError} the last saved state stays. {FileError} something cannot be written.
 */
export async function* runTraining(options: TrainingRunOptions): AsyncGenerator<RunProgress, void, void> {
  const { trainer, runFolder, signal, steps, checkpointEvery, previewEvery } = options;
  await mkdir(runFolder, { recursive: true }).catch((error: unknown) => {
    throw asFileError(error, `make the folder ${runFolder}`);
  });
  const recent: LossValues[] = [];
  let saved = -1;
  const save = async () => {
    if (saved === trainer.stepsDone) return;
    const parameters = trainer.parameters();
    checkParameters(parameters, trainer.stepsDone);
    await saveRunState(runFolder, trainer.runState());
    await writeCheckpoint(options, parameters, meanOf(recent));
    saved = trainer.stepsDone;
  };
  for await (const progress of trainer.steps()) {
    const { step } = progress;
    recent.push(progress.losses);
    if (recent.length > AVERAGED_STEPS) recent.shift();
    const means = meanOf(recent);
    yield { ...progress, recent: means };
    if (step % AVERAGED_STEPS === 0 || step === steps)
      await writeLog(runFolder, {
        step,
        ...means,
        learningRate: progress.learningRate,
        time: new Date().toISOString(),
      });
    if (previewEvery > 0 && step % previewEvery === 0) await options.preview(step, trainer.parameters());
    if (step % checkpointEvery === 0 && step < steps) await save();
    // A step blocks the event loop: signals and timers get their turn here.
    await setImmediate();
    if (signal.aborted) break;
  }
  // A run that was through already has its checkpoint, with the losses of its last steps.
  if (recent.length > 0 || !(await exists(options.checkpointPath))) await save();
}

/**
 * A loss is computed with the weights before its step: weights can go astray with every loss so far in order, and must
 * not replace a state or checkpoint that can be used.
 */
function checkParameters(parameters: readonly NamedArray[], step: number): void {
  const astray = parameters.find(({ values }) => values.some((value) => !(Math.abs(value) <= LARGEST_HALF)));
  if (astray !== undefined)
    throw new TrainingDivergedError(
      `Training went astray by step ${step} (weights of ${astray.name} are not finite or beyond half precision); start again or go on from the last saved state with --resume, with a lower --learning-rate.`,
    );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function writeCheckpoint(
  { trainer, checkpointPath, description }: TrainingRunOptions,
  parameters: readonly NamedArray[],
  losses: LossValues,
): Promise<void> {
  const steps = trainer.stepsDone;
  await saveCheckpoint(
    checkpointPath,
    { ...description, steps, images: trainer.images, losses },
    parameters,
    { overwrite: true },
  );
}

async function writeLog(folder: string, line: Readonly<Record<string, unknown>>): Promise<void> {
  await appendFile(join(folder, LOG), `${JSON.stringify(line)}\n`).catch((error: unknown) => {
    throw asFileError(error, `write to the log in ${folder}`);
  });
}

function meanOf(values: readonly LossValues[]): LossValues {
  const mean = (term: keyof LossValues) =>
    values.reduce((sum, losses) => sum + losses[term], 0) / Math.max(1, values.length);
  return Object.fromEntries(LOSS_TERMS.map((term) => [term, mean(term)])) as unknown as LossValues;
}
