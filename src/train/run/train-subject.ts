/** One run of training from its call to its end: of one painting, or of several in one network. Prints nothing. */
import { availableMemory } from '../../system/available-memory.ts';
import { FileError, InterruptedError } from '../../system/errors.ts';
import type { ProbedSteps } from '../plan/probe-step.ts';
import type { TrainingTerms } from '../settings.ts';
import { openRun, type SetUpHooks, type TrainCall } from './inputs.ts';
import { previewPainter } from './previews.ts';
import { lockRun, refuseLockedRun, removeRun, stateFiles } from './run-folder.ts';
import type { RunWatcher } from './run-news.ts';
import { setUpTraining, type TrainSetup } from './setup.ts';
import type { TrainSubject } from './subject.ts';
import type { RunProgress, TrainingRunOptions } from './training-run.ts';

/** The caller of a run, while it runs. */
export interface TrainHooks extends SetUpHooks {
  /** All is read and checked; the trainer is there. */
  readonly onSetUp?: (setup: TrainSetup) => void;
  /** What steps take is measured, unless there are too few of them. */
  readonly onPlanned?: (setup: TrainSetup, probed: readonly ProbedSteps[] | undefined) => void;
  /** Nothing is left to fail before the first step. */
  readonly onStart?: (setup: TrainSetup) => void;
  readonly onStep?: (progress: RunProgress, setup: TrainSetup) => void;
  /** Opens what watches the run, such as its report. */
  readonly watch?: (setup: TrainSetup) => Promise<RunWatcher>;
  /** Ends the run after the current step, with everything saved. */
  readonly signal: AbortSignal;
}

/** What came of a run. */
export interface TrainedRun {
  /** Steps and photos of the whole run so far; fewer steps than `wanted` where it was stopped. */
  readonly steps: number;
  readonly wanted: number;
  readonly images: number;
  /** Means over the last steps. */
  readonly losses: TrainingTerms;
}

/**
 * Reads the call, checks it against the machine, and trains.
 *
 * @returns undefined for the plan alone. @throws {FileError} another process works in the run's folder.
 * {InterruptedError} stopped before the first step.
 */
export async function trainSubject(
  call: TrainCall,
  subject: TrainSubject,
  hooks: TrainHooks,
): Promise<TrainedRun | undefined> {
  if (!call.plan) await refuseLockedRun(subject.runFolder);
  const states = await stateFiles(subject.runFolder);
  const saved = await openRun(call, subject, hooks.say);
  const setup = await setUpTraining(call, subject, saved?.state, hooks);
  try {
    hooks.onSetUp?.(setup);
    refuseStopped(hooks.signal);
    const { probeSteps } = await import('../plan/probe-step.ts');
    hooks.onPlanned?.(setup, await probeSteps(setup.trainer, setup.config));
    if (call.plan) return undefined;
    refuseStopped(hooks.signal);
    // Only now: a call that fails leaves no folder.
    const lock = await lockRun(subject.runFolder);
    try {
      await refuseWorkMeanwhile(call, subject, states);
      return await trainLocked(call, subject, setup, { ...hooks, logBytes: saved?.logBytes });
    } finally {
      lock.release();
    }
  } finally {
    setup.trainer.dispose();
  }
}

function refuseStopped({ aborted, reason }: AbortSignal): void {
  if (!aborted) return;
  throw new InterruptedError('Stopped before the first step; nothing is written.', { cause: reason });
}

/**
 * Looks again: while this process got ready, which takes minutes, another may have begun the run and ended it.
 *
 * @param states of the folder as they were when this process read them.
 * @throws {FileError} it has.
 */
async function refuseWorkMeanwhile(
  call: TrainCall,
  subject: TrainSubject,
  states: readonly string[],
): Promise<void> {
  if (!call.resume) {
    await openRun(call, subject, () => undefined);
    return;
  }
  const now = await stateFiles(subject.runFolder);
  if (now.join() !== states.join())
    throw new FileError(
      `Another process has worked in ${subject.runFolder} meanwhile; run the same command again to continue from there.`,
    );
}

async function trainLocked(
  { previewEvery, checkpointEvery, saveMinutes, keep }: TrainCall,
  { runFolder, checkpointPath, together }: TrainSubject,
  setup: TrainSetup,
  { logBytes, ...hooks }: TrainHooks & { readonly logBytes: number | undefined },
): Promise<TrainedRun> {
  const { config, trainer, precision, paintings, previewPhotos, samplePhoto, base, description } = setup;
  const { runTraining } = await import('./training-run.ts');
  const { heldOutLosses } = await import('./held-out-losses.ts');
  const { Guard } = await import('../guard/guard.ts');
  const { MemoryWatch, readMemory } = await import('./memory-watch.ts');
  const { meanTerms } = await import('../step/loss-values.ts');
  const shown = { trainer, description, photos: previewPhotos, runFolder, precision };
  const preview = await previewPainter({ ...shown, styles: together ? paintings : undefined });
  const seen = paintings.map(({ painting }) => painting);
  const guard = new Guard({ trainer, photo: samplePhoto, painting: seen, precision });
  try {
    // An earlier run goes only now that nothing is left to fail before the first step.
    if (logBytes === undefined) await removeRun(runFolder);
    const { steps } = config;
    hooks.onStart?.(setup);
    const previewed = previewPhotos.map(({ picture }) => picture);
    const watch = await hooks.watch?.(setup);
    const options: TrainingRunOptions = {
      ...{ trainer, guard, runFolder, logBytes, checkpointPath, description },
      memory: new MemoryWatch({ read: readMemory(availableMemory) }),
      ...(base && { checkpointParameters: base.withStyle }),
      ...{ steps, previewEvery, checkpointEvery, saveMinutes, keep, preview },
      ...(previewed.length > 0 && { heldOut: heldOutLosses(trainer, config, previewed) }),
      ...(watch && { watch }),
      say: hooks.say,
      signal: hooks.signal,
    };
    for await (const progress of runTraining(options)) hooks.onStep?.(progress, setup);
    const { stepsDone, images, recent } = trainer;
    return { steps: stepsDone, wanted: steps, images, losses: meanTerms(recent) };
  } finally {
    guard.dispose();
  }
}
