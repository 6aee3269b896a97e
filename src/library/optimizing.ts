/** What implements the library's `optimize`: the same run that the command line starts. */
import { basename } from 'node:path';
import type { PictureInput } from '../data/photo/source.ts';
import { ADAM_SETTINGS, LBFGS_SETTINGS } from '../optimize/minimizer-settings.ts';
import type { OptimizeProgress } from '../optimize/progress.ts';
import { RECIPES } from '../optimize/recipes.ts';
import type { OptimizeCall, WeightedPainting } from '../optimize/run/call.ts';
import { runOptimization, setUpOptimization } from '../optimize/run/optimization-run.ts';
import { OPTIMIZE_SETTINGS } from '../optimize/settings.ts';
import { InterruptedError } from '../system/errors.ts';
import { choiceSetting } from '../system/setting-kinds.ts';
import { checkSettings, type SettingsTable } from '../system/settings.ts';
import { withOptionNames } from './by-option-names.ts';
import { fileOrBytes } from './open-input.ts';
import type {
  OptimizedPicture,
  OptimizeOptions,
  OptimizeScale,
  OptimizeStepCallbacks,
  WeightedPicture,
} from './optimize-options.ts';
import { flag, givenOf, number, text, unchecked } from './option-rows.ts';
import type { PhotoSourceInput } from './options.ts';

/** The options of settings, by their own names. */
const OF_SETTINGS: SettingsTable = Object.fromEntries(
  Object.entries<SettingsTable[string]>({
    ...OPTIMIZE_SETTINGS,
    ...LBFGS_SETTINGS,
    ...ADAM_SETTINGS,
  }).flatMap(([name, row]) => {
    if (row.describe === undefined) return [];
    const words = row.words && choiceSetting(Object.keys(row.words), { default: '' });
    return [[row.option ?? name, row.isReadByCommand ? unchecked : (words ?? row)]];
  }),
);

const OPTIONS: SettingsTable = {
  ...{ content: unchecked, style: unchecked, contentMask: unchecked, mask: unchecked, styleMask: unchecked },
  ...OF_SETTINGS,
  ...{ out: text, warmUp: text, lossNetwork: text, snapshotFolder: text, film: text, plot: text },
  ...{ trace: text, free: flag, overwrite: flag },
  ...{ size: number, snapshots: number, filmEvery: number, quality: number },
  recipe: choiceSetting(Object.keys(RECIPES), { default: 'default' }),
  method: choiceSetting(['lbfgs', 'adam'], { default: 'lbfgs' }),
  precision: choiceSetting(['auto', 'f32', 'bf16'], { default: 'f32' }),
};

/** Throws as the library's `optimize`. */
export async function* optimizeByOptions(
  options: OptimizeOptions,
  { onNote = () => undefined, signal }: OptimizeStepCallbacks,
): AsyncGenerator<OptimizeProgress, OptimizedPicture, void> {
  try {
    const call = await callOf(options, signal);
    const setup = await setUpOptimization(call, onNote);
    const result = yield* runOptimization(setup, signal, ({ notes }) => notes.forEach(onNote));
    const { out } = call;
    if (result.stopped === 'aborted') {
      const kept = out === undefined ? '' : `; the picture so far is in ${out}`;
      throw new InterruptedError(
        `Stopped after iteration ${result.iterations} of ${setup.config.iterations}${kept}.`,
        { cause: signal?.reason },
      );
    }
    return { ...result, ...(out === undefined ? {} : { file: out }) };
  } catch (error) {
    throw withOptionNames(Object.keys(OPTIONS), error);
  }
}

/** @throws {ConfigError} an unknown option, or one of another kind. {ImageError} what is no picture. The signal's reason. */
async function callOf(options: OptimizeOptions, signal: AbortSignal | undefined): Promise<OptimizeCall> {
  const given = givenOf(options);
  checkSettings(OPTIONS, given, 'the optimisation');
  signal?.throwIfAborted();
  const { content, style, contentMask, mask, styleMask, start, scales, tv, ...rest }: OptimizeOptions = given;
  const read = (input: PhotoSourceInput, name: string) => fileOrBytes(input, name, signal);
  const readAll = (inputs: OptimizeOptions['mask'], name: string) =>
    Promise.all(
      listOf(inputs).map(async (one, i) => (one === undefined ? undefined : read(one, `${name} ${i + 1}`))),
    );
  const painting = async (one: PhotoSourceInput | WeightedPicture, i: number): Promise<WeightedPainting> => {
    const { style: input, weight = 1 } = isWeighted(one) ? one : { style: one };
    const picture = await read(input, `style ${i + 1}`);
    return { picture, weight, name: typeof picture === 'string' ? basename(picture) : picture.name };
  };
  return {
    ...rest,
    ...(content === undefined ? {} : { content: await read(content, 'content') }),
    ...(style === undefined ? {} : { style: await Promise.all(listOf(style).map(painting)) }),
    ...(contentMask === undefined ? {} : { contentMask: await read(contentMask, 'contentMask') }),
    ...(mask === undefined ? {} : { mask: await readAll(mask, 'mask') }),
    ...(styleMask === undefined ? {} : { styleMask: await readAll(styleMask, 'styleMask') }),
    ...(start === undefined ? {} : { start: await startOf(start, read) }),
    ...(scales === undefined ? {} : { scales: scalesText(scales) }),
    ...(tv === undefined ? {} : { tv: String(tv) }),
  };
}

/** A text says what it says on the command line; all else is a picture. */
async function startOf(
  start: PhotoSourceInput,
  read: (input: PhotoSourceInput, name: string) => Promise<PictureInput>,
): Promise<NonNullable<OptimizeCall['start']>> {
  return typeof start === 'string' ? start : read(start, 'start');
}

function listOf<T>(given: T | readonly T[] | undefined): readonly T[] {
  if (given === undefined) return [];
  return Array.isArray(given) ? given : [given as T];
}

function isWeighted(one: PhotoSourceInput | WeightedPicture): one is WeightedPicture {
  return typeof one === 'object' && one !== null && 'style' in one;
}

function scalesText(scales: number | string | readonly OptimizeScale[]): string {
  if (!Array.isArray(scales)) return String(scales);
  return scales.map((one: Partial<OptimizeScale> | null) => `${one?.scale}:${one?.share ?? 1}`).join(',');
}
