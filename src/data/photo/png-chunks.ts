/** What a PNG file says before its pixels and libvips passes over: colours without a profile, and animation. */
import type { Chromaticities, CodedColours } from '../coded-colours.ts';
import { type ReadAt, readingParts, viewOf } from '../read-at.ts';

export interface PngNotes {
  readonly coded?: CodedColours;
  /** The codes take precedence over a profile that is there, too. */
  readonly isAboveProfile: boolean;
  /** Frames of an animation; 1 for a still picture. */
  readonly frames: number;
}

/** More before the pixels than this is no picture's. */
const MOST_CHUNKS = 1000;

/** Reads chunks up to the pixels (W3C, 'Portable Network Graphics', 3rd edition, §5.3 and §11.3); malformed ones say nothing. */
export function readPngNotes(content: string | Uint8Array): PngNotes {
  const chunks = readingParts(content, chunksOf);
  const codes = chunks.get('cICP');
  const animation = chunks.get('acTL');
  const frames = animation?.length === 8 ? Math.max(1, viewOf(animation).getUint32(0)) : 1;
  if (codes?.length === 4) {
    const coded = { primaries: codes[0]!, transfer: codes[1]!, narrow: codes[3] === 0 };
    return { coded, isAboveProfile: true, frames };
  }
  const isNamed = chunks.has('iCCP') || chunks.has('sRGB');
  const coded = isNamed ? undefined : measured(chunks.get('gAMA'), chunks.get('cHRM'));
  return { ...(coded && { coded }), isAboveProfile: false, frames };
}

const WANTED: Readonly<Record<string, number>> = { cICP: 4, gAMA: 4, cHRM: 32, acTL: 8, iCCP: 0, sRGB: 0 };

function chunksOf(read: ReadAt): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  try {
    for (let at = 8, count = 0; count < MOST_CHUNKS; count++) {
      const head = viewOf(read(at, 8));
      const length = head.getUint32(0);
      const type = Buffer.from(read(at + 4, 4)).toString('latin1');
      if (type === 'IDAT') return found;
      const wanted = WANTED[type];
      if (wanted !== undefined && (wanted === 0 || wanted === length) && !found.has(type))
        found.set(type, Uint8Array.from(read(at + 8, wanted)));
      at += 12 + length;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the decoder reports that it is truncated
  }
  return found;
}

/** gAMA is the exponent of the encoding, both are in 100,000ths. */
function measured(gamma: Uint8Array | undefined, places: Uint8Array | undefined): CodedColours | undefined {
  const encoding = gamma === undefined ? 0 : viewOf(gamma).getUint32(0) / 100_000;
  const isPossible = encoding > 0.05 && encoding < 20;
  const chromaticities = places && chromaticitiesOf(places);
  if (!isPossible && chromaticities === undefined) return undefined;
  return {
    primaries: chromaticities ?? 1,
    transfer: isPossible ? { exponent: 1 / encoding } : 13,
  };
}

/** White comes first in the chunk. Primaries that span nothing are none. */
function chromaticitiesOf(chunk: Uint8Array): Chromaticities | undefined {
  const view = viewOf(chunk);
  const at = (i: number) => view.getUint32(4 * i) / 100_000;
  const [wx, wy, rx, ry, gx, gy, bx, by] = Array.from({ length: 8 }, (_, i) => at(i)) as [
    ...[number, number, number, number, number, number, number, number],
  ];
  const area = Math.abs((gx - rx) * (by - ry) - (bx - rx) * (gy - ry)) / 2;
  const isPossible = [wy, ry, gy, by].every((y) => y > 0.001) && [wx, rx, gx, bx].every((x) => x < 1.5);
  return isPossible && area > 0.01 ? [rx, ry, gx, gy, bx, by, wx, wy] : undefined;
}
