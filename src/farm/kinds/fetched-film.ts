/** A film of a job: its source, styles and mask where this machine finds them, opened as `video` opens them. */
import { rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { segmentFormat } from '../../data/video/codecs.ts';
import { partsOfBlend } from '../../infer/blend.ts';
import { filmCallOf } from '../../library/filming.ts';
import { FastStyleError, FileError } from '../../system/errors.ts';
import { openProcessFolder } from '../../system/process-folder.ts';
import type { FilmKey } from '../../video/film-parts.ts';
import { filmKey } from '../../video/make-film.ts';
import type { VideoCall } from '../../video/run/call.ts';
import { type OpenedFilm, openFilmByCall } from '../../video/run/open-film.ts';
import { type FilmManner, painterKey } from '../../video/run/painter.ts';
import { contentId } from './content-id.ts';
import { readablePath } from './fetch-into.ts';
import { styleFetcher } from './fetched-styles.ts';
import type { TaskContext } from './kind.ts';
import type { FilmJob } from './video-call.ts';

export interface FetchedFilm extends OpenedFilm {
  readonly call: VideoCall;
  /** Changes when the source does. */
  readonly version: string;
  /** An error as whoever submitted the film understands it: a user's speaks of keys. */
  told(error: unknown): unknown;
  /** A line with keys in place of paths. */
  inKeys(line: string): string;
}

/**
 * Opens a film, in place where this machine sees the store, and fetched elsewhere. It may be kept longer than a task's scratch folder.
 * What is written goes to `plan.output.path`, which is the film's place in the store where that can be written in place. Caller disposes.
 *
 * @throws as `openFilmByCall` and the store. {FileError} the source is not there.
 */
export async function fetchFilm(job: FilmJob, context: TaskContext): Promise<FetchedFilm> {
  const { store, signal } = context;
  const version = await sourceVersion(job, context);
  const folder = await openProcessFolder('farm-film');
  const remove = () => rm(folder, { recursive: true, force: true });
  let inKeys = (line: string) => line;
  const told = (error: unknown) => {
    if (error instanceof FastStyleError) error.message = inKeys(error.message);
    return error;
  };
  try {
    const own = { ...context, scratch: folder };
    const { path: video } = await readablePath(own, job.video, `source${extension(job.video)}`);
    const out = (await store.path(job.out)) ?? join(folder, 'whole', `painted${extension(job.out)}`);
    inKeys = (line) => line.replaceAll(video, job.video).replaceAll(out, job.out);
    // Whether the film may be replaced was asked when it was submitted.
    const places = { video, out, overwrite: true };
    const call = await filmCallOf({ ...job, ...(await localStyles(job, own)), ...places }, signal);
    const film = await openFilmByCall(call);
    const dispose = async () => {
      await film.dispose();
      await remove();
    };
    return { ...film, call, told, inKeys, version, dispose };
  } catch (error) {
    await remove();
    throw told(error);
  }
}

/** What changes when a film's source does: its length, and its time of change or the server's tag. @throws {FileError} it is not there. */
export async function sourceVersion(
  { video }: Pick<FilmJob, 'video'>,
  { store }: Pick<TaskContext, 'store'>,
): Promise<string> {
  const found = await store.find(video);
  if (found === undefined) throw new FileError(`${video} is not in ${store.url}.`);
  return `${found.bytes} ${found.version}`;
}

/** All that segments depend on, wherever the film lies. */
export async function keyOf(
  { plan, styles, version }: FetchedFilm,
  manner: FilmManner,
  job: FilmJob,
): Promise<FilmKey> {
  const painter = await painterKey(styles[0]!.style, manner);
  return { ...(await filmKey(plan)), ...painter, source: job.video, 'source file': version };
}

/** Of a film's segments, by all that they depend on. */
export const idOf = (key: FilmKey, { video, out, audio = true }: FilmJob): string =>
  contentId(JSON.stringify([key, video, out, audio]));

export const formatOf = ({ plan }: FetchedFilm): string =>
  segmentFormat(plan.output.codec, plan.stream.alpha);

/** Styles and mask as paths. */
async function localStyles({ style, blend, mask }: FilmJob, context: TaskContext): Promise<Partial<FilmJob>> {
  const fetched = styleFetcher(context);
  const local: { style?: string; blend?: string; mask?: string } = {};
  if (style !== undefined) local.style = await fetched(style);
  else if (blend !== undefined) {
    const parts: string[] = [];
    for (const [reference, rest] of partsOfBlend(blend)) parts.push(`${await fetched(reference)}${rest}`);
    local.blend = parts.join(',');
  }
  if (mask !== undefined) local.mask = (await readablePath(context, mask, `mask${extension(mask)}`)).path;
  return local;
}

/** A key's, if it is one that says a kind of file. */
function extension(key: string): string {
  return /^\.\w+$/.exec(posix.extname(key))?.[0] ?? '';
}
