import type { Precision } from '../../engine/compile/compile.ts';
import { requireNumbers, toSamples } from '../../engine/samples.ts';
import * as tf from '../../engine/tensorflow.ts';
import type { Layer } from '../../networks/architecture.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import type { PixelRows, Samples } from '../../picture.ts';
import { ComputedRows } from './computed-rows.ts';
import { ImageStatistics } from './image-statistics.ts';
import { PictureRows, type RowSource, type RowStore } from './row-source.ts';
import {
  compileStage,
  formKey,
  type NormalizationTensors,
  type RowFormat,
  type StageForm,
  type StageFunction,
} from './stage-function.ts';
import { StageParameters } from './stage-parameters.ts';
import { type StagePart, StageRunner } from './stage-runner.ts';
import {
  activationParts,
  lastReaders,
  type NetworkStage,
  type Rows,
  resultSizes,
  sourceKey,
  stagesOf,
} from './stages.ts';

/**
 * An image transform net that paints a picture band by band. Each convolution passes over the whole picture before the
 * next begins, and its result's statistics are gathered on the way; so every normalisation is by the statistics of the
 * whole picture, and what comes out is what the net gives in one piece.
 */
export class BandNetwork {
  readonly stages: readonly NetworkStage[];
  /** How rows of as many channels are kept between passes. */
  readonly formatOf: (channels: number) => RowFormat;
  readonly #arrays: readonly NamedArray[];
  readonly #precision: Precision;
  readonly #functions = new Map<string, StageFunction>();
  #parameters: readonly StageParameters[] | undefined;

  constructor(layers: readonly Layer[], parameters: readonly NamedArray[], precision: Precision) {
    this.stages = stagesOf(layers);
    this.#arrays = parameters;
    const halves = suitHalves(parameters);
    this.formatOf = (channels) => (halves && channels % 2 === 0 ? 'halves' : 'float');
    this.#precision = precision;
  }

