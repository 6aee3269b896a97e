import { hasAvx512 } from '../../engine/processor-flags.ts';
import type { PictureSize } from '../../picture.ts';
import { availableMemory } from '../../system/available-memory.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { type BytesPerValue, keptBytes, spilledBytes } from './kept-bytes.ts';
import { type NetworkStage, recomputedStages, resultSizes } from './stages.ts';

/**
 * Where a picture's intermediate results lie: in one piece, in bands in memory, in bands in temporary files; or in bands that go
 * through the whole network one by one, with statistics of samples.
 */
export type Placement = 'untiled' | 'tiled' | 'spilled' | 'sampled';

export interface MemoryPlan {
  readonly placement: Placement;
  /** Largest resident size of the process that is to be expected, in bytes. */
  readonly peak: number;
  /** Room in temporary files, in bytes, without the pictures'. */
  readonly spilled: number;
  /** Stages whose result is computed again where it is read. */
  readonly recomputed: ReadonlySet<number>;
  /** Rows of a stage's result in one band. */
  readonly bandRows: (stage: number) => number;
}

/**
 * Bytes that the largest tensor of a band takes, where there is room and where there is little. Still larger ones are not
 * faster; smaller ones have more borders.
 */
const [LARGE_BAND, SMALL_BAND] = [16 * 2 ** 20, 8 * 2 ** 20];
/** How many such tensors a band's work holds at once: padded, normalised, convolved, packed, joined. Measured. */
const TENSORS_PER_BAND = 9;
/** What compiling the stages and the libraries' own buffers add to the process, measured. */
export const COMPILED = 75 * 2 ** 20;
/** What is kept takes more than its bytes: gaps between bands that come and go. Measured. */
const WITH_GAPS = 1.1;
/**
 * Untiled: the input and the result of a layer, each with a padded or normalised copy; without AVX-512 each in the blocked layout that
 * convolutions want then, too. Measured: 2 on a Xeon, 2.7 on an EPYC.
 */
const COPIES_UNTILED = hasAvx512() ? 2 : 3;
const FLOAT = 4;

/**
 * What painting a picture will take in each placement, cheapest in time first.
 *
 * @param bytesPerValue of what is kept, by its channels. @param resident bytes that the process takes before. @param bytesPerPixel
 *   of the picture itself.
 */
export function memoryPlans(
  stages: readonly NetworkStage[],
  picture: PictureSize,
  bytesPerValue: BytesPerValue,
  resident: number,
  bytesPerPixel = 3,
): readonly MemoryPlan[] {
  const sizes = resultSizes(stages, picture);
  const before = (i: number) => (i === 0 ? picture : sizes[i - 1]!);
  /** Of the largest tensor, per row of the result. */
  const rowBytes = (i: number) => {
    const { from, to } = stages[i]!;
    const input = (before(i).width * from * before(i).height) / sizes[i]!.height;
    return FLOAT * Math.max(input, sizes[i]!.width * to);
  };
  const kernelRows = (i: number) =>
    FLOAT * before(i).width * stages[i]!.from * (stages[i]!.kernel - 1) * COPIES_UNTILED;
  const inBands = (bandBytes: number) => {
    const bandRows = (i: number) => {
      const rows = Math.floor(bandBytes / rowBytes(i));
      return Math.max(2, Math.min(2 * Math.floor(rows / 2), 2 * Math.ceil(sizes[i]!.height / 2)));
    };
    const largest = stages.map(
      (_, i) => TENSORS_PER_BAND * Math.max(bandBytes, bandRows(i) * rowBytes(i)) + kernelRows(i),
    );
    return { bandRows, working: resident + COMPILED + Math.max(...largest) };
  };
  const pictures = 2 * picture.width * picture.height * bytesPerPixel;
  const tiled = (bandBytes: number, recomputed: ReadonlySet<number>): MemoryPlan => {
    const { bandRows, working } = inBands(bandBytes);
    const peak = working + WITH_GAPS * keptBytes(stages, sizes, recomputed, bytesPerValue);
    return { placement: 'tiled', peak, spilled: 0, recomputed, bandRows };
  };
  const recomputed = recomputedStages(stages);
  const { bandRows, working } = inBands(SMALL_BAND);
  return [
    {
      placement: 'untiled',
      peak: resident + COMPILED + untiledBytes(stages, picture) + 2 * pictures,
      spilled: 0,
      recomputed: new Set(),
      bandRows: (i) => sizes[i]!.height,
    },
    tiled(LARGE_BAND, new Set()),
    tiled(LARGE_BAND, recomputed),
    tiled(SMALL_BAND, recomputed),
    {
      placement: 'spilled',
      peak: working,
      spilled: spilledBytes(stages, sizes, recomputed, bytesPerValue),
      recomputed,
      bandRows,
    },
  ];
}

/** Bytes of the largest layer's work, with all of a picture in one piece. */
export function untiledBytes(stages: readonly NetworkStage[], picture: PictureSize): number {
  const sizes = resultSizes(stages, picture);
  const values = ({ width, height }: PictureSize, channels: number) => width * height * channels;
  const most = stages.map(
    ({ from, to }, i) => values(i === 0 ? picture : sizes[i - 1]!, from) + values(sizes[i]!, to),
  );
  return FLOAT * COPIES_UNTILED * Math.max(...most);
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/**
 * Bytes of '1GB', '1.5 GiB', '800M' or '900000000'; GB is 10⁹, GiB 2³⁰.
 *
 * @throws {ConfigError} it is no amount of memory.
 */
export function parseMemory(text: string): number {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?)b?\s*$/i.exec(text) ?? [];
  const scale = UNITS[unit?.toLowerCase() ?? '?'];
  const bytes = Number(number) * (scale ?? Number.NaN);
  if (bytes > 0) return bytes;
  throw new ConfigError(expected('an amount of memory for --memory', text, 'as 1GB or 800MiB'));
}

/** Bytes in words: 1.2 GB, 640 MB. */
export function showMemory(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}

/** A share of free memory is left to others and to errors of the estimate. */
const SHARE = 0.8;

/** Bytes that this process may take in all: what it has and most of the free memory, within its control group's limit. */
export function memoryAtHand(): number {
  return process.memoryUsage.rss() + SHARE * availableMemory();
}
