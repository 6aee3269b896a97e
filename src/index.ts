/** The library: `import { Stylizer } from 'fast-style'`. docs/library.md tells how to use it. */
export type { PhotoFormat } from './data/picture-format.ts';
export { availableStyles } from './infer/find-style.ts';
export type {
  EncodeOptions,
  LoadOptions,
  PaintedPixels,
  PhotoSourceInput,
  PixelInput,
  StyleDescription,
  StylizeOptions,
} from './library/options.ts';
export { Stylizer } from './library/stylizer.ts';
export {
  CheckpointError,
  ConfigError,
  FastStyleError,
  FileError,
  ImageError,
  RuntimeSetupError,
} from './system/errors.ts';