  /** Made when bands are first painted: most pictures need none, and only ask what bands would take. */
  get parameters(): readonly StageParameters[] {
    if (this.#parameters === undefined) {
      const byName = new Map(this.#arrays.map((array) => [array.name, array]));
      this.#parameters = this.stages.map((stage) => new StageParameters(stage, byName));
    }
    return this.#parameters;
  }

  /** The compiled function of a form; equal forms share one. */
  compiled(form: StageForm): StageFunction {
    const key = formKey(form);
    const known = this.#functions.get(key);
    if (known !== undefined) return known;
    const made = compileStage(form, this.#precision);
    this.#functions.set(key, made);
    return made;
  }

  /**
   * Paints a picture.
   *
   * @param write takes the painted rows from the top, [rows, width, 3], in as many bits as asked for; it may be asynchronous.
   * @throws {FileError} no room for temporary files.
   */
  async paint(
    picture: PixelRows,
    write: (rows: Samples) => void | Promise<void>,
    options: BandRunOptions,
  ): Promise<void> {
    const run = new BandRun(this, picture, options);
    try {
      await run.paint(write);
    } finally {
      run.dispose();
    }
  }

  dispose(): void {
    for (const work of this.#functions.values()) work.dispose();
    this.#functions.clear();
    for (const one of this.#parameters ?? []) one.dispose();
    this.#parameters = undefined;
  }
}

/** How many standard deviations from the mean the largest values are taken to lie. */
const FARTHEST = 64;
/** A quarter of the range of halves. */
const LARGEST = 16384;

/** Whether all that is kept stays well within the range of half precision, by the scales and offsets of the weights. */
function suitHalves(parameters: readonly NamedArray[]): boolean {
  const largestOf = (what: string) =>
    parameters
      .filter(({ name }) => name.endsWith(what))
      .reduce(
        (sum, { values }) => sum + values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
        0,
      );
  return largestOf('.scale') * FARTHEST + largestOf('.offset') < LARGEST;
}

interface BandRunOptions {
  /** Stages whose result is computed again where it is read, instead of kept (`recomputedStages`); none, or all of those. */
  readonly recomputed: ReadonlySet<number>;
  /** Rows of a stage's result in one band; an even number. */
  readonly bandRows: (stage: number) => number;
  /** Makes the place where a result of some height is kept. */
  readonly store: (height: number) => RowStore;
  /** Of each painted sample. Defaults to 8. */
  readonly bits?: 8 | 16;
  /** @param share of the work done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** One picture on its way through a `BandNetwork`. */
class BandRun {
  readonly #network: BandNetwork;
  readonly #picture: PixelRows;
  readonly #options: BandRunOptions;
  readonly #sizes: readonly { readonly height: number; readonly width: number }[];
  readonly #recomputed: ReadonlySet<number>;
  readonly #lastReaders: ReturnType<typeof lastReaders>;
  readonly #sources = new Map<string, RowSource>();
  readonly #normalizations = new Map<number, NormalizationTensors>();
  readonly #work: number;
  #done = 0;

  constructor(network: BandNetwork, picture: PixelRows, options: BandRunOptions) {
    this.#network = network;
    this.#picture = picture;
    this.#options = options;
    this.#sizes = resultSizes(network.stages, picture);
    this.#recomputed = options.recomputed;
    this.#lastReaders = lastReaders(network.stages, this.#recomputed);
    this.#sources.set('picture', new PictureRows(picture));
    this.#work = network.stages.reduce((sum, _, i) => sum + this.#cost(i), 0);
  }

  async paint(write: (rows: Samples) => void | Promise<void>): Promise<void> {
    const { stages } = this.#network;
    for (const [i, stage] of stages.entries()) {
      if (stage.kind === 'colours') await this.#paintColours(i, write);
      else await this.#pass(i);
      for (const [key, { stage: last }] of this.#lastReaders) {
        if (last === i) this.#drop(key);
      }
    }
  }

  dispose(): void {
    for (const key of [...this.#sources.keys()]) this.#drop(key);
    for (const { mean, variance } of this.#normalizations.values()) tf.dispose([mean, variance]);
    this.#normalizations.clear();
  }

  /** One convolution over the whole picture. */
  async #pass(i: number): Promise<void> {
    const stage = this.#network.stages[i]!;
    const { width } = this.#sizes[i]!;
    const onlyStatistics = this.#recomputed.has(i);
    const statistics = new ImageStatistics(stage.to);
    const runner = this.#runner(i, i, onlyStatistics ? 'statistics' : 'both');
    const result = onlyStatistics ? undefined : this.#newStore(`raw ${i}`, i);
    const kept = stage.keepsInput ? this.#newStore(`kept ${i}`, i) : undefined;
    for await (const band of this.#bands(i)) {
      const outputs = runner.run(band);
      result?.append(outputs.rows!);
      kept?.append(outputs.kept!);
      const { mean, variance } = outputs.moments!;
      statistics.add(
        (band.to - band.from) * width,
        mean.dataSync() as Float32Array,
        variance.dataSync() as Float32Array,
      );
      tf.dispose([mean, variance]);
      this.#release(runner, i, band);
    }
    this.#normalizations.set(i, this.#network.parameters[i]!.normalization(statistics));
    if (onlyStatistics) {
      // Its one reader is known: the sources are given up as that one goes on.
      const reader = this.#lastReaders.get(`raw ${i}`)!.stage;
      const { height } = this.#sizes[i]!;
      this.#sources.set(`raw ${i}`, new ComputedRows(height, this.#runner(i, reader, 'rows')));
    }
  }

  async #paintColours(i: number, write: (rows: Samples) => void | Promise<void>): Promise<void> {
    const { width, height } = this.#picture;
    const runner = this.#runner(i, i, 'rows');
    for await (const band of this.#bands(i)) {
      const colours = runner.run(band).rows!;
      // Halving rounds up, so an odd side comes back a little larger.
      const rows = Math.min(band.to, height) - band.from;
      const cropped =
        rows > 0 ? tf.slice(colours, [0, 0, 0, 0], [1, rows, width, 3]) : tf.zeros([1, 0, width, 3]);
      const values = cropped.dataSync();
      requireNumbers(values);
      tf.dispose([colours, cropped]);
      this.#release(runner, i, band);
      if (rows > 0) await write(toSamples(values, this.#options.bits ?? 8));
    }
  }

  async *#bands(i: number): AsyncGenerator<Rows> {
    const { height } = this.#sizes[i]!;
    const rows = this.#options.bandRows(i);
    for (let from = 0; from < height; from += rows) {
      const to = Math.min(height, from + rows);
      yield { from, to };
      this.#done += (this.#cost(i) * (to - from)) / height;
      this.#options.onProgress?.(Math.min(1, this.#done / this.#work));
      // Lets signals and timers through.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #release(runner: StageRunner, i: number, { to }: Rows): void {
    const { height } = this.#sizes[i]!;
    if (to < height) runner.release({ from: to, to: Math.min(height, to + this.#options.bandRows(i)) });
  }

  /** @param reader the stage that reads the result, or the stage itself: what is not needed beyond it is given up. */
  #runner(i: number, reader: number, asks: StageForm['asks']): StageRunner {
    const { stages, parameters } = this.#network;
    const stage = stages[i]!;
    const parts = activationParts(stage.input).map((part): StagePart => {
      const key = sourceKey(part);
      const last = this.#lastReaders.get(key);
      return {
        source: this.#sources.get(key)!,
        normalization: part.kind === 'rectified' ? this.#normalizations.get(part.stage)! : undefined,
        lastUse: last?.stage === reader && last.times === 1,
      };
    });
    const work = this.#network.compiled(this.#form(i, asks));
    return new StageRunner(stage, parts, parameters[i]!.convolution, work);
  }

  #form(i: number, asks: StageForm['asks']): StageForm {
    const { stages, formatOf } = this.#network;
    const stage = stages[i]!;
    const parts = activationParts(stage.input).map((part) => {
      if (part.kind === 'picture') return { channels: 3, format: 'float' as const };
      const source = stages[part.stage]!;
      if (part.kind === 'kept') return { channels: source.from, format: formatOf(source.from) };
      const isComputed = this.#recomputed.has(part.stage);
      return { channels: source.to, format: isComputed ? ('float' as const) : formatOf(source.to) };
    });
    const { height, width } = this.#sizes[i]!;
    return {
      stage,
      parts,
      asks,
      output: asks === 'both' ? formatOf(stage.to) : 'float',
      even: stage.kind === 'colours' && height % 2 === 0 && width % 2 === 0,
      ...(stage.keepsInput ? { kept: formatOf(stage.from) } : {}),
    };
  }

  #newStore(key: string, i: number): RowStore {
    const store = this.#options.store(this.#sizes[i]!.height);
    this.#sources.set(key, store);
    return store;
  }

  #drop(key: string): void {
    this.#sources.get(key)?.dispose();
    this.#sources.delete(key);
  }

  /** Multiplications, for the progress bar. */
  #cost(i: number): number {
    const { kind, kernel, from, to } = this.#network.stages[i]!;
    const { height, width } = this.#sizes[i]!;
    const times = this.#recomputed.has(i) ? 2 : 1;
    return times * kernel ** 2 * from * to * height * width * (kind === 'colours' ? 1.5 : 1);
  }
}
