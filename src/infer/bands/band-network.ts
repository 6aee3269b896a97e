import type { Precision } from '../../engine/compile/compile.ts';
import type { Layer } from '../../networks/architecture.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import type { PixelRows, Samples } from '../../picture.ts';
import { BandRun, type BandRunOptions } from './band-run.ts';
import {
  compileStage,
  formKey,
  type RowFormat,
  type StageForm,
  type StageFunction,
} from './stage-function.ts';
import { StageParameters } from './stage-parameters.ts';
import { type NetworkStage, stagesOf } from './stages.ts';

/**
 * An image transform net that paints a picture band by band. Each convolution passes over the whole picture before the
 * next begins, and its result's statistics are gathered on the way; so every normalisation is by the statistics of the
 * whole picture, and what comes out is what the net gives in one piece.
 */
export class BandNetwork {
  readonly stages: readonly NetworkStage[];
  readonly parameters: readonly StageParameters[];
  /** How rows of as many channels are kept between passes. */
  readonly formatOf: (channels: number) => RowFormat;
  readonly #precision: Precision;
  readonly #functions = new Map<string, StageFunction>();

  constructor(layers: readonly Layer[], parameters: readonly NamedArray[], precision: Precision) {
    this.stages = stagesOf(layers);
    const byName = new Map(parameters.map((array) => [array.name, array]));
    this.parameters = this.stages.map((stage) => new StageParameters(stage, byName));
    const halves = suitHalves(parameters);
    this.formatOf = (channels) => (halves && channels % 2 === 0 ? 'halves' : 'float');
    this.#precision = precision;
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
    for (const one of this.parameters) one.dispose();
  }
}

/** How many standard deviations from the mean the largest values are taken to lie. */
const FARTHEST = 64;
/** A quarter of the range of halves. */
const LARGEST = 16384;

/** Whether all that is kept stays well within the range of half precision, by the scales and offsets of the weights. */
function suitHalves(parameters: readonly NamedArray[]): boolean {
  const largest = parameters.map(({ name, values }) => {
    const most = values.reduce((found, value) => Math.max(found, Math.abs(value)), 0);
    if (name.endsWith('.scale')) return most * FARTHEST;
    return name.endsWith('.offset') ? most : 0;
  });
  return largest.reduce((sum, value) => sum + value, 0) < LARGEST;
}
