import type { PictureSize } from '../../picture.ts';
import { activationParts, type NetworkStage } from './stages.ts';

/** 2 where rows are kept as halves, 4 where as they are. */
export type BytesPerValue = (channels: number) => number;

/** Bytes kept at the fullest time, when what is read is given up band by band as the next result grows. */
export function keptBytes(
  stages: readonly NetworkStage[],
  sizes: readonly PictureSize[],
  recomputed: ReadonlySet<number>,
  bytesPerValue: BytesPerValue,
): number {
  return fullest(
    stages,
    sizes,
    recomputed,
    bytesPerValue,
    (read, written, rest) => rest + Math.max(read, written),
  );
}

/** The same where what is read is given up as a whole. */
export function spilledBytes(
  stages: readonly NetworkStage[],
  sizes: readonly PictureSize[],
  recomputed: ReadonlySet<number>,
  bytesPerValue: BytesPerValue,
): number {
  return fullest(stages, sizes, recomputed, bytesPerValue, (read, written, rest) => rest + read + written);
}

function fullest(
  stages: readonly NetworkStage[],
  sizes: readonly PictureSize[],
  recomputed: ReadonlySet<number>,
  bytesPerValue: BytesPerValue,
  held: (read: number, written: number, rest: number) => number,
): number {
  const bytes = (i: number, channels: number) =>
    sizes[i]!.width * sizes[i]!.height * channels * bytesPerValue(channels);
  const isKept = (i: number) => !recomputed.has(i) && stages[i]!.kind !== 'colours';
  const size = (i: number) => (isKept(i) ? bytes(i, stages[i]!.to) : 0);
  const keptSize = (i: number) => (stages[i]!.keepsInput ? bytes(i, stages[i]!.from) : 0);
  const lastUse = (kind: 'rectified' | 'kept', source: number): number =>
    stages.reduce((last, { input }, i) => {
      const isRead = activationParts(input).some((part) => part.kind === kind && part.stage === source);
      return isRead ? (recomputed.has(i) ? Math.max(i, lastUse('rectified', i)) : i) : last;
    }, -1);
  let most = 0;
  stages.forEach((_, now) => {
    let [read, rest] = [0, 0];
    for (let source = 0; source < now; source++) {
      for (const [kind, bytes] of [
        ['rectified', size(source)],
        ['kept', keptSize(source)],
      ] as const) {
        const last = lastUse(kind, source);
        if (last === now) read += bytes;
        else if (last > now) rest += bytes;
      }
    }
    most = Math.max(most, held(read, size(now) + keptSize(now), rest));
  });
  return most;
}
