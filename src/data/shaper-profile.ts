/** Colours of 16 bit by matrix profiles (ICC.1:2022, annex F.3), exactly: libvips would take them through other spaces. */

/** A profile of three curves and a matrix, or of one curve for grey. */
export interface ShaperProfile {
  /** Tone curves, from a sample in [0, 1] to linear light in [0, 1]; three, or one for grey. */
  readonly curves: readonly ((sample: number) => number)[];
  /** Linear RGB to XYZ by D50, rows of 3; absent for grey. */
  readonly matrix?: readonly number[];
}

/**
 * Reads a profile that is made of curves and a matrix, as those of cameras, screens and working spaces are.
 *
 * @returns undefined where colours go by tables instead, or through Lab, or where it is malformed.
 */
export function shaperProfile(icc: Uint8Array): ShaperProfile | undefined {
  try {
    return read(Buffer.from(icc.buffer, icc.byteOffset, icc.byteLength));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function read(icc: Buffer): ShaperProfile | undefined {
  const space = icc.toString('latin1', 16, 20);
  if (icc.toString('latin1', 20, 24) !== 'XYZ ') return undefined;
  const tags = new Map<string, Buffer>();
  const count = icc.readUInt32BE(128);
  for (let i = 0, at = 132; i < count; i++, at += 12) {
    const [offset, size] = [icc.readUInt32BE(at + 4), icc.readUInt32BE(at + 8)];
    tags.set(icc.toString('latin1', at, at + 4), icc.subarray(offset, offset + size));
  }
  // Where a profile has tables too, they are what it means (ICC.1:2022, §9.2).
  if (tags.has('A2B0') || tags.has('D2B0')) return undefined;
  const names = space === 'RGB ' ? ['r', 'g', 'b'] : space === 'GRAY' ? ['k'] : [];
  const curves = names.map((name) => toneCurve(tags.get(`${name}TRC`)));
  if (curves.length === 0 || curves.some((curve) => curve === undefined)) return undefined;
  const known = curves as ((sample: number) => number)[];
  if (space === 'GRAY') return { curves: known };
  const columns = names.map((name) => tags.get(`${name}XYZ`));
  if (columns.some((column) => column === undefined)) return undefined;
  const matrix = [0, 1, 2].flatMap((row) => columns.map((column) => fixed(column!, 8 + 4 * row)));
  return { curves: known, matrix };
}

/** s15Fixed16Number. */
const fixed = (bytes: Buffer, at: number) => bytes.readInt32BE(at) / 65536;

/** curveType and parametricCurveType (ICC.1:2022, §10.6 and §10.18). */
function toneCurve(tag: Buffer | undefined): ((sample: number) => number) | undefined {
  const kind = tag?.toString('latin1', 0, 4);
  if (tag === undefined || (kind !== 'curv' && kind !== 'para')) return undefined;
  if (kind === 'para') return parametric(tag);
  const count = tag.readUInt32BE(8);
  if (count === 0) return (sample) => sample;
  if (count === 1) return power(tag.readUInt16BE(12) / 256);
  const table = Float64Array.from({ length: count }, (_, i) => tag.readUInt16BE(12 + 2 * i) / 65535);
  return (sample) => {
    const at = sample * (count - 1);
    const below = Math.min(count - 2, Math.floor(at));
    return table[below]! + (at - below) * (table[below + 1]! - table[below]!);
  };
}

const power = (gamma: number) => (sample: number) => sample ** gamma;

function parametric(tag: Buffer): ((sample: number) => number) | undefined {
  const kind = tag.readUInt16BE(8);
  const counts = [1, 3, 4, 5, 7];
  if (kind >= counts.length) return undefined;
  const [g = 1, a = 1, b = 0, c = 0, d, e = 0, f = 0] = Array.from({ length: counts[kind]! }, (_, i) =>
    fixed(tag, 12 + 4 * i),
  );
  const from = (base: number) => Math.max(0, base) ** g;
  if (kind === 0) return power(g);
  if (kind === 1) return (x) => (x >= -b / a ? from(a * x + b) : 0);
  if (kind === 2) return (x) => (x >= -b / a ? from(a * x + b) : 0) + c;
  return (x) => (x >= (d ?? 0) ? from(a * x + b) + e : c * x + f);
}
