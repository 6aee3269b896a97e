/** What implements the library's `train`: the same run that the command line starts. */
import type { PictureInput } from '../data/photo/source.ts';
import { readCheckpoint } from '../networks/checkpoint.ts';
import { watchTraining } from '../report/watch-training.ts';
import { ConfigError, expected, type FastStyleError, InterruptedError } from '../system/errors.ts';
import { ownSetting } from '../system/setting-kinds.ts';
import { type SettingsTable, valuesOf, withoutRows } from '../system/settings.ts';
import { type PlanFigures, planFigures } from '../train/plan/figures.ts';
import { checkTrainCall, TRAIN_CALL } from '../train/run/call-settings.ts';
import type { TrainCall } from '../train/run/inputs.ts';
import { trainOneByOne } from '../train/run/one-by-one.ts';
import { subjectsOf, type TrainSubject } from '../train/run/subject.ts';
import { type TrainHooks, trainSubject } from '../train/run/train-subject.ts';
import { TRAIN_SETTINGS } from '../train/settings.ts';
import { byOptionNames, withOptionNames } from './by-option-names.ts';
import { fileOrBytes } from './open-input.ts';
import { givenOf, type RowsOf, unchecked } from './option-rows.ts';
import type { PhotoSourceInput } from './options.ts';
import type {
  TrainCallbacks,
  TrainEachCallbacks,
  TrainEachOptions,
  TrainedPainting,
  TrainedStyle,
  TrainLosses,
  TrainOptions,
  TrainProgress,
  TrainSettings,
} from './train-options.ts';

/** The command's rows, but for the paintings and what has a function of its own; photos come in more forms than files. */
const OPTIONS = {
  ...withoutRows(TRAIN_CALL, ['style', 'plan']),
  previewPhoto: ownSetting(listOfPictures, { default: undefined }),
} as const satisfies RowsOf<Omit<TrainOptions, keyof TrainSettings | 'style'>>;

const EACH = withoutRows(OPTIONS, ['together', 'addTo', 'name', 'title']);

/** Names of all options. */
const NAMES = Object.keys({ ...TRAIN_CALL, ...TRAIN_SETTINGS });

/** Throws as the library's `train`. */
export function trainStyle(options: TrainOptions, callbacks: TrainCallbacks): Promise<TrainedStyle> {
  return byTrainingNames(async () => {
    const call = await callOfOptions(options, { signal: callbacks.signal });
    return trainedStyle(call, subjectsOf(call)[0]!, callbacks);
  });
}

/** Throws as the library's `trainEach`. */
export function trainStyles(
  options: TrainEachOptions,
  { onProgress, onTrained, ...callbacks }: TrainEachCallbacks,
): Promise<readonly TrainedPainting[]> {
  return byTrainingNames(async () => {
    if (!Array.isArray(options.style))
      throw new ConfigError(expected('an array of paintings for style', options.style));
    const call = await callOfOptions(options, { rows: EACH, isEach: true, signal: callbacks.signal });
    const subjects = subjectsOf(call);
    const done = new Map<TrainSubject, TrainedPainting>();
    const add = (subject: TrainSubject, outcome: Omit<TrainedPainting, 'name'>) => {
      const painting = { name: subject.name, ...outcome };
      done.set(subject, painting);
      onTrained?.(painting);
    };
    await trainOneByOne(call, subjects, {
      train: async (one, subject) => {
        const { name } = subject;
        const progress = onProgress && ((step: TrainProgress) => onProgress(step, name));
        add(subject, {
          trained: await trainedStyle(one, subject, {
            ...callbacks,
            ...(progress && { onProgress: progress }),
          }),
        });
      },
      onTrained: async (subject) => add(subject, { trained: await readTrained(subject) }),
      onFailed: (subject, error) => add(subject, { error: withOptionNames(NAMES, error) as FastStyleError }),
      say: callbacks.onNote ?? ignore,
    });
    return subjects.map((subject) => done.get(subject)!);
  });
}

/** Trains what a call asks for, in one network. @throws {InterruptedError} the signal ended it. Else as `trainSubject`. */
async function trainedStyle(
  call: TrainCall,
  subject: TrainSubject,
  callbacks: TrainCallbacks,
): Promise<TrainedStyle> {
  const { tensorboard } = call;
  const { signal = new AbortController().signal, onNote: say = ignore } = callbacks;
  const trained = await trainSubject(call, subject, {
    ...hooksOf(callbacks),
    watch: (setup) => watchTraining(setup, { subject, tensorboard, command: RESUME, say }),
    signal,
  });
  const { steps, wanted } = trained!;
  if (steps < wanted)
    throw new InterruptedError(
      `Stopped after step ${steps} of ${wanted}; everything is saved. Go on with the same options and resume: true.`,
      { cause: signal.reason },
    );
  return readTrained(subject);
}

/** A style that is trained, as its checkpoint has it. */
async function readTrained({
  checkpointPath: file,
  runFolder: run,
  name,
}: TrainSubject): Promise<TrainedStyle> {
  const { architecture, training, parameters, steps, images, losses } = await readCheckpoint(file);
  const checkpoint = { architecture, training, parameters };
  return { name, file, run, steps, images, losses: losses as TrainLosses, checkpoint };
}

/** Throws as the library's `planTraining`. */
export function planByOptions(
  options: TrainOptions,
  { onNote = ignore, signal = new AbortController().signal }: TrainCallbacks,
): Promise<PlanFigures> {
  return byTrainingNames(async () => {
    const call = { ...(await callOfOptions(options, { signal })), plan: true };
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

/** Lets errors speak of the library's options. */
export const byTrainingNames = <T>(work: () => Promise<T>): Promise<T> => byOptionNames(NAMES, work);

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

/** How options become a call. */
interface CallForm {
  /** Rows of the options besides the settings. All of `train` unless given. */
  readonly rows?: SettingsTable;
  /** Several paintings are trained one after the other. */
  readonly isEach?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Options in the form that training takes.
 *
 * @throws {ConfigError} an unknown or invalid option. {ImageError} pixels that are not as many as their sides say.
 */
export async function callOfOptions(
  { style, ...options }: Partial<TrainOptions>,
  { rows = OPTIONS, isEach = false, signal }: CallForm = {},
): Promise<TrainCall> {
  const given = givenOf(options);
  checkTrainCall({ style, ...given }, { style: unchecked, ...rows });
  const settings = Object.fromEntries(
    Object.entries(given).filter(([name]) => Object.hasOwn(TRAIN_SETTINGS, name)),
  );
  const { previewPhoto, ...values } = valuesOf(OPTIONS, given);
  const inputs = Array.isArray(style) ? (style as readonly PhotoSourceInput[]) : [style as PhotoSourceInput];
  if (inputs.length > 1 && !isEach && !values.together)
    throw new ConfigError(
      expected(
        'one painting, or together: true for several in one network',
        inputs.length,
        'trainEach trains a network for each',
      ),
    );
  const bytes = new Map<string, Uint8Array>();
  const paintings: string[] = [];
  for (const [i, input] of inputs.entries()) {
    const name = values.styleName?.[i] ?? (inputs.length === 1 ? values.name : undefined);
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
    ...{ ...values, plan: false, settings, style: paintings, bytes },
    ...(previewPhoto === undefined ? {} : { previewPhoto: previews }),
  };
}

/** Whatever pictures come as: they are checked where they are read. */
function listOfPictures(value: unknown, name: string): readonly PhotoSourceInput[] | undefined {
  if (value === undefined || (Array.isArray(value) && value.length > 0)) return value;
  throw new ConfigError(expected(`a list of pictures for ${name}`, value));
}
