/** Cameras' raw files: known by what they hold, so that their small previews are not taken for the photo. */
import { extname } from 'node:path';
import { ImageError } from '../../system/errors.ts';
import type { TiffField } from './tiff-scan.ts';

const DNG_VERSION = 50706;
const [COMPRESSION, PHOTOMETRIC, MAKE] = [259, 262, 271];
/** Samples behind a sensor's colour filters, and such as have been brought to three channels (DNG 1.7, chapter 4). */
const SENSOR: ReadonlySet<number> = new Set([32803, 34892]);
/** Nikon's, Sony's, packed samples, Samsung's two, Kodak's, Pentax's. */
const COMPRESSIONS: ReadonlySet<number> = new Set([34713, 32767, 32769, 32770, 32772, 65000, 65535]);

const BY_MAKER: readonly (readonly [RegExp, string])[] = [
  [/^nikon/i, 'Nikon NEF'],
  [/^canon/i, 'Canon CR2'],
  [/^sony/i, 'Sony ARW'],
  [/^(pentax|ricoh|asahi)/i, 'Pentax PEF'],
  [/^samsung/i, 'Samsung SRW'],
  [/^hasselblad/i, 'Hasselblad 3FR'],
  [/^(phase one|leaf)/i, 'Phase One IIQ'],
  [/^epson/i, 'Epson ERF'],
  [/^(eastman )?kodak/i, 'Kodak DCR'],
  [/^mamiya/i, 'Mamiya MEF'],
  [/^leica/i, 'Leica RWL'],
];

/** Extensions of raw files that are TIFF structures. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  ...{
    nef: 'Nikon NEF',
    nrw: 'Nikon NRW',
    cr2: 'Canon CR2',
    arw: 'Sony ARW',
    sr2: 'Sony SR2',
    srf: 'Sony SRF',
  },
  ...{ pef: 'Pentax PEF', srw: 'Samsung SRW', '3fr': 'Hasselblad 3FR', fff: 'Hasselblad FFF', dng: 'DNG' },
  ...{
    iiq: 'Phase One IIQ',
    mos: 'Leaf MOS',
    erf: 'Epson ERF',
    dcr: 'Kodak DCR',
    kdc: 'Kodak KDC',
    mef: 'Mamiya MEF',
  },
  ...{ rwl: 'Leica RWL', gpr: 'GoPro GPR' },
};

/** Beginnings of raw files that are no TIFF structures, or have a number of their own. */
const BEGINNINGS: readonly { readonly at: number; readonly bytes: string; readonly kind: string }[] = [
  { at: 4, bytes: 'ftypcrx ', kind: 'Canon CR3' },
  { at: 6, bytes: 'HEAPCCDR', kind: 'Canon CRW' },
  { at: 8, bytes: 'CR\x02', kind: 'Canon CR2' },
  { at: 8, bytes: '\xba\xb0\xac\xbb', kind: 'Canon CR2' },
  { at: 0, bytes: 'FUJIFILMCCD-RAW', kind: 'Fujifilm RAF' },
  { at: 0, bytes: 'IIRO', kind: 'Olympus ORF' },
  { at: 0, bytes: 'IIRS', kind: 'Olympus ORF' },
  { at: 0, bytes: 'MMOR', kind: 'Olympus ORF' },
  { at: 0, bytes: 'IIU\0', kind: 'Panasonic RW2' },
  { at: 0, bytes: 'FOVb', kind: 'Sigma X3F' },
  { at: 0, bytes: '\0MRM', kind: 'Minolta MRW' },
];

/** The kind of a raw file by its first bytes (`MAGIC_BYTES` of them). */
export function rawKindOfBytes(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 32)).toString('latin1');
  return BEGINNINGS.find(({ at, bytes }) => text.startsWith(bytes, at))?.kind;
}

/**
 * The kind of a raw file that is a TIFF structure.
 *
 * @param directories all of the file: the first is often that of a preview. @param name of the file; its extension decides where nothing else does.
 */
export function rawKindOfTiff(
  directories: readonly (readonly TiffField[])[],
  name: string,
): string | undefined {
  const [first = []] = directories;
  if (first.some(({ tag }) => tag === DNG_VERSION)) return 'DNG';
  const byExtension = BY_EXTENSION[extname(name).slice(1).toLowerCase()];
  const isSensor = directories.some((fields) =>
    fields.some(
      ({ tag, value }) =>
        (tag === PHOTOMETRIC && SENSOR.has(value)) || (tag === COMPRESSION && COMPRESSIONS.has(value)),
    ),
  );
  if (!isSensor) return byExtension;
  const make = first.find(({ tag }) => tag === MAKE)?.text ?? '';
  return byExtension ?? BY_MAKER.find(([pattern]) => pattern.test(make))?.[1] ?? 'camera raw';
}

/** What is said of a raw file of a kind. */
export function rawRefused(kind: string, name: string): ImageError {
  const named = kind === 'camera raw' ? 'a raw file of a camera' : `a raw file of a camera (${kind})`;
  return new ImageError(
    `${name} is ${named}, which is not read; develop it to JPEG, TIFF or PNG in a raw converter, and give that.`,
  );
}
