/**
 * TIFF files of CIE Lab colours (Adobe 1992, 'TIFF 6.0', §23), which libvips misreads in 8 bit and with alpha: libvips gets them as if they
 * are RGB, gives the samples as they are, and they are brought to sRGB here.
 */
import { type ColourConversion, conversionToSrgb } from '../linear-light.ts';
import { readBytesAt } from '../read-at.ts';
import { scanTiff, type TiffField } from './tiff-scan.ts';

const [PHOTOMETRIC, SAMPLES_PER_PIXEL, COMPRESSION] = [262, 277, 259];
const [RGB, CIELAB, ICCLAB] = [2, 8, 9];
/** Within these, colours are coded otherwise. */
const JPEG_COMPRESSION: ReadonlySet<number> = new Set([6, 7, 34712]);

export type LabKind = 'cie' | 'icc';

/** How a TIFF's Lab samples are to be read: a and b signed ('cie'), or from 128 on ('icc'); undefined where it has none. */
export function labKind(fields: readonly TiffField[]): LabKind | undefined {
  const value = (tag: number) => fields.find((field) => field.tag === tag)?.value;
  const photometric = value(PHOTOMETRIC);
  if (photometric !== CIELAB && photometric !== ICCLAB) return undefined;
  if ((value(SAMPLES_PER_PIXEL) ?? 1) < 3 || JPEG_COMPRESSION.has(value(COMPRESSION) ?? 1)) return undefined;
  return photometric === CIELAB ? 'cie' : 'icc';
}

/** The same file, which says that it is RGB. */
export function relabelled(tiff: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(tiff);
  for (const { tag, valueAt, little } of scanTiff(readBytesAt(tiff))[0] ?? []) {
    if (tag === PHOTOMETRIC) new DataView(copy.buffer).setUint16(valueAt, RGB, little);
  }
  return copy;
}

/** White of Lab is D50 (ICC.1:2022, §6.3.4.3), as in every editor of pictures. */
const WHITE = [0.9642, 1, 0.8249] as const;
/** XYZ by D50 to linear sRGB, adapted by Bradford (ICC's sRGB profile, inverted). */
const TO_SRGB = [
  ...[3.1338561, -1.6168667, -0.4906146],
  ...[-0.9787684, 1.9161415, 0.033454],
  ...[0.0719453, -0.2289914, 1.4052427],
];

/** Of samples as libvips gives them. */
export function labToSrgb(kind: LabKind): ColourConversion {
  const light = (deep: boolean) =>
    conversionToSrgb({ curves: [(sample) => sample], matrix: TO_SRGB, before: lab(kind, deep) });
  const [shallow, deep] = [light(false), light(true)];
  return (samples, channels) => (samples instanceof Uint16Array ? deep : shallow)(samples, channels);
}

/** L, a and b, each a share of its largest sample, to XYZ (CIE 15:2004, §8.2.1). */
function lab(kind: LabKind, deep: boolean): (light: Float64Array) => void {
  // ICC's Lab of 16 bit reaches a little beyond 100 (ICC.1:2022, §6.3.4.2).
  const most = deep && kind === 'icc' ? 100 * (65535 / 65280) : 100;
  const step = deep ? 65535 / 256 : 255;
  const signed = (share: number) => {
    const value = share * step;
    if (kind === 'icc') return value - 128;
    return value >= 128 ? value - 256 : value;
  };
  return (light) => {
    const y = (light[0]! * most + 16) / 116;
    const x = y + signed(light[1]!) / 500;
    const z = y - signed(light[2]!) / 200;
    light[0] = WHITE[0] * cubed(x);
    light[1] = WHITE[1] * cubed(y);
    light[2] = WHITE[2] * cubed(z);
  };
}

function cubed(value: number): number {
  return value > 6 / 29 ? value ** 3 : 3 * (6 / 29) ** 2 * (value - 4 / 29);
}
