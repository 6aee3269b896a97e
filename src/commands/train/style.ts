import { join } from 'node:path';
import { availableMemory } from '../../system/available-memory.ts';
import { FileError } from '../../system/errors.ts';
import { printableLine } from '../../system/printable.ts';
import type { TrainConfig } from '../../train/config.ts';
import { REPORT, removeRun, stateFiles } from '../../train/run/run-folder.ts';
import { lockRun, refuseLockedRun } from '../../train/run/run-lock.ts';
import type { LossTerms } from '../../train/step/loss-values.ts';
import { catchInterruption, InterruptedError } from '../shared/interruption.ts';
import { printJson } from '../shared/json-lines.ts';
import { progressBar } from '../shared/progress-bar.ts';
import { say, tell } from '../shared/say.ts';
import { portable } from './description.ts';
import { openRun, type TrainCall } from './inputs.ts';
import { describePhases, describePlan, planFigures } from './plan.ts';
import { previewPainter, previewsOf } from './previews.ts';
import { resumeCommand } from './resume-command.ts';
import { setUpTraining, type TrainSetup } from './setup.ts';
import type { TrainSubject } from './subject.ts';
import { watchTraining } from './watch.ts';

/**
 * One run from the command line, of one painting or of several in one network: reads what is given, draws steps, shows
 * progress.
 *
 * @throws {FileError} another process works in the run's folder.
 */
export async function trainStyle(args: TrainCall, subject: TrainSubject): Promise<void> {
  if (!args.plan) await refuseLockedRun(subject.runFolder);
  const states = await stateFiles(subject.runFolder);
  const saved = await openRun(args, subject.runFolder, subject.checkpointPath);
  const setup = await setUpTraining(args, subject, saved?.state);
  try {
    await trainAsSetUp(args, subject, setup, { states, logBytes: saved?.logBytes });
  } finally {
    setup.trainer.dispose();
  }
}

async function trainAsSetUp(
  args: TrainCall,
  subject: TrainSubject,
  setup: TrainSetup,
  { states, logBytes }: { readonly states: readonly string[]; readonly logBytes: number | undefined },
): Promise<void> {
  const { name, runFolder } = subject;
  const { config, trainer, precision, photos, data, plan, stepsLeft } = setup;
  const from = trainer.legs[0]?.from === undefined ? '' : ` from ${trainer.legs[0].from.name}`;
  const heading = `Training ${name}${from}${about(subject)}: ${config.steps} steps of ${pictures(config.batch)} ${describePhases(config)} in ${precision}, ${pictures(photos)} in ${data}`;
  if (!args.plan && !args.json) say(heading);
  const { probeSteps } = await import('../../train/plan/probe-step.ts');
  const probed = await probeSteps(trainer, config);
  const planned = describePlan(plan, probed, stepsLeft).join('\n');
  if (args.json) printJson({ event: 'plan', ...planFigures(plan, probed, stepsLeft) });
  if (args.plan) {
    if (!args.json) tell(`${printableLine(heading)}\n${planned}`);
    return;
  }
  if (!args.json) [...planned.split('\n'), `  report  ${join(runFolder, REPORT)}`].forEach(say);
  // Only now: a command that fails for a mistake leaves no folder behind.
  const lock = await lockRun(runFolder);
  try {
    await refuseWorkMeanwhile(args, subject, states);
    await trainLocked(args, subject, setup, logBytes);
  } finally {
    lock.release();
  }
}

/**
 * Looks again: while this process got ready, which takes minutes, another may have begun the run and ended it.
 *
 * @param states of the folder as they were when this process read them.
 * @throws {FileError} it has.
 */
async function refuseWorkMeanwhile(
  args: TrainCall,
  { runFolder, checkpointPath }: TrainSubject,
  states: readonly string[],
): Promise<void> {
  if (!args.resume) {
    await openRun(args, runFolder, checkpointPath);
    return;
  }
  const now = await stateFiles(runFolder);
  if (now.join() !== states.join())
    throw new FileError(
      `Another process has worked in ${runFolder} meanwhile; say the same once more to go on from there.`,
    );
}

