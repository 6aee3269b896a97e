import { EPSILON } from '../engine/ops/constants.ts';
import { partInputs, STAGE_OUTPUTS, WITHIN, writeStage } from '../export/onnx/stage-model.ts';
import { ImageStatistics } from '../infer/bands/image-statistics.ts';
import { keptBytes } from '../infer/bands/kept-bytes.ts';
import { isWithin, lowestRow } from '../infer/bands/mirrored.ts';
import {
  activationParts,
  lastReaders,
  type NetworkStage,
  type Rows,
  resultSizes,
  rowsRead,
  sourceKey,
  stagesOf,
} from '../infer/bands/stages.ts';
import type { Layer } from '../networks/architecture.ts';
import type { NamedArray } from '../networks/safetensors.ts';
import type { PictureSize, PixelRows } from '../picture.ts';
import { PicturePlanes, type PlanarRows, RowChunks } from './row-chunks.ts';
import { type ModelRunner, modelOf, type OnnxSession, openSession } from './runtime.ts';

export interface BandOptions {
  /** Of the strokes (`withAmount`), 0 to 1. */
  readonly amount: number;
  /** Called before each band; throws to give up. Waits as long as others may have their turn. */
  readonly turn: () => Promise<void>;
  /** @param share of the work done, 0 to 1. */
  readonly onProgress: (share: number) => void;
}

const NOTHING_RECOMPUTED: ReadonlySet<number> = new Set();
const FLOAT = 4;

/** What normalises the result of a stage, [C] each. */
interface Normalization {
  readonly mean: Float32Array;
  readonly factor: Float32Array;
  readonly offset: Float32Array;
}

/**
 * Paints pictures that are too large for one piece: each convolution passes over the whole picture in bands before the next begins,
 * as `BandNetwork` of src/infer has it, so every normalisation is by the statistics of the whole picture and no seam can appear.
 * Results are kept in float32, outside WebAssembly's memory.
 */
export class BandPainter {
  readonly #runner: ModelRunner;
  readonly #bandBytes: number;
  readonly #stages: readonly NetworkStage[];
  readonly #parameters: ReadonlyMap<string, NamedArray>;
  readonly #sessions = new Map<number, OnnxSession>();

  /** @param bandBytes that the largest tensor of a band takes. */
  constructor(
    runner: ModelRunner,
    layers: readonly Layer[],
    parameters: readonly NamedArray[],
    bandBytes: number,
  ) {
    this.#runner = runner;
    this.#bandBytes = bandBytes;
    this.#stages = stagesOf(layers);
    this.#parameters = new Map(parameters.map((array) => [array.name, array]));
  }

