/** What a painted picture takes over from its photo besides the pixels. */
import type { PictureSize } from '../../picture.ts';
import { paintedExif } from './exif.ts';
import type { PhotoMetadata } from './head.ts';
import { paintedXmp } from './xmp.ts';

/** Metadata as they are to be written. */
export interface KeptMetadata {
  /** A TIFF structure. */
  readonly exif?: Uint8Array;
  readonly xmp?: string;
  /** Bare IPTC-IIM. */
  readonly iptc?: Uint8Array;
  readonly density?: number;
}

/**
 * A photo's metadata for the picture painted after it: the orientation is upright, previews of the photo are gone.
 *
 * @param srgb whether the painted picture is written in sRGB. @returns with a line for each block that is malformed and left out.
 */
export function paintedMetadata(
  { exif, xmp, iptc, density }: PhotoMetadata,
  size: PictureSize,
  srgb: boolean,
): { readonly kept: KeptMetadata; readonly notes: readonly string[] } {
  const blocks = {
    exif: exif && paintedExif(exif, size, srgb),
    xmp: xmp && paintedXmp(xmp),
    iptc: iptc && bareIptc(iptc),
  };
  const given = { exif, xmp, iptc };
  const lost = (['exif', 'xmp', 'iptc'] as const).filter((key) => given[key] && blocks[key] === undefined);
  return {
    kept: Object.fromEntries(
      Object.entries({ ...blocks, density }).filter(([, value]) => value !== undefined),
    ),
    notes: lost.map((key) => `its ${key.toUpperCase()} block is malformed and left out`),
  };
}

const PHOTOSHOP = 'Photoshop 3.0\0';
const IPTC_RESOURCE = 0x0404;

/** IPTC-IIM out of Photoshop's image resources (Adobe, 'Photoshop File Formats', 2019), or as it is; else undefined. */
export function bareIptc(block: Uint8Array): Uint8Array | undefined {
  if (block[0] === 0x1c) return block;
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.length);
  const start = bytes.toString('latin1', 0, PHOTOSHOP.length) === PHOTOSHOP ? PHOTOSHOP.length : 0;
  for (let at = start; at + 12 <= bytes.length && bytes.toString('latin1', at, at + 4) === '8BIM'; ) {
    const named = bytes[at + 6]! + 1;
    const sizeAt = at + 6 + named + (named % 2);
    if (sizeAt + 4 > bytes.length) return undefined;
    const size = bytes.readUInt32BE(sizeAt);
    const from = sizeAt + 4;
    if (from + size > bytes.length) return undefined;
    if (bytes.readUInt16BE(at + 4) === IPTC_RESOURCE)
      return bytes[from] === 0x1c ? block.subarray(from, from + size) : undefined;
    at = from + size + (size % 2);
  }
  return undefined;
}

/** The way into a JPEG: as the one image resource. */
export function iptcResource(iptc: Uint8Array): Uint8Array {
  const head = Buffer.alloc(PHOTOSHOP.length + 12);
  head.write(`${PHOTOSHOP}8BIM`, 'latin1');
  head.writeUInt16BE(IPTC_RESOURCE, PHOTOSHOP.length + 4);
  head.writeUInt32BE(iptc.length, PHOTOSHOP.length + 8);
  return Buffer.concat([head, iptc, Buffer.alloc(iptc.length % 2)]);
}
