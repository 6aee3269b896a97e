/** What the library takes and gives. Nothing here reaches TensorFlow's types, with which no strict compiler is content. */

import type { PhotoFormat } from '../data/picture-format.ts';
import type { STYLIZE_SETTINGS } from '../paint/stylize-settings.ts';
import type { LayeredPicture, PictureSize } from '../picture.ts';
import type { GivenSettings } from '../system/settings.ts';

/** Options of `fast-style stylize` by their names in camelCase. */
type Stylizing = GivenSettings<typeof STYLIZE_SETTINGS>;

export interface LoadOptions extends Pick<Stylizing, 'precision' | 'memory'> {
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

export interface StylizeOptions
  extends Pick<Stylizing, 'stroke' | 'amount' | 'colors' | 'invertMask' | 'maxPixels' | 'damaged'> {
  /** Where to paint: white is painted, black stays the photo. Stretched over the photo. */
  readonly mask?: PhotoSourceInput;
  /** Gives up before painting begins, or between the bands or frames of a large picture; with `thread` at once. */
  readonly signal?: AbortSignal;
}

/** What comes out is RGBA, as a canvas takes it. */
export interface RgbaOptions extends StylizeOptions {
  readonly rgba: true;
}

/** What comes out is a file in this format. */
export interface EncodeOptions
  extends StylizeOptions,
    Pick<Stylizing, 'quality' | 'lossless' | 'depth' | 'background' | 'profile' | 'strip'> {
  readonly format: PhotoFormat;
  /** Gets a line on each thing of the photo that is not kept. */
  readonly onNote?: (note: string) => void;
}

/** The painting in sRGB, of 8 bit; with alpha where the photo has transparency. */
export type PaintedPixels = LayeredPicture<Uint8Array>;
