/** `train` on the screen: with progress, with what a run would take, or as JSON. */
import { join } from 'node:path';
import { FastStyleError, InterruptedError } from '../../system/errors.ts';
import { ownCommand, shellWord } from '../../system/own-command.ts';
import { printableLine } from '../../system/printable.ts';
import type { TrainConfig } from '../../train/config.ts';
import { planFigures } from '../../train/plan/figures.ts';
import type { ProbedSteps } from '../../train/plan/probe-step.ts';
import type { TrainCall } from '../../train/run/inputs.ts';
import { trainOneByOne } from '../../train/run/one-by-one.ts';
import { REPORT } from '../../train/run/run-folder.ts';
import type { TrainSetup } from '../../train/run/setup.ts';
import { subjectsOf, type TrainSubject } from '../../train/run/subject.ts';
import { type TrainHooks, trainSubject } from '../../train/run/train-subject.ts';
import type { TrainingTerms } from '../../train/settings.ts';
import { catchInterruption, type Interruption } from '../shared/interruption.ts';
import { jsonWatcher, printJson } from '../shared/json-lines.ts';
import { type ProgressBar, progressBar } from '../shared/progress-bar.ts';
import { say, tell } from '../shared/say.ts';
import type { ShownAs } from './call.ts';
import { makingBar } from './making-bar.ts';
import { describePhases, describePlan } from './plan.ts';

/** Not all paintings of a list came through: the message says which. */
class PaintingsFailedError extends FastStyleError {}

/** Runs what a call asks for: one painting, several one after the other, several in one network. */
export async function trainPaintings(call: TrainCall, shown: ShownAs): Promise<void> {
  const subjects = subjectsOf(call);
  if (subjects.length === 1) return trainOnScreen(call, subjects[0]!, shown);
  const failed: string[] = [];
  await trainOneByOne(call, subjects, {
    train: (one, subject) => trainOnScreen(one, subject, shown),
    onTrained: ({ checkpointPath }) => tell(checkpointPath),
    onFailed: ({ name }, { message }) => failed.push(`${name}: ${message}`),
    say,
  });
  if (failed.length === 0) return;
  throw new PaintingsFailedError(
    `${failed.length} of ${subjects.length} paintings failed${failed.length < subjects.length ? '; the others are trained' : ''}. ${failed.join(' ')}`,
  );
}

/**
 * One run from the command line, of one painting or of several in one network, with its progress.
 *
 * @throws {FileError} another process works in the run's folder. {InterruptedError} Ctrl-C.
 */
