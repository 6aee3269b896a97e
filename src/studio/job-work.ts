/** What a job comes to: tasks for the engine, and the files that they make. */
import { mkdir, readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { type CalibrateOptions, ConfigError, type TrainSettings } from '../index.ts';
import type { Engine, EngineHooks } from './engine.ts';
import type { EngineLook } from './engine-task.ts';
import type { Items } from './items.ts';
import type {
  FilmJobRequest,
  JobRequest,
  PhotoJobRequest,
  StrengthsJobRequest,
  StudioFile,
  StudioItem,
  StudioLook,
  StylePart,
  StylesJobRequest,
  TrainJobRequest,
} from './protocol.ts';
import type { Styles } from './styles.ts';

/** What all trainings of a studio have in common. */
export interface StudioTraining extends TrainSettings {
  /** Folder of the data set. Synthetic pictures, made at first use, unless given. */
  readonly data?: string;
}

export interface JobTools {
  readonly items: Items;
  readonly styles: Styles;
  readonly training: StudioTraining;
  readonly engine: Engine;
  /** Where the job's files go. */
  readonly folder: string;
  /** A file is whole. */
  readonly onResult: (name: string) => void;
  readonly hooks: EngineHooks;
}

const EXTENSIONS = { jpeg: 'jpg', png: 'png', webp: 'webp', tiff: 'tif', avif: 'avif' } as const;

/** Longer side of the photos that a training paints on the way, px. */
const PREVIEW_SIDE = 640;
/** Steps between two of these previews, and minutes between two saved states: what a power cut costs. */
const [PREVIEW_EVERY, SAVE_MINUTES] = [100, 2];

/** The folder of a training's run, and that of its checkpoint, within the job's. */
export const RUN = 'run';
const CHECKPOINTS = 'checkpoints';

/** Strengths to compare, and the longer side of the painting, px: each is a picture of one photo. */
const [STRENGTHS, STYLE_SIZE] = [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 768];

/** Where a training of this name has its checkpoint within the job's folder. */
export function checkpointOf({ name }: TrainJobRequest): string {
  return join(CHECKPOINTS, `${name}.safetensors`);
}

const KINDS = {
  ...{ photo: 'photo', styles: 'photo', film: 'film', train: 'painting', strengths: 'painting' },
} as const satisfies Record<JobRequest['kind'], StudioItem['kind']>;

/** @throws {FileError}, {CheckpointError}, {ConfigError} what it is about is not there, or of another kind. */
export function checkJob(request: JobRequest, items: Items, styles: Styles): void {
  const item = items.require(request.item);
  const wanted = KINDS[request.kind];
  if (item.kind !== wanted)
    throw new ConfigError(`Expected a ${wanted} but received ${item.name}, a ${item.kind}.`);
  if (request.kind === 'train') for (const id of request.previews) items.require(id);
  else if (request.kind !== 'strengths' && request.look.mask !== undefined) items.require(request.look.mask);
  if (request.kind === 'photo' || request.kind === 'film') styles.filesOf(request.parts);
  if (request.kind === 'styles') styles.filesOf(request.styles.map(single));
}

/** Does a job, or goes on with it. @throws as `Engine.run`. */
export async function doJob(request: JobRequest, tools: JobTools): Promise<void> {
  await mkdir(tools.folder, { recursive: true });
  if (request.kind === 'photo') await paintPhoto(request, tools);
  else if (request.kind === 'styles') await paintStyles(request, tools);
  else if (request.kind === 'film') await paintFilm(request, tools);
  else if (request.kind === 'train') await trainStyle(request, tools);
  else await tryStrengths(request, tools);
}

async function paintPhoto({ item, parts, look, file }: PhotoJobRequest, tools: JobTools): Promise<void> {
  await paintOne(tools.items.require(item), parts, look, file, tools);
}

async function paintStyles({ item, styles, look, file }: StylesJobRequest, tools: JobTools): Promise<void> {
  const photo = tools.items.require(item);
  const total = styles.length;
  for (const [done, style] of styles.entries()) {
    tools.hooks.onProgress?.({ done, total });
    await paintOne(photo, [single(style)], look, file, tools);
  }
  tools.hooks.onProgress?.({ done: total, total });
}

async function paintOne(
  photo: StudioItem,
  parts: readonly StylePart[],
  look: StudioLook,
  file: StudioFile,
  { items, styles, engine, folder, onResult, hooks }: JobTools,
): Promise<void> {
  const name = resultName(photo, parts, EXTENSIONS[file.format]);
  const task = {
    ...({ kind: 'paint', photo: items.path(photo), parts: styles.filesOf(parts) } as const),
    ...{ look: withMask(look, items), file, out: join(folder, name) },
  };
  await engine.run(task, hooks);
  onResult(name);
}

async function paintFilm(request: FilmJobRequest, tools: JobTools): Promise<void> {
  const { item, parts, look, steady, extension } = request;
  const { items, styles, engine, folder, onResult, hooks } = tools;
  const film = items.require(item);
  const name = resultName(film, parts, extension);
  const out = join(folder, name);
  const files = styles.filesOf(parts);
  await engine.run(
    { kind: 'film', film: items.path(film), parts: files, look: withMask(look, items), steady, out },
    hooks,
  );
  onResult(name);
}

async function trainStyle(request: TrainJobRequest, tools: JobTools): Promise<void> {
  const { item, name, quality, strength, steps, previews } = request;
  const { items, training, engine, folder, onResult, hooks } = tools;
  const run = join(folder, RUN);
  // What a run is without a state has nothing to go on from.
  const hasState = (await readdir(run).catch(() => [])).some((file) => /^state-.*\.safetensors$/.test(file));
  const photos = await Promise.all(previews.map((id) => items.shrunk(items.require(id), PREVIEW_SIDE)));
  const options = {
    ...{ quality, strength, previewEvery: PREVIEW_EVERY, saveMinutes: SAVE_MINUTES },
    ...(steps === undefined ? {} : { steps }),
    ...(photos.length === 0 ? {} : { previewPhoto: photos }),
    ...training,
    ...{ style: items.path(items.require(item)), name, run, out: join(folder, CHECKPOINTS) },
    ...(hasState ? { resume: true } : { overwrite: true }),
  };
  await engine.run({ kind: 'train', options }, hooks);
  onResult(checkpointOf(request));
}

async function tryStrengths({ item, steps }: StrengthsJobRequest, tools: JobTools): Promise<void> {
  const { items, training, engine, folder, onResult, hooks } = tools;
  // The comparison lays these out itself.
  const {
    strength: _,
    styleWeight: __,
    styleSize = STYLE_SIZE,
    steps: ___,
    units: ____,
    ...settings
  } = training;
  const options: CalibrateOptions = {
    ...settings,
    ...{ style: items.path(items.require(item)), strengths: STRENGTHS, styleSizes: [styleSize], photos: 1 },
    ...(steps === undefined ? {} : { trySteps: steps }),
  };
  const names = STRENGTHS.map((strength) => `strength-${strength}.jpg`);
  await engine.run({ kind: 'strengths', options, out: names.map((name) => join(folder, name)) }, hooks);
  names.forEach(onResult);
}

const single = (style: string): StylePart => ({ style, weight: 1 });

function withMask({ mask, ...look }: StudioLook, items: Items): EngineLook {
  return mask === undefined ? look : { ...look, mask: items.path(items.require(mask)) };
}

/** `harbour-wave.jpg`, and of a mixture `harbour-wave-0.7-scream-0.3.jpg`. */
function resultName({ name }: StudioItem, parts: readonly StylePart[], extension: string): string {
  const used = parts.filter(({ weight }) => weight > 0);
  const sum = used.reduce((total, { weight }) => total + weight, 0);
  const named = used.map(({ style, weight }) =>
    used.length === 1 ? style : `${style}-${Number((weight / sum).toFixed(2))}`,
  );
  return `${parse(name).name}-${named.join('-').slice(0, 100)}.${extension}`;
}
