/** A film of a job: its source, styles and mask fetched from the store, and opened as `video` opens them. */
import { join, posix } from 'node:path';
import { partsOfBlend } from '../../infer/blend.ts';
import { filmCallOf } from '../../library/filming.ts';
import { FastStyleError } from '../../system/errors.ts';
import { sha256OfFile } from '../../system/file-digest.ts';
import type { VideoCall } from '../../video/run/call.ts';
import { type OpenedFilm, openFilmByCall } from '../../video/run/open-film.ts';
import { styleFetcher } from './fetched-styles.ts';
import type { TaskContext } from './kind.ts';
import type { FilmJob } from './video-call.ts';

export interface FetchedFilm extends OpenedFilm {
  readonly call: VideoCall;
  /** SHA-256 of the source. */
  readonly sha256: string;
  /** An error as whoever submitted the film understands it: a user's speaks of keys. */
  told(error: unknown): unknown;
  /** A line with keys in place of paths. */
  inKeys(line: string): string;
}

/**
 * Fetches a film and opens it. What is written goes to `plan.output.path`, in the scratch folder. Caller disposes.
 *
 * @throws as `openFilmByCall` and the store.
 */
export async function fetchFilm(job: FilmJob, context: TaskContext): Promise<FetchedFilm> {
  const { store, scratch, signal } = context;
  const video = join(scratch, `source${extension(job.video)}`);
  const out = join(scratch, 'whole', `painted${extension(job.out)}`);
  const inKeys = (line: string) => line.replaceAll(video, job.video).replaceAll(out, job.out);
  const told = (error: unknown) => {
    if (error instanceof FastStyleError) error.message = inKeys(error.message);
    return error;
  };
  try {
    await store.fetch(job.video, video, signal);
    const call = await filmCallOf({ ...job, ...(await localStyles(job, context)), video, out }, signal);
    const film = await openFilmByCall(call);
    return { ...film, call, told, inKeys, sha256: await sha256OfFile(video) };
  } catch (error) {
    throw told(error);
  }
}

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
  if (mask !== undefined) {
    local.mask = join(context.scratch, `mask${extension(mask)}`);
    await context.store.fetch(mask, local.mask, context.signal);
  }
  return local;
}

/** A key's, if it is one that says a kind of file. */
function extension(key: string): string {
  return /^\.\w+$/.exec(posix.extname(key))?.[0] ?? '';
}
