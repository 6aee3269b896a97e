import type { Picture } from '../../picture.ts';
import type { FilmPainter, SyncFilmPainter } from '../film-painter.ts';
import { fromBytes, toBytes } from './steady-memory.ts';
import { type CarriedStatistics, NO_STATISTICS } from './steady-painter.ts';
import { ThreadedSteadyFilm } from './threaded-steady-film.ts';

/** A frame whose motion is being looked for. */
interface Foreseen {
  readonly frame: Picture;
  /** Whether a scene begins with it. */
  readonly begins: Promise<boolean>;
}

/**
 * Paints as `SteadyPainter` does, to the same bytes, with all but the network in its own thread: the motion of the frames that
 * are foreseen, and the blending of those that are painted.
 */
export class ThreadedSteadyPainter implements FilmPainter {
  readonly #painter: Pick<SyncFilmPainter, 'paint' | 'dispose'>;
  readonly #statistics: CarriedStatistics;
  readonly #film: ThreadedSteadyFilm;
  readonly #foreseen: Foreseen[] = [];
  #frame: Picture | undefined;
  #isDisposed = false;

  /** As `SteadyPainter`'s. */
  constructor(
    painter: Pick<SyncFilmPainter, 'paint' | 'dispose'>,
    share: number,
    statistics: CarriedStatistics = NO_STATISTICS,
  ) {
    this.#painter = painter;
    this.#statistics = statistics;
    this.#film = new ThreadedSteadyFilm(share);
  }

  foresee(frame: Picture): void {
    const begins = this.#film.see(frame);
    // The error surfaces where the promise is awaited.
    begins.catch(() => undefined);
    this.#foreseen.push({ frame, begins });
  }

  async paint(frame: Picture, seconds: number): Promise<Picture> {
    if (this.#foreseen.length === 0) this.foresee(frame);
    const { frame: next, begins } = this.#foreseen.shift()!;
    if (next.pixels !== frame.pixels) throw new Error('Another frame was foreseen.');
    const isNew = await begins;
    if (this.#isDisposed) throw new Error('The painter has been disposed of.');
    if (isNew) this.#statistics.forget();
    const { pixels } = this.#painter.paint(frame, seconds);
    this.#frame = frame;
    // The thread takes the painting over; the frame is still needed.
    const painted = pixels.buffer === frame.pixels.buffer ? pixels.slice() : pixels;
    return { ...frame, pixels: await this.#film.show(painted) };
  }

  async memory(): Promise<Uint8Array> {
    const frame = this.#frame;
    const statistics = this.#statistics.statistics();
    const last = frame === undefined ? undefined : { frame, shown: await this.#film.shown() };
    return toBytes({ statistics, last });
  }

  recall(memory: Uint8Array): void {
    const { statistics, last } = fromBytes(memory);
    this.#statistics.recall(statistics);
    this.#film.goOnFrom(last);
    this.#frame = last?.frame;
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.#painter.dispose();
    await this.#film.close();
  }
}
