import { mkdir, stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { type CheckpointDescription, saveCheckpoint } from '../../networks/checkpoint.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import { asFileError } from '../../system/atomic-file.ts';
import { TrainingDivergedError, TrainingStoppedError } from '../../system/errors.ts';
import type { Trouble } from '../guard/explain-failure.ts';
import type { Guard } from '../guard/guard.ts';
import type { TrainingTerms } from '../settings.ts';
import { type LossValues, meanLosses, meanTerms } from '../step/loss-values.ts';
import { meansByStyle } from '../step/style-losses.ts';
import type { NetworkTrainer } from '../trainer.ts';
import { AVERAGED_STEPS, type StepProgress } from '../trainer-options.ts';
import type { MemoryWatch } from './memory-watch.ts';
import { appendToLog, previewsBetween, removeLeftovers, rewindLog } from './run-folder.ts';
import type { EventLine, LossLine, RunWatcher } from './run-news.ts';
import { hasRunState, saveRunState } from './run-state.ts';

export interface TrainingRunOptions {
  readonly trainer: NetworkTrainer;
  readonly guard: Guard;
  readonly memory: MemoryWatch;
  /** Where run state, log and previews are. */
  readonly runFolder: string;
  /** Bytes of the log that the state it resumes from knew of; undefined for a new run. */
  readonly logBytes?: number | undefined;
  /** Where the checkpoint is written, replacing an earlier one of this run. */
  readonly checkpointPath: string;
  readonly description: Omit<CheckpointDescription, 'steps' | 'images' | 'losses'>;
  /** What the checkpoint holds, of the trained parameters. Defaults to just them. */
  readonly checkpointParameters?: (trained: readonly NamedArray[]) => readonly NamedArray[];
  readonly steps: number;
  /** Steps between saved states and checkpoints; one is always written at the end. */
  readonly checkpointEvery: number;
  /** Minutes after which they are saved at the latest. */
  readonly saveMinutes: number;
  /** States kept. */
  readonly keep: number;
  /** Steps between previews; 0 for none. */
  readonly previewEvery: number;
  /** Paints and writes the previews of a step with the parameters of that step. */
  readonly preview: (step: number, parameters: readonly NamedArray[]) => Promise<void>;
  /** Losses on the photos of the previews, under the weights of the moment. */
  readonly heldOut?: () => Promise<TrainingTerms>;
  /** Takes one line for the user. */
  readonly say: (line: string) => void;
  /** Gets each event. */
  readonly watch?: RunWatcher;
  /** Ends the run after the current step, with everything saved. */
  readonly signal: AbortSignal;
}

export interface RunProgress extends StepProgress {
  /** Means over the last steps. */
  readonly recent: LossValues;
}

/**
 * Trains to the end or until stopped, and keeps the run's folder: state and checkpoint at intervals and at the
 * end, previews, and `log.jsonl` with a line for every 50 steps, those of previews, the last, and every event. Yields after each step. Only
 * what passed the guard's check-up is saved; what did not is undone, and training continues from the last good state.
 *
 * @throws {TrainingDivergedError} roll-backs did not help; the last good state and checkpoint stay.
 * @throws {TrainingStoppedError} memory is running out; everything is saved. {FileError} something cannot be written.
 */
export async function* runTraining(options: TrainingRunOptions): AsyncGenerator<RunProgress, void, void> {
  const { trainer, runFolder, steps, watch = () => undefined } = options;
  const log = async (line: Unsaid<EventLine> | Unsaid<LossLine>) => {
    const entry = { ...line, time: new Date().toISOString() };
    await appendToLog(runFolder, entry);
    await watch('event' in entry ? (entry as EventLine) : { event: 'losses', ...(entry as LossLine) });
  };
  const end = (as: 'done' | 'stopped' | 'failed', text?: string) =>
    log({ step: trainer.stepsDone, event: 'ended', as, ...(text === undefined ? {} : { text }) });
  try {
    yield* train({ ...options, watch }, log);
    await end(trainer.stepsDone < steps ? 'stopped' : 'done');
  } catch (error) {
    // A full disk takes no more lines either; what went wrong first is what counts.
    const text = error instanceof Error ? error.message : String(error);
    await end(error instanceof TrainingStoppedError ? 'stopped' : 'failed', text).catch(() => undefined);
    throw error;
  }
}

type Unsaid<Line> = Line extends unknown ? Omit<Line, 'time'> : never;

async function* train(
  options: TrainingRunOptions & { readonly watch: RunWatcher },
  log: (line: Unsaid<EventLine> | Unsaid<LossLine>) => Promise<void>,
): AsyncGenerator<RunProgress, void, void> {
  const { trainer, guard, runFolder, signal, steps, checkpointEvery, previewEvery, say, watch } = options;
  await mkdir(runFolder, { recursive: true }).catch((error: unknown) => {
    throw asFileError(error, `make the folder ${runFolder}`);
  });
  await removeLeftovers(runFolder, options.checkpointPath);
  if (options.logBytes !== undefined) {
    await rewindLog(runFolder, options.logBytes);
    await log({ step: trainer.stepsDone, event: 'resumed' });
  }
  let savedAt = performance.now();
  const save = async () => {
    await saveRunState(runFolder, guard.lastGood, options.keep);
    await writeCheckpoint(options);
    savedAt = performance.now();
    await watch({ event: 'saved', step: trainer.stepsDone });
  };
  const recover = async (trouble: Trouble) => {
    const rollBack = guard.rollBack(trouble);
    if (rollBack === undefined) {
      await log({ step: trainer.stepsDone, event: 'gave up', reason: trouble.text });
      throw new TrainingDivergedError(guard.explain(trouble, await hasRunState(runFolder)));
    }
    const { step, to, learningRateFactor } = rollBack;
    await log({ step, event: 'rolled back', to, reason: rollBack.reason, learningRateFactor });
    say(
      `Step ${step}: ${trouble.text}; back to step ${to}, continuing with other photos at ${learningRateFactor} times the learning rate.`,
    );
    // Else a run that is resumed from here would not know. First weights are no state worth keeping.
    if (to > 0) await saveRunState(runFolder, guard.lastGood, options.keep);
  };

  const pace = new Pace();
  let images = trainer.images;
  let worked = false;
  for await (const progress of trainer.steps()) {
    worked = true;
    const { step } = progress;
    // A step blocks the event loop: signals and timers get their turn here.
    await setImmediate();
    pace.add(trainer.images - images);
    images = trainer.images;
    const trouble = guard.judge(progress);
    if (trouble !== undefined) {
      await recover(trouble);
      images = trainer.images;
      if (!signal.aborted) continue;
      if (trainer.stepsDone > 0) await writeCheckpoint(options);
      break;
    }
    const means = meanLosses(trainer.recent);
    const figures = { step, ...means, learningRate: progress.learningRate };
    yield { ...progress, recent: means };
    await watch({ event: 'step', ...figures });
    const previews = previewsBetween(step - 1, step, previewEvery) > 0;
    const heldOut = previews ? await options.heldOut?.() : undefined;
    if (heldOut !== undefined || step % AVERAGED_STEPS === 0 || step === steps)
      await log({
        ...figures,
        ...byStyle(trainer),
        ...(heldOut === undefined ? {} : { heldOut }),
        imagesPerSecond: pace.read(),
        memory: process.memoryUsage.rss(),
      });
    const memory = options.memory.look();
    if (memory !== undefined) {
      await log({ step, event: 'memory', text: memory.text });
      if (!memory.stop) say(`Step ${step}: ${memory.text}.`);
    }
    // Read once: a stop from here on takes one step more, as this one may not be saved.
    const stops = signal.aborted;
    const ends = stops || step === steps || memory?.stop === true;
    const isLate = performance.now() - savedAt >= options.saveMinutes * 60_000;
    const saves = ends || isLate || step % checkpointEvery === 0;
    const fault = saves || guard.isCheckUpDue() ? guard.checkUp(saves) : undefined;
    if (fault !== undefined) {
      await recover(fault);
      images = trainer.images;
    } else {
      if (previews) {
        await options.preview(step, trainer.parameters());
        await watch({ event: 'preview', step });
      }
      if (saves) await save();
    }
    if (memory?.stop)
      throw new TrainingStoppedError(
        `Stopped after step ${trainer.stepsDone}: ${memory.text}; everything is saved. Free some memory, or choose a smaller --batch or --image-size, and continue with --resume.`,
      );
    if (stops) break;
  }
  // A run that was through already has its checkpoint, with the losses of its last steps.
  if (!worked && !(await exists(options.checkpointPath))) await save();
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function writeCheckpoint(options: TrainingRunOptions): Promise<void> {
  const { trainer, checkpointPath, description, checkpointParameters = (trained) => trained } = options;
  const { stepsDone: steps, images, run, guard } = trainer;
  const training = { ...description.training, run, rollBacks: guard.rollBacks };
  await saveCheckpoint(
    checkpointPath,
    { ...description, training, steps, images, losses: { ...meanTerms(trainer.recent) } },
    checkpointParameters(trainer.parameters()),
    { overwrite: true },
  );
}

function byStyle({ styles, recent }: NetworkTrainer): Readonly<Record<string, unknown>> {
  return styles === undefined ? {} : { styles: meansByStyle(recent, styles) };
}

/** Photos per second, from one reading to the next. */
class Pace {
  #images = 0;
  #since = performance.now();

  add(images: number): void {
    this.#images += images;
  }

  /** The pace since the last reading, from which the next begins. */
  read(): number {
    const now = performance.now();
    const pace = (this.#images * 1000) / Math.max(1, now - this.#since);
    this.#images = 0;
    this.#since = now;
    return pace;
  }
}
