import { type BytesPerValue, keptBytes, spilledBytes } from './kept-bytes.ts';
import { resultSizes, type Size, type Stage } from './stages.ts';

/** Where a picture's intermediate results lie: in one piece, in bands in memory, in bands in temporary files. */
export type Placement = 'untiled' | 'tiled' | 'spilled';

export interface MemoryPlan {
  readonly placement: Placement;
  /** Largest resident size of the process that is to be expected, in bytes. */
  readonly peak: number;
  /** Room in temporary files, in bytes, without the pictures'. */
  readonly spilled: number;
  /** Rows of a stage's result in one band. */
  readonly bandRows: (stage: number) => number;
}

/** Bytes that the largest tensor of a band takes. Larger bands are not faster; smaller ones compute more twice. */
const BAND_BYTES = 8 * 2 ** 20;
/** How many such tensors a band's work holds at once: padded, normalised, convolved, packed, joined. Measured. */
const TENSORS_PER_BAND = 9;
/** What compiling the stages and the libraries' own buffers add to the process, measured. */
const COMPILED = 60 * 2 ** 20;
/** Untiled: the input and the result of a layer, each with a padded or normalised copy. Measured. */
const COPIES_UNTILED = 2;
const FLOAT = 4;

/**
 * What painting a picture will take in each placement, cheapest in time first.
 *
 * @param bytesPerValue of what is kept, by its channels. @param resident bytes that the process takes before.
 * @param bandBytes that the largest tensor of a band takes. Defaults to 8 MiB.
 */
export function memoryPlans(
  stages: readonly Stage[],
  picture: Size,
  bytesPerValue: BytesPerValue,
  resident: number,
  bandBytes = BAND_BYTES,
): readonly MemoryPlan[] {
  const sizes = resultSizes(stages, picture);
  const before = (i: number) => (i === 0 ? picture : sizes[i - 1]!);
  const values = ({ width, height }: Size, channels: number) => width * height * channels;
  const bandRows = (i: number) => {
    const rows = Math.floor(bandBytes / rowBytes(i));
    return Math.max(2, Math.min(2 * Math.floor(rows / 2), 2 * Math.ceil(sizes[i]!.height / 2)));
  };
  /** Of the largest tensor, per row of the result. */
  const rowBytes = (i: number) => {
    const { from, to } = stages[i]!;
    const input = (before(i).width * from * before(i).height) / sizes[i]!.height;
    return FLOAT * Math.max(input, sizes[i]!.width * to);
  };
  const kernelRows = (i: number) =>
    FLOAT * before(i).width * stages[i]!.from * (stages[i]!.kernel - 1) * COPIES_UNTILED;
  const largestBand = Math.max(
    ...stages.map(
      (_, i) => TENSORS_PER_BAND * Math.max(bandBytes, bandRows(i) * rowBytes(i)) + kernelRows(i),
    ),
  );
  const untiled = Math.max(
    ...stages.map(({ from, to }, i) => COPIES_UNTILED * (values(before(i), from) + values(sizes[i]!, to))),
  );
  const pictures = 2 * picture.width * picture.height * 3;
  const banded = resident + COMPILED + largestBand;
  return [
    {
      placement: 'untiled',
      peak: resident + COMPILED + FLOAT * untiled + 2 * pictures,
      spilled: 0,
      bandRows: (i) => sizes[i]!.height,
    },
    { placement: 'tiled', peak: banded + keptBytes(stages, sizes, bytesPerValue), spilled: 0, bandRows },
    { placement: 'spilled', peak: banded, spilled: spilledBytes(stages, sizes, bytesPerValue), bandRows },
  ];
}
