/** What a run of `optimize` writes besides its picture: snapshots, film, plot and trace. */

import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Film } from '../../data/film.ts';
import { filmFormat, openFilm } from '../../data/film-format.ts';
import { pictureFormat, resizePicture, writePicture } from '../../data/image-file.ts';
import type { Picture } from '../../picture.ts';
import { type Curve, linePlot } from '../../plot/line-plot.ts';
import { refuseToOverwrite, writeFileAtomically } from '../../system/atomic-file.ts';
import { ConfigError, expected, FileError } from '../../system/errors.ts';
import type { OptimizeProgress } from '../progress.ts';

export interface RecordOptions {
  /** The picture's file; absent where it is handed over. */
  readonly out?: string | undefined;
  readonly overwrite: boolean;
  /** Iterations between snapshots; absent for none. */
  readonly snapshots?: number | undefined;
  readonly snapshotFolder?: string | undefined;
  readonly film?: string | undefined;
  readonly filmEvery?: number | undefined;
  readonly plot?: string | undefined;
  readonly trace?: string | undefined;
  /** Of snapshots. */
  readonly quality?: number | undefined;
}

export interface RunFacts {
  /** Of the result, px: every frame of the film has it. */
  readonly width: number;
  readonly height: number;
  readonly iterations: number;
  /** Above the plot. */
  readonly title: string;
}

/** One iteration of a run, as the trace has it. */
type TraceLine = Omit<OptimizeProgress, 'picture' | 'iterations' | 'weights'>;

const FRAMES_PER_SECOND = 15;
const MOST_FRAMES = 150;

/** Fails for every file of a run that could not be written later: names, files in the way. Loads nothing heavy. */
export async function checkOutputs(options: RecordOptions): Promise<void> {
  const { out, film, plot, trace, overwrite } = options;
  if (out !== undefined) pictureFormat(out);
  if (film !== undefined) filmFormat(film);
  if (plot !== undefined && extname(plot).toLowerCase() !== '.svg') pictureFormat(plot);
  if (overwrite) return;
  for (const path of [out, film, plot, trace]) if (path !== undefined) await refuseToOverwrite(path);
  const folder = options.snapshots === undefined ? undefined : snapshotFolderOf(options);
  const there = folder === undefined ? [] : await readdir(folder).catch(() => []);
  if (there.length > 0)
    throw new FileError(`${folder} contains files already; choose another folder or pass --overwrite.`);
}

/** `<out without its extension>-snapshots` unless another is named. @throws {ConfigError} none, and no `out`. */
export function snapshotFolderOf({ out, snapshotFolder }: RecordOptions): string {
  if (snapshotFolder !== undefined) return snapshotFolder;
  if (out === undefined)
    throw new ConfigError(expected('a folder for --snapshot-folder, or --out', 'neither'));
  return `${out.slice(0, out.length - extname(out).length)}-snapshots`;
}

/**
 * Keeps a run's record. A file that cannot be written does not end the run: the first failure is reported at the end,
 * when the picture is safe.
 */
export class RunRecord {
  readonly lines: TraceLine[] = [];
  readonly #options: RecordOptions;
  readonly #facts: RunFacts;
  #film: Film | undefined;
  readonly #filmEvery: number;
  #lastFrame = -1;
  #weights: OptimizeProgress['weights'] = {};
  #failure: unknown;

  private constructor(options: RecordOptions, facts: RunFacts, film: Film | undefined) {
    this.#options = options;
    this.#facts = facts;
    this.#film = film;
    this.#filmEvery = options.filmEvery ?? Math.max(1, Math.ceil(facts.iterations / MOST_FRAMES));
  }

  /** @throws {FileError} the film cannot be begun. */
  static async open(options: RecordOptions, facts: RunFacts): Promise<RunRecord> {
    const { film, overwrite } = options;
    const { width, height } = facts;
    const opened =
      film === undefined
        ? undefined
        : await openFilm(film, { width, height, rate: FRAMES_PER_SECOND, overwrite });
    return new RunRecord(options, facts, opened);
  }

  /** Notes an iteration; writes its snapshot and its frame where they are due. */
  async add(progress: OptimizeProgress): Promise<void> {
    const { picture: _, iterations: __, weights, ...line } = progress;
    this.#weights = weights;
    this.lines.push(line);
    const { iteration } = line;
    const { snapshots } = this.#options;
    if (snapshots !== undefined && iteration % snapshots === 0)
      await this.#kept(() => this.#snapshot(progress));
    // A scale begins with the last iteration of the previous one.
    if (iteration % this.#filmEvery === 0 && iteration !== this.#lastFrame) {
      this.#lastFrame = iteration;
      await this.#frame(progress.picture());
    }
  }

  /**
   * Ends film, plot and trace. @param last the result, the film's last frame. @param trace its further members besides the
   * iterations.
   */
  async finish(last: Picture, trace: Readonly<Record<string, unknown>>): Promise<void> {
    const { plot, trace: tracePath, overwrite } = this.#options;
    await this.#frame(last);
    await this.#kept(async () => this.#film?.finish());
    if (plot !== undefined) await this.#kept(() => this.#plot(plot));
    if (tracePath !== undefined) {
      const text = `${JSON.stringify({ ...trace, trace: this.lines }, null, 1)}\n`;
      await this.#kept(() => writeFileAtomically(tracePath, text, { overwrite }));
    }
  }

  /** What could not be written, if anything: thrown once all else is. */
  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Leaves nothing of a film that is not finished. Idempotent. */
  async discard(): Promise<void> {
    await this.#film?.discard();
  }

  async #snapshot({ iteration, picture }: OptimizeProgress): Promise<void> {
    const { out, quality } = this.#options;
    const name = `${String(iteration).padStart(5, '0')}${out === undefined ? '.png' : extname(out)}`;
    await writePicture(join(snapshotFolderOf(this.#options), name), picture(), {
      overwrite: true,
      ...(quality !== undefined && { quality }),
    });
  }

  async #frame(picture: Parameters<typeof resizePicture>[0]): Promise<void> {
    if (this.#film === undefined) return;
    const { width, height } = this.#facts;
    await this.#kept(async () => this.#film?.add(await resizePicture(picture, width, height)));
  }

  async #plot(path: string): Promise<void> {
    const { title } = this.#facts;
    const curves = lossCurves(this.lines, this.#weights);
    const svg = linePlot({ title, xLabel: 'iteration', yLabel: 'loss', curves });
    const { overwrite } = this.#options;
    if (extname(path).toLowerCase() === '.svg') return writeFileAtomically(path, svg, { overwrite });
    const { drawSvg } = await import('../../data/contact-sheet.ts');
    return writePicture(path, await drawSvg(svg, 2), { overwrite });
  }

  /** Does what may fail; after a film's failure no frame is added any more. */
  async #kept(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#failure ??= error;
      const film = this.#film;
      this.#film = undefined;
      await film?.discard();
    }
  }
}

/**
 * The loss terms of a run over its iterations: the total, and each weighted term that is not always 0.
 *
 * @param weights of the terms that have one.
 */
function lossCurves(lines: readonly TraceLine[], weights: OptimizeProgress['weights']): Curve[] {
  const x = lines.map(({ iteration }) => iteration);
  const terms = Object.entries(weights).map(([term, weight]) => ({
    name: weight === 1 ? term : `${weight} · ${term}`,
    x,
    y: lines.map(({ terms: values }) => weight * (values as Readonly<Record<string, number>>)[term]!),
  }));
  const total = { name: 'total', x, y: lines.map((line) => line.total), strong: true };
  return [total, ...terms.filter(({ y }) => y.some((value) => value > 0))];
}
