import type { SmoothedStyleNetwork } from '../../infer/smoothed/smoothed-style-network.ts';
import type { Picture } from '../../picture.ts';
import type { SyncFilmPainter } from '../film-painter.ts';
import { SteadyFilm } from './steady-film.ts';
import { fromBytes, toBytes } from './steady-memory.ts';

/**
 * Paints a film's frames so that they do not flicker: the normalisations' statistics go over from frame to frame
 * (`SmoothedNetwork`), and what was painted before, moved as the film moves, stays where it can be trusted (`Blender`).
 * Both start again where a scene does.
 */
export class SteadyPainter implements SyncFilmPainter {
  readonly #painter: Pick<SyncFilmPainter, 'paint' | 'dispose'>;
  readonly #statistics: CarriedStatistics;
  readonly #film: SteadyFilm;
  #frame: Picture | undefined;

  /**
   * @param painter paints frames one by one; then belongs to this. @param share of the picture before where it is trusted wholly, 0 to
   *   below 1. @param statistics what in the painter goes from frame to frame, if anything does.
   */
  constructor(
    painter: Pick<SyncFilmPainter, 'paint' | 'dispose'>,
    share: number,
    statistics: CarriedStatistics = NO_STATISTICS,
  ) {
    this.#painter = painter;
    this.#statistics = statistics;
    this.#film = new SteadyFilm(share);
  }

  paint(frame: Picture, seconds: number): Picture {
    const { width, height } = frame;
    if (this.#film.see(frame)) this.#statistics.forget();
    const pixels = this.#film.show(this.#painter.paint(frame, seconds).pixels);
    // A copy: the caller may use the pixels for the next one (and of a Buffer `slice` would be none).
    this.#frame = { ...frame, pixels: new Uint8Array(frame.pixels) };
    return { pixels, width, height };
  }

  memory(): Uint8Array {
    const frame = this.#frame;
    const last = frame === undefined ? undefined : { frame, shown: this.#film.shown() };
    return toBytes({ statistics: this.#statistics.statistics(), last });
  }

  recall(memory: Uint8Array): void {
    const { statistics, last } = fromBytes(memory);
    this.#statistics.recall(statistics);
    this.#film.goOnFrom(last);
    this.#frame = last?.frame;
  }

  dispose(): void {
    this.#painter.dispose();
    this.#film.goOnFrom(undefined);
  }
}

/** Statistics of normalisations that go from frame to frame. */
export type CarriedStatistics = Pick<SmoothedStyleNetwork, 'forget' | 'statistics' | 'recall'>;

/** Of a painter whose frames each have their own. */
export const NO_STATISTICS: CarriedStatistics = {
  forget: () => undefined,
  statistics: () => new Float32Array(0),
  recall: () => undefined,
};