/** Of photos or synthetic ones. */
const pictures = (count: number) => `${count} picture${count === 1 ? '' : 's'}`;

async function trainLocked(
  args: TrainCall,
  { name, runFolder, checkpointPath, together }: TrainSubject,
  setup: TrainSetup,
  logBytes: number | undefined,
): Promise<void> {
  const { config, trainer, precision, paintings, previewPhotos, samplePhoto, photos, base, description } =
    setup;
  const { runTraining } = await import('../../train/run/training-run.ts');
  const { heldOutLosses } = await import('../../train/run/held-out-losses.ts');
  const { Guard } = await import('../../train/guard/guard.ts');
  const { MemoryWatch, readMemory } = await import('../../train/run/memory-watch.ts');
  const shown = { trainer, description, photos: previewPhotos, runFolder, precision };
  const preview = await previewPainter({ ...shown, styles: together ? paintings : undefined });
  const seen = paintings.map(({ painting }) => painting);
  const guard = new Guard({ trainer, photo: samplePhoto, painting: seen, precision });
  // An earlier run goes only now that nothing is left to fail before the first step.
  if (logBytes === undefined) await removeRun(runFolder);
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
    logBytes,
    checkpointPath,
    description,
    ...(base && { checkpointParameters: base.withStyle }),
    steps,
    previewEvery,
    checkpointEvery,
    saveMinutes,
    keep,
    preview,
    ...(previewPhotos.length > 0 && {
      heldOut: heldOutLosses(
        trainer,
        config,
        previewPhotos.map(({ picture }) => picture),
      ),
    }),
    watch: await watchTraining({
      args,
      runFolder,
      description: {
        name,
        style: description.style,
        lossNetwork: description.lossNetwork,
        software: description.software,
        config: portable(config),
        legs: trainer.legs.map((leg) => ({ ...leg, config: portable(leg.config) })),
        precision,
        photos,
        command: resumeCommand(process.argv.slice(2)),
      },
      paintings: seen,
      photos: previewsOf(previewPhotos, together ? paintings : undefined),
      steps,
      stepsDone: trainer.stepsDone,
      say: bar.say,
    }),
    say: bar.say,
    signal: interruption.signal,
  };
  // From behind the first step, which compiles.
  let started: { readonly at: number; readonly images: number } | undefined;
  try {
    for await (const { step, recent } of runTraining(runOptions)) {
      const [at, { images }] = [performance.now(), trainer];
      const pace =
        started && `${(((images - started.images) * 1000) / (at - started.at)).toFixed(1)} images/s `;
      started ??= { at, images };
      const terms = termsText(recent, config);
      const steady = recent.stability === undefined ? '' : ` stability ${recent.stability.toFixed(4)}`;
      bar.update(step, `${pace ?? ''}${terms}${steady}`);
    }
    bar.stop();
    if (trainer.stepsDone < steps) {
      throw new InterruptedError(
        `Stopped after step ${trainer.stepsDone} of ${steps}; all is saved. Go on with the same command and --resume.`,
      );
    }
    if (!args.json) tell(checkpointPath);
  } finally {
    bar.stop();
    interruption.release();
    guard.dispose();
  }
}

/** Shares have their places; published units are of any size. */
function termsText({ content, style, tv }: LossTerms, { units }: TrainConfig): string {
  if (units === 'relative')
    return `content ${content.toFixed(3)} style ${style.toFixed(4)} tv ${tv.toFixed(0)}`;
  return `content ${content.toPrecision(3)} style ${style.toPrecision(3)} tv ${tv.toPrecision(3)}`;
}

function about({ paintings, together, addTo }: TrainSubject): string {
  const names = paintings.map(({ name }) => name).join(', ');
  if (addTo !== undefined) return ` (${names}, added to ${addTo})`;
  return together ? ` (${names})` : '';
}
