/** How to write one painted photo, by the options and its file. */
import { isSrgbProfile } from '../data/colour-profile.ts';
import { exifFits } from '../data/photo/exif.ts';
import type { PhotoHead } from '../data/photo/head.ts';
import { type KeptMetadata, paintedMetadata } from '../data/photo/metadata.ts';
import type { PhotoOutput } from '../data/photo/write-photo.ts';
import { ABILITIES, formatNames, type PhotoFormat } from '../data/picture-format.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { PhotoCall } from './photo-call.ts';

/** How to write painted photos, and which to read. */
export type PhotoOptions = Omit<PhotoCall, 'damaged'> & Partial<Pick<PhotoCall, 'damaged'>>;

/** @throws {ConfigError} the format cannot do what is required. */
export function requireAbilities(format: PhotoFormat, { depth, lossless }: PhotoOptions): void {
  const able = ABILITIES[format];
  if (depth !== undefined && depth > able.depth) {
    throw new ConfigError(
      expected(
        `${formatNames((able) => able.depth === 16)} for --depth 16`,
        format,
        'choose another format or --depth 8',
      ),
    );
  }
  if (lossless && !able.lossless) {
    throw new ConfigError(
      expected(`${formatNames((able) => able.lossless)} for --lossless`, format, 'choose another format'),
    );
  }
}

/** Whether to write a photo in 16 bit: as given, else if both the photo and the format have it. */
export function wantsDepth({ depth }: PhotoHead, format: PhotoFormat, options: PhotoOptions): boolean {
  return (options.depth ?? Math.min(depth, ABILITIES[format].depth)) === 16;
}

/** @returns with a line for each thing that is not kept. */
export function photoOutput(
  head: PhotoHead,
  format: PhotoFormat,
  options: PhotoOptions,
): { readonly output: PhotoOutput; readonly notes: readonly string[] } {
  const { quality, lossless, background, strip } = options;
  const able = ABILITIES[format];
  const notes: string[] = [...head.notes];
  if (head.furtherPages > 0) notes.push(`only the first of its ${head.furtherPages + 1} pages is painted`);
  if (head.frames > 1 && !able.frames) {
    notes.push(`only the first of its ${head.frames} frames is painted; write GIF or WebP for all`);
  }
  if (head.alpha && !able.alpha) {
    notes.push(`its transparent parts become ${background ?? 'white'}, as ${format} has no transparency`);
  }
  if (head.oddProfile) notes.push('its colour profile is malformed, so its colours are taken as sRGB');
  const profile = writtenProfile(head, format, options, notes);
  const metadata = strip ? densityOf(head) : metadataFor(head, format, profile, notes);
  const depth = wantsDepth(head, format, options) ? 16 : 8;
  return {
    output: {
      format,
      depth,
      lossless,
      metadata,
      ...(quality === undefined ? {} : { quality }),
      ...(background === undefined ? {} : { background }),
      ...(profile === undefined ? {} : { profile }),
    },
    notes,
  };
}

function writtenProfile(
  { profile, colours }: PhotoHead,
  format: PhotoFormat,
  options: PhotoOptions,
  notes: string[],
): PhotoOutput['profile'] | undefined {
  if (profile === undefined || format === 'gif') return undefined;
  if (options.profile === 'srgb' || isSrgbProfile(profile)) return 'srgb';
  if (colours === 'rgb') return profile;
  notes.push(`its colour profile is not for RGB, so sRGB's is written`);
  return 'srgb';
}

function metadataFor(
  head: PhotoHead,
  format: PhotoFormat,
  profile: PhotoOutput['profile'] | undefined,
  notes: string[],
): KeptMetadata {
  const { kept, notes: lost } = paintedMetadata(head.metadata, head, !(profile instanceof Uint8Array));
  notes.push(...lost);
  const { exif, xmp, iptc, ...density } = kept;
  const leaveOut = (name: string) => notes.push(`its ${name} cannot be stored in ${format} and is left out`);
  const able = ABILITIES[format].metadata;
  const hasExif = exif !== undefined && (format === 'tiff' || exifFits(exif, format));
  if (exif !== undefined && !hasExif) leaveOut('EXIF');
  // A segment of JPEG holds 64 KiB.
  const hasXmp = xmp !== undefined && able && !(format === 'jpeg' && Buffer.byteLength(xmp) > 65_000);
  if (xmp !== undefined && !hasXmp) leaveOut('XMP');
  const hasIptc = iptc !== undefined && (format === 'tiff' || (format === 'jpeg' && iptc.length < 65_000));
  if (iptc !== undefined && !hasIptc) leaveOut('IPTC');
  return {
    ...density,
    ...(hasExif ? { exif } : {}),
    ...(hasXmp ? { xmp } : {}),
    ...(hasIptc ? { iptc } : {}),
  };
}

function densityOf({ metadata: { density } }: PhotoHead): KeptMetadata {
  return density === undefined ? {} : { density };
}
