/** What the library takes and gives. Nothing here reaches TensorFlow's types, with which no strict compiler is content. */

import type { PhotoFormat } from '../data/picture-format.ts';
import type { LayeredPicture, PictureSize } from '../picture.ts';

export interface LoadOptions {
  /** Arithmetic of the network. Defaults to `auto`, which measures once what this machine is fast in. */
  readonly precision?: 'auto' | 'f32' | 'bf16';
  /** Bytes that the process may take in all; larger pictures are painted in bands. Defaults to most of the free memory. */
  readonly memory?: number;
  /** Paints in a thread with its own TensorFlow, so that the event loop stays free. Defaults to false. */
  readonly thread?: boolean;
}

/** A style in a mixture, and its weight, 1 unless given: weights are divided by their sum. */
export interface BlendStyle {
  /** As `Stylizer.load` takes it. */
  readonly style: string;
  readonly weight?: number;
}

/** What a style's file says about it. */
export interface StyleDescription {
  readonly name: string;
  /** In the short notation of docs/training.md. */
  readonly architecture: string;
  /** Steps of training, and photos seen. */
  readonly steps: number;
  readonly images: number;
}

/** Pixels in sRGB, of 8 or 16 bit. */
export type PixelInput = LayeredPicture;

/** RGBA as a canvas has it, of 8 bit, straight colours in sRGB: an `ImageData` is one. */
export interface RgbaInput extends PictureSize {
  /** [height, width, 4]. */
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly colorSpace?: string;
}

/** The painting as a canvas takes it: `new ImageData(data, width, height)`. */
export interface RgbaPixels extends PictureSize {
  readonly data: Uint8ClampedArray;
  readonly colorSpace: 'srgb';
}

/** A file's path, the bytes of a picture file, or pixels. */
export type PlainPhotoInput = string | Uint8Array | PixelInput;

/**
 * A photo: also the bytes of a picture file as an `ArrayBuffer`, a `Blob`, a stream (Node's or the web's), or
 * at a URL of file:, data:, http: or https:. Bytes and pixels are not to be changed until the result is there.
 */
export type PhotoSourceInput =
  | PlainPhotoInput
  | RgbaInput
  | ArrayBuffer
  | Blob
  | URL
  | AsyncIterable<Uint8Array>;

export interface StylizeOptions {
  /** Size of strokes relative to the picture, the same at every size; unless given, strokes keep their size in pixels. */
  readonly stroke?: number;
  /** How much of the style: 0 is the photo, 1 the style. Defaults to 1. */
  readonly amount?: number;
  /** Whose colours: the style's, the photo's, or the photo's palette. Defaults to `style`. */
  readonly colors?: 'style' | 'photo' | 'histogram';
  /** Where to paint: white is painted, black stays the photo. Stretched over the photo. */
  readonly mask?: PhotoSourceInput;
  /** Paint what is black in `mask`. */
  readonly invertMask?: boolean;
  /** A photo of more pixels, all frames together, is refused before it is decoded. Defaults to 500 million. */
  readonly maxPixels?: number;
  /** A photo that is damaged or cut short is refused, or painted as far as it can be read. Defaults to `refuse`. */
  readonly damaged?: 'refuse' | 'accept';
  /** Gives up before painting begins, or between the bands or frames of a large picture; with `thread` at once. */
  readonly signal?: AbortSignal;
}

/** What comes out is RGBA, as a canvas takes it. */
export interface RgbaOptions extends StylizeOptions {
  readonly rgba: true;
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
  /** Leave out EXIF (with the GPS position), IPTC and XMP. */
  readonly strip?: boolean;
  /** Gets a line on each thing of the photo that is not kept. */
  readonly onNote?: (note: string) => void;
}

/** The painting in sRGB, of 8 bit; with alpha where the photo has transparency. */
export type PaintedPixels = LayeredPicture<Uint8Array>;