async function trainOnScreen(call: TrainCall, subject: TrainSubject, shown: ShownAs): Promise<void> {
  const making = makingBar({ isSilent: shown.json });
  const stopping = new AbortController();
  const onScreen: { bar?: ProgressBar; interruption?: Interruption } = {};
  // From after the first step, which compiles.
  let started: { readonly at: number; readonly images: number } | undefined;
  const hooks: TrainHooks = {
    say: (line) => (onScreen.bar?.say ?? say)(line),
    fetchVgg16: shown.json || call.plan ? undefined : offerVgg16,
    onMaking: making.onMaking,
    onSetUp(setup) {
      if (!call.plan && !shown.json) say(headingOf(subject, setup));
    },
    onPlanned: (setup, probed) => showPlan(call, subject, setup, probed, shown),
    onStart(setup) {
      const { steps } = setup.config;
      const { stepsDone: initial } = setup.trainer;
      if (shown.json) {
        const { name, runFolder: run, checkpointPath: checkpoint } = subject;
        const paths = { run, report: join(run, REPORT), checkpoint };
        printJson({ event: 'start', step: initial, steps, name, precision: setup.precision, ...paths });
      }
      const begun = progressBar({ label: 'Training', total: steps, initial, isSilent: shown.json });
      onScreen.bar = begun;
      onScreen.interruption = catchInterruption(() => {
        stopping.abort();
        begun.say('Ending after this step and saving everything; Ctrl-C again ends at once.');
      });
    },
    onStep({ step, recent }, { trainer: { images }, config }) {
      const at = performance.now();
      const pace =
        started && `${(((images - started.images) * 1000) / (at - started.at)).toFixed(1)} images/s `;
      started ??= { at, images };
      const steady = recent.stability === undefined ? '' : ` stability ${recent.stability.toFixed(4)}`;
      onScreen.bar?.update(step, `${pace ?? ''}${termsText(recent, config)}${steady}`);
    },
    async watch(setup) {
      const { watchTraining } = await import('../../report/watch-training.ts');
      const { tensorboard } = call;
      const command = resumeCommand(process.argv.slice(2));
      const watch = await watchTraining(setup, { subject, tensorboard, command, say: hooks.say });
      if (!shown.json) return watch;
      const print = jsonWatcher(setup.config.steps);
      return async (news) => {
        await watch(news);
        await print(news);
      };
    },
    signal: stopping.signal,
  };
  try {
    const trained = await trainSubject(call, subject, hooks);
    onScreen.bar?.stop();
    if (trained === undefined) return;
    if (trained.steps < trained.wanted)
      throw new InterruptedError(
        `Stopped after step ${trained.steps} of ${trained.wanted}; everything is saved. Continue with the same command and --resume.`,
      );
    if (!shown.json) tell(subject.checkpointPath);
  } finally {
    making.stop();
    onScreen.bar?.stop();
    onScreen.interruption?.release();
  }
}

async function offerVgg16(): Promise<boolean> {
  const { offerVgg16: offer } = await import('../shared/fetch-weights.ts');
  return offer();
}

function showPlan(
  call: TrainCall,
  subject: TrainSubject,
  setup: TrainSetup,
  probed: readonly ProbedSteps[] | undefined,
  { json }: ShownAs,
): void {
  const { plan, stepsLeft } = setup;
  const planned = describePlan(plan, probed, stepsLeft);
  if (json) printJson({ event: 'plan', ...planFigures(plan, probed, stepsLeft) });
  else if (call.plan) tell([printableLine(headingOf(subject, setup)), ...planned].join('\n'));
  else [...planned, `  report  ${join(subject.runFolder, REPORT)}`].forEach(say);
}

function headingOf(subject: TrainSubject, { config, trainer, precision, photos, data }: TrainSetup): string {
  const from = trainer.legs[0]?.from === undefined ? '' : ` from ${trainer.legs[0].from.name}`;
  const steps = `${config.steps} steps of ${pictures(config.batch)} ${describePhases(config)}`;
  return `Training ${subject.name}${from}${about(subject)}: ${steps} in ${precision}, ${pictures(photos)} in ${data}`;
}

/** Of photos or synthetic ones. */
const pictures = (count: number) => `${count} picture${count === 1 ? '' : 's'}`;

/** Shares have their places; published units are of any size. */
function termsText({ content, style, tv }: TrainingTerms, { units }: TrainConfig): string {
  if (units === 'relative')
    return `content ${content.toFixed(3)} style ${style.toFixed(4)} tv ${tv.toFixed(0)}`;
  return `content ${content.toPrecision(3)} style ${style.toPrecision(3)} tv ${tv.toPrecision(3)}`;
}

function about({ paintings, together, addTo }: TrainSubject): string {
  const names = paintings.map(({ name }) => name).join(', ');
  if (addTo !== undefined) return ` (${names}, added to ${addTo})`;
  return together ? ` (${names})` : '';
}

/** The words of a command as a shell takes them, with `--resume` and without what starts again. */
function resumeCommand(words: readonly string[]): string {
  const kept = words.filter((word) => !/^--(resume|overwrite|json)(=true)?$/.test(word));
  return ownCommand([...kept, '--resume'].map(shellWord).join(' '));
}
