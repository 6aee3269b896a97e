/** Colour profiles of curves and a matrix (ICC.1:2022), as files of photos carry them. */

export type ToneCurve = { readonly gamma: number } | { readonly table: readonly number[] } | SrgbCurve;
/** A parametric curve of type 3: (a x + b)^g from d on, c x below. */
interface SrgbCurve {
  readonly parametric: readonly [g: number, a: number, b: number, c: number, d: number];
}

/** Columns of Adobe RGB (1998) and of ROMM RGB, XYZ by D50. */
export const ADOBE_RGB = [
  [0.60974, 0.31111, 0.01947],
  [0.20528, 0.62567, 0.06087],
  [0.14919, 0.06322, 0.74457],
] as const;
export const ROMM_RGB = [
  [0.79767, 0.28804, 0],
  [0.13519, 0.71188, 0],
  [0.03135, 0.00009, 0.82491],
] as const;

/** @param columns of red, green and blue; a profile for grey has none. */
export function matrixProfile(
  curve: ToneCurve,
  columns: readonly (readonly [number, number, number])[] = [],
): Buffer {
  const isGrey = columns.length === 0;
  const tags: [string, Buffer][] = [
    ['desc', Buffer.concat([Buffer.from('desc\0\0\0\0\0\0\0\x05Test\0', 'latin1'), Buffer.alloc(78)])],
    ['cprt', Buffer.from('text\0\0\0\0none\0', 'latin1')],
    ['wtpt', xyz([0.9642, 1, 0.8249])],
    ...(isGrey ? ['k'] : ['r', 'g', 'b']).map((name): [string, Buffer] => [`${name}TRC`, curveTag(curve)]),
    ...columns.map((column, i): [string, Buffer] => [`${'rgb'[i]}XYZ`, xyz(column)]),
  ];
  const header = Buffer.alloc(128);
  header.writeUInt32BE(0x02400000, 8);
  header.write(`mntr${isGrey ? 'GRAY' : 'RGB '}XYZ `, 12, 'latin1');
  header.write('acsp', 36, 'latin1');
  xyz([0.9642, 1, 0.8249]).copy(header, 68, 8);
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length, 0);
  const parts: Buffer[] = [];
  let at = 128 + table.length;
  for (const [i, [name, data]] of tags.entries()) {
    table.write(name, 4 + 12 * i, 'latin1');
    table.writeUInt32BE(at, 8 + 12 * i);
    table.writeUInt32BE(data.length, 12 + 12 * i);
    const padded = Buffer.concat([data, Buffer.alloc(-data.length & 3)]);
    parts.push(padded);
    at += padded.length;
  }
  header.writeUInt32BE(at, 0);
  return Buffer.concat([header, table, ...parts]);
}

function xyz(values: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from('XYZ \0\0\0\0', 'latin1'), ...values.map(fixed)]);
}

function fixed(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(Math.round(value * 65536));
  return bytes;
}

function curveTag(curve: ToneCurve): Buffer {
  if ('parametric' in curve) {
    return Buffer.concat([Buffer.from('para\0\0\0\0\0\x03\0\0', 'latin1'), ...curve.parametric.map(fixed)]);
  }
  const values =
    'gamma' in curve ? [Math.round(curve.gamma * 256)] : curve.table.map((v) => Math.round(v * 65535));
  const bytes = Buffer.alloc(12 + 2 * values.length);
  bytes.write('curv', 0, 'latin1');
  bytes.writeUInt32BE(values.length, 8);
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, 12 + 2 * i);
  return bytes;
}