  /** Bytes that results between stages take at the fullest time, with a band of each. */
  bytes(picture: PictureSize): number {
    const sizes = resultSizes(this.#stages, picture);
    return keptBytes(this.#stages, sizes, NOTHING_RECOMPUTED, () => FLOAT) + 4 * this.#bandBytes;
  }

  /** @param write takes painted rows from the top, [rows, width, 3], in [0, 255] with fractions. Their sides may be rounded up. */
  async paint(
    picture: PixelRows,
    write: (rows: Float32Array, width: number) => void,
    { amount, turn, onProgress }: BandOptions,
  ): Promise<void> {
    const stages = this.#stages;
    const sizes = resultSizes(stages, picture);
    const readers = lastReaders(stages, NOTHING_RECOMPUTED);
    const sources = new Map<string, PlanarRows>([['picture', new PicturePlanes(picture)]]);
    const normalizations = new Map<number, Normalization>();
    const costs = stages.map((_, i) => this.#cost(i, sizes[i]!));
    const work = costs.reduce((sum, cost) => sum + cost);
    let done = 0;

    for (const [i, stage] of stages.entries()) {
      const { height, width } = sizes[i]!;
      const isColours = stage.kind === 'colours';
      const mode = stage.kind === 'up' ? 'SYMMETRIC' : 'REFLECT';
      const session = await this.#session(i);
      const statistics = new ImageStatistics(stage.to);
      const result = isColours ? undefined : new RowChunks(sizes[i]!, stage.to);
      const kept = stage.keepsInput ? new RowChunks(sizes[i]!, stage.from) : undefined;
      const parts = activationParts(stage.input).map((part) => ({
        source: sources.get(sourceKey(part))!,
        normalization: part.kind === 'rectified' ? normalizations.get(part.stage)! : undefined,
        isLast: readers.get(sourceKey(part))?.stage === i && readers.get(sourceKey(part))?.times === 1,
      }));
      for (const rows of bands(height, this.#bandRows(i, width))) {
        await turn();
        const read = rowsRead(stage, rows);
        const feeds = { ...this.#feeds(parts, read, mode), ...this.#within(stage, read, parts[0]!.source) };
        const outputs = await session.run(feeds);
        if (isColours) write(outputs[STAGE_OUTPUTS.colours]!.data, width);
        else {
          result?.append(outputs[STAGE_OUTPUTS.result]!.data);
          kept?.append(outputs[STAGE_OUTPUTS.kept]!.data);
          addMoments(statistics, (rows.to - rows.from) * width, outputs);
        }
        const next = { from: rows.to, to: Math.min(height, rows.to + 1) };
        for (const { source, isLast } of parts)
          if (isLast && rows.to < height)
            source.release(lowestRow(rowsRead(stage, even(next)), source.height, mode));
        done += (costs[i]! * (rows.to - rows.from)) / height;
        onProgress(Math.min(1, done / work));
      }
      if (result !== undefined) {
        sources.set(`raw ${i}`, result);
        normalizations.set(i, this.#normalization(stage, statistics, amount));
      }
      if (kept !== undefined) sources.set(`kept ${i}`, kept);
      for (const [key, { stage: last }] of readers) if (last === i) sources.delete(key);
    }
  }

  async dispose(): Promise<void> {
    const open = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of open) await session.release();
  }

  async #session(i: number): Promise<OnnxSession> {
    const known = this.#sessions.get(i);
    if (known !== undefined) return known;
    const stage = this.#stages[i]!;
    const model = modelOf(writeStage(stage, this.#parameters), stage.name);
    const session = await openSession(this.#runner, model);
    this.#sessions.set(i, session);
    return session;
  }

  #feeds(
    parts: readonly { readonly source: PlanarRows; readonly normalization: Normalization | undefined }[],
    read: Rows,
    mode: 'REFLECT' | 'SYMMETRIC',
  ): Record<string, object> {
    const { Tensor } = this.#runner.runtime;
    const feeds: Record<string, object> = {};
    for (const [part, { source, normalization }] of parts.entries()) {
      const names = partInputs(part);
      const { channels, width } = source;
      const shape = [1, channels, read.to - read.from, width];
      feeds[names.rows] = new Tensor('float32', source.read(read, mode), shape);
      if (normalization === undefined) continue;
      for (const key of ['mean', 'factor', 'offset'] as const)
        feeds[names[key]] = new Tensor('float32', normalization[key], [1, channels, 1, 1]);
    }
    return feeds;
  }

  /** Where zeros lie beyond the border: which rows are within it. */
  #within({ border }: NetworkStage, { from, to }: Rows, { height }: PlanarRows): Record<string, object> {
    if (border !== 'zero') return {};
    const inside = Float32Array.from({ length: to - from }, (_, i) => isWithin(from + i, height));
    return { [WITHIN]: new this.#runner.runtime.Tensor('float32', inside, [1, 1, to - from, 1]) };
  }

  /** z = γ · (x − μ) / √(σ² + ε) + β; the amount weighs what a residual block adds (`withAmount`). */
  #normalization({ name }: NetworkStage, { mean, variance }: ImageStatistics, amount: number): Normalization {
    const share = name.endsWith('.second') ? amount : 1;
    const { values: scale } = this.#parameters.get(`${name}.scale`)!;
    const { values: offset } = this.#parameters.get(`${name}.offset`)!;
    return {
      mean,
      factor: scale.map((value, c) => (share * value) / Math.sqrt(variance[c]! + EPSILON)),
      offset: offset.map((value) => share * value),
    };
  }

  /** Rows of a stage's result in one band; even, as enlargement gives two at a time. */
  #bandRows(i: number, width: number): number {
    const { kind, from, to } = this.#stages[i]!;
    // The enlarging convolution's input is a quarter, the halving one's four times as large as its result.
    const read = kind === 'up' ? from / 4 : kind === 'down' ? 4 * from : from;
    return Math.max(2, 2 * Math.floor(this.#bandBytes / FLOAT / (width * Math.max(read, to)) / 2));
  }

  /** Multiplications. */
  #cost(i: number, { height, width }: PictureSize): number {
    const { kernel, from, to } = this.#stages[i]!;
    return kernel ** 2 * from * to * height * width;
  }
}

function* bands(height: number, rows: number): Generator<Rows> {
  for (let from = 0; from < height; from += rows) yield { from, to: Math.min(height, from + rows) };
}

function even({ from, to }: Rows): Rows {
  return { from, to: from + 2 * Math.ceil((to - from) / 2) };
}

function addMoments(
  statistics: ImageStatistics,
  pixels: number,
  outputs: Readonly<Record<string, { readonly data: Float32Array }>>,
): void {
  const { data: mean } = outputs[STAGE_OUTPUTS.mean]!;
  const { data: variance } = outputs[STAGE_OUTPUTS.variance]!;
  // Theirs is divided by the number of pixels, the sum wants it divided by one less.
  const spread = pixels > 1 ? pixels / (pixels - 1) : 0;
  statistics.add(
    pixels,
    mean,
    variance.map((value) => value * spread),
  );
}
