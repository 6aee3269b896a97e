/** What implements the library's `train`: the same run that the command line starts. */
import type { PictureInput } from '../data/photo/source.ts';
import { readCheckpoint } from '../networks/checkpoint.ts';
import { watchTraining } from '../report/watch-training.ts';
import { ConfigError, expected, InterruptedError } from '../system/errors.ts';
import { type PlanFigures, planFigures } from '../train/plan/figures.ts';
import { CALL_DEFAULTS, CALL_NAMES, checkCall } from '../train/run/call-settings.ts';
import { checkNumbers, type TrainCall } from '../train/run/inputs.ts';
import { subjectsOf } from '../train/run/subject.ts';
import { type TrainHooks, trainSubject } from '../train/run/train-subject.ts';
import { TRAIN_SETTINGS } from '../train/settings.ts';
import { byOptionNames } from './by-option-names.ts';
import { fileOrBytes } from './open-input.ts';
import { givenOf } from './option-rows.ts';
import type { PhotoSourceInput } from './options.ts';
import type { TrainCallbacks, TrainedStyle, TrainOptions, TrainProgress } from './train-options.ts';

/** Throws as the library's `train`. */
export function trainStyle(options: TrainOptions, callbacks: TrainCallbacks): Promise<TrainedStyle> {
  return byOptionNames(CALL_NAMES, async () => {
    const { tensorboard = false, ...call } = await callOfOptions(options, { signal: callbacks.signal });
    checkNumbers(call);
    const subject = subjectsOf(call)[0]!;
    const { signal = new AbortController().signal } = callbacks;
    const trained = await trainSubject(call, subject, {
      ...hooksOf(callbacks),
      watch: (setup) =>
        watchTraining(setup, { subject, tensorboard, command: RESUME, say: callbacks.onNote ?? ignore }),
      signal,
    });
    const { steps, wanted, images, losses } = trained!;
    if (steps < wanted)
      throw new InterruptedError(
        `Stopped after step ${steps} of ${wanted}; everything is saved. Go on with the same options and resume: true.`,
        { cause: signal.reason },
      );
    const { checkpointPath: file, runFolder: run, name } = subject;
    const { architecture, training, parameters } = await readCheckpoint(file);
    return { name, file, run, steps, images, losses, checkpoint: { architecture, training, parameters } };
  });
}

/** Throws as the library's `planTraining`. */
export function planByOptions(
  options: TrainOptions,
  { onNote = ignore, signal = new AbortController().signal }: TrainCallbacks,
): Promise<PlanFigures> {
  return byOptionNames(CALL_NAMES, async () => {
    const { tensorboard: _, ...asked } = await callOfOptions(options, { signal });
    const call = { ...asked, plan: true };
    checkNumbers(call);
    let figures: PlanFigures | undefined;
    await trainSubject(call, subjectsOf(call)[0]!, {
      say: onNote,
      onPlanned({ plan, stepsLeft }, probed) {
        figures = planFigures(plan, probed, stepsLeft);
      },
      signal,
    });
    return figures!;
  });
}

/** What continues a run, as its report says it. */
const RESUME = 'await train({ …the same options, resume: true });';

const ignore = () => undefined;

function hooksOf({ onProgress, onNote = ignore }: TrainCallbacks): Omit<TrainHooks, 'signal'> {
  return {
    say: onNote,
    onStep({ step, learningRate, recent }, { config: { steps } }) {
      const { contentLayers: _, styleLayers: __, ...losses } = recent;
      const progress: TrainProgress = { step, steps, learningRate, losses };
      onProgress?.(progress);
    },
  };
}

/**
 * Options in the form that training takes.
 *
 * @param known those besides the settings. All of `train` unless given.
 * @throws {ConfigError} an unknown or invalid option. {ImageError} pixels that are not as many as their sides say.
 */
export async function callOfOptions(
  { style, ...options }: TrainOptions,
  { known, signal }: { readonly known?: readonly string[]; readonly signal?: AbortSignal | undefined } = {},
): Promise<TrainCall & { tensorboard?: boolean }> {
  const given = givenOf(options);
  checkCall(given, known);
  const settings: Record<string, unknown> = {};
  const { previewPhoto, ...rest }: Partial<TrainOptions> = given;
  const others: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(rest))
    Object.assign(Object.hasOwn(TRAIN_SETTINGS, name) ? settings : others, { [name]: value });
  const inputs = Array.isArray(style) ? (style as readonly PhotoSourceInput[]) : [style as PhotoSourceInput];
  if (inputs.length > 1 && options.together !== true)
    throw new ConfigError(
      expected('one painting, or together: true for several in one network', inputs.length),
    );
  const bytes = new Map<string, Uint8Array>();
  const paintings: string[] = [];
  for (const [i, input] of inputs.entries()) {
    const name = options.styleName?.[i] ?? (inputs.length === 1 ? options.name : undefined);
    const isFile = typeof input === 'string' || (input instanceof URL && input.protocol === 'file:');
    if (!isFile && typeof input === 'object' && input !== null && name === undefined)
      throw new ConfigError(
        expected('a name for a painting that is no file', 'none', 'give name, or styleName for several'),
      );
    const painting = await fileOrBytes(input, 'style', signal);
    if (typeof painting !== 'string') bytes.set(name!, painting.bytes);
    paintings.push(typeof painting === 'string' ? painting : name!);
  }
  const previews: PictureInput[] = [];
  for (const [i, photo] of (previewPhoto ?? []).entries())
    previews.push(await fileOrBytes(photo, `preview-${i + 1}`, signal));
  return {
    ...{ ...CALL_DEFAULTS, ...others, settings, style: paintings, bytes },
    ...(previewPhoto === undefined ? {} : { previewPhoto: previews }),
  };
}
