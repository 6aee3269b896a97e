/** The film that this process has been at last, open for what comes next of it: most tasks that follow one another are of one job. */
import type { FrameSource } from '../../data/video/frame-reader.ts';
import type { FilmPainter } from '../../video/film-painter.ts';
import type { FilmKey } from '../../video/film-parts.ts';
import { type FilmPosition, openRest, RereadSource } from '../../video/film-source.ts';
import { mannerOf } from '../../video/run/open-film.ts';
import { type FilmManner, openVideoPainter } from '../../video/run/painter.ts';
import { type FetchedFilm, fetchFilm, keyOf, sourceVersion } from './fetched-film.ts';
import type { TaskContext } from './kind.ts';
import type { FilmJob } from './video-call.ts';

let kept: KeptFilm | undefined;

/** The film of a job, opened unless it is open. Not the caller's to dispose of. Throws as `fetchFilm`. */
export async function keptFilm(job: FilmJob, context: TaskContext): Promise<KeptFilm> {
  // All that decides what is opened; results are put together whatever the precision was.
  const { precision: _, overwrite: __, ...rest } = job;
  const of = JSON.stringify([context.store.url, rest, await sourceVersion(job, context)]);
  if (kept?.of === of) return kept;
  await releaseFilm();
  kept = new KeptFilm(of, await fetchFilm(job, context));
  return kept;
}

/** Gives up what is kept; idempotent. */
export async function releaseFilm(): Promise<void> {
  const film = kept;
  kept = undefined;
  await film?.dispose();
}

/** What is painted with. */
interface Painting {
  readonly asked: FilmJob['precision'];
  readonly manner: FilmManner;
  readonly key: FilmKey;
}

export class KeptFilm {
  readonly of: string;
  readonly film: FetchedFilm;
  #painting: Painting | undefined;
  #painter: FilmPainter | undefined;
  #source: RereadSource | undefined;
  /** Where the source is. */
  #position: FilmPosition | undefined;

  constructor(of: string, film: FetchedFilm) {
    this.of = of;
    this.film = film;
  }

  /** How it is painted on this machine, and all that segments depend on. Throws as `mannerOf`. */
  async painting(job: FilmJob): Promise<Painting> {
    const { precision: asked } = job;
    if (this.#painting === undefined || this.#painting.asked !== asked) {
      await this.#giveUpPainter();
      const { call } = this.film;
      const manner = await mannerOf(this.film, { ...call, precision: asked ?? call.precision });
      this.#painting = { asked, manner, key: await keyOf(this.film, manner, job) };
    }
    return this.#painting;
  }

  /** A painter that has seen no frame, and the film's frames from a position on: both of them the film's, until `leave`. */
  async begin(
    from: FilmPosition | undefined,
    manner: FilmManner,
  ): Promise<{ readonly painter: FilmPainter; readonly source: FrameSource }> {
    if (this.#source !== undefined && isSame(this.#position, from)) this.#source.back();
    else {
      await this.#source?.close();
      this.#source = new RereadSource(await openRest(this.film.plan, from));
    }
    this.#position = undefined;
    this.#painter ??= await openVideoPainter(this.film.styles[0]!.style, manner);
    return { painter: this.#painter, source: this.#source };
  }

  /**
   * Keeps what the next task may go on with. A frame more has been read than painted. @param position after the last one that was painted.
   */
  async leave(position: FilmPosition | undefined): Promise<void> {
    this.#position = position;
    // One that remembers frames has foreseen the next.
    if (this.film.call.steady !== 'off') await this.#giveUpPainter();
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#giveUpPainter(), this.#source?.close()]);
    await this.film.dispose();
  }

  async #giveUpPainter(): Promise<void> {
    const painter = this.#painter;
    this.#painter = undefined;
    await painter?.dispose();
  }
}

/** Whether what is painted next comes right after what was painted last. */
function isSame(one: FilmPosition | undefined, other: FilmPosition | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  const { frames, last, end, mark } = other;
  return one.frames === frames && one.last === last && one.end === end && one.mark === mark;
}
