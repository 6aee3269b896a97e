/** What the library takes and gives. Nothing here reaches TensorFlow's types, with which no strict compiler is content. */

import type { PhotoFormat } from '../data/picture-format.ts';
import type { Samples } from '../picture.ts';

export interface LoadOptions {
  /** Arithmetic of the network. Defaults to `auto`, which measures once what this machine is fast in. */
  readonly precision?: 'auto' | 'f32' | 'bf16';
  /** Bytes that the process may take in all; larger pictures are painted in bands. Defaults to most of what is free. */
  readonly memory?: number;
}

/** What a style's file tells of it. */
export interface StyleDescription {
  readonly name: string;
  /** In the short notation of docs/training.md. */
  readonly architecture: string;
  /** Steps of training, and photos seen. */
  readonly steps: number;
  readonly images: number;
}

/** Pixels in sRGB: rows from the top, interleaved. */
export interface PixelInput {
  /** [height, width, 3] of 8 bit (0..255) or 16 (0..65535); straight colours, not multiplied by alpha. */
  readonly pixels: Samples;
  readonly width: number;
  readonly height: number;
  /** [height, width], 0 is transparent, of as many bits as `pixels`. */
  readonly alpha?: Samples;
}

/** A file's path, the bytes of a picture file, or pixels. Bytes and pixels are not to be changed until the result is there. */
export type PhotoSourceInput = string | Uint8Array | PixelInput;

export interface StylizeOptions {
  /** Size of strokes relative to the picture, the same at every size; unless given, strokes keep their size in pixels. */
  readonly stroke?: number;
  /** How much of the style: 0 is the photo, 1 the style. Defaults to 1. */
  readonly amount?: number;
  /** Whose colours: the style's, the photo's in each place, or the photo's as a palette. Defaults to `style`. */
  readonly colors?: 'style' | 'photo' | 'histogram';
  /** Where to paint: white is painted, black stays the photo. Stretched over the photo. */
  readonly mask?: PhotoSourceInput;
  /** Paint what is black in `mask`. */
  readonly invertMask?: boolean;
  /** A photo of more pixels, all frames together, is refused before it is decoded. Defaults to 500 million. */
  readonly maxPixels?: number;
  /** A photo that is damaged or cut short is refused, or painted as far as it can be read. Defaults to `refuse`. */
  readonly damaged?: 'refuse' | 'accept';
  /** Gives up before painting begins, or between the bands or frames of a large picture. */
  readonly signal?: AbortSignal;
}

/** What comes out is a file in this format. */
export interface EncodeOptions extends StylizeOptions {
  readonly format: PhotoFormat;
  /** 1 to 100 for JPEG (default 92), WebP (90) and AVIF (75). */
  readonly quality?: number;
  /** WebP and AVIF without loss. */
  readonly lossless?: boolean;
  /** Bits per colour in PNG and TIFF. Defaults to the photo's. */
  readonly depth?: 8 | 16;
  /** Colour that transparency is laid on in JPEG, as CSS knows it. Defaults to white. */
  readonly background?: string;
  /** Colour space to write: sRGB, or the photo's own. Defaults to `srgb`. */
  readonly profile?: 'srgb' | 'keep';
  /** Leave out the photo's EXIF (with its GPS position), IPTC and XMP. */
  readonly strip?: boolean;
  /** Takes a line on each thing of the photo that does not come along. */
  readonly onNote?: (note: string) => void;
}

export interface PaintedPixels {
  /** [height, width, 3] in sRGB, 8 bit. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** [height, width], where the photo has transparency. */
  readonly alpha?: Uint8Array;
}
