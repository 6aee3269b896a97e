import type { BlendPart } from '../infer/blend.ts';
import type {
  EncodeOptions,
  PaintedPixels,
  PlainPhotoInput,
  StyleDescription,
  StylizeOptions,
} from './options.ts';

/** A style's name or file, or several that are mixed. */
export type StyleChoice = string | readonly BlendPart[];

/** Options of one painting whose mask is in memory. */
export type PlainOptions = (StylizeOptions | EncodeOptions) & { readonly mask?: PlainPhotoInput };

/** A style whose network is there, in this thread or another. */
export interface PaintingStyle {
  readonly description: StyleDescription;
  /** The file's bytes where `format` is given, else pixels. Throws as `Stylizer.stylize`. */
  stylize(photo: PlainPhotoInput, options: PlainOptions): Promise<Buffer | PaintedPixels>;
  /** Frees the network. What is being painted is finished, what waits is refused; idempotent. */
  dispose(): Promise<void>;
}

export function hasFormat(options: StylizeOptions | EncodeOptions): options is EncodeOptions {
  return 'format' in options && options.format !== undefined;
}
