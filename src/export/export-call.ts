/** What an export is asked for, by the command line or the library, and what checking it finds. Loads nothing heavy. */
import type { PictureSize } from '../picture.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { choiceSetting, ownSetting, switchSetting } from '../system/setting-kinds.ts';
import type { SettingValues } from '../system/settings.ts';
import { EXPORT_FORMATS, type ExportFormat } from './formats.ts';
import type { StyleGraphOptions } from './style-graph.ts';

export const EXPORT_SETTINGS = {
  to: choiceSetting(Object.keys(EXPORT_FORMATS) as ExportFormat[], {
    default: 'onnx',
    describe: 'ONNX, a graph model of TensorFlow.js, or a SavedModel of TensorFlow',
  }),
  layout: choiceSetting(['nhwc', 'nchw'], {
    default: 'nhwc',
    describe: 'Order of dimensions: height, width, channels, or channels first',
  }),
  size: ownSetting(checkedSize, {
    default: undefined,
    describe: 'The only size that the file takes, as 1280x720; any without',
    read: readSize,
  }),
  weights: choiceSetting(['float32', 'float16'], {
    default: 'float32',
    describe: 'Type of the stored weights; float16 halves the file and loses nothing',
  }),
  amountInput: switchSetting({
    default: false,
    describe: 'Add an input, amount, from 0 (the photo) to 1 (the style)',
  }),
  check: switchSetting({
    default: false,
    describe:
      "Compare with the format's own runtime on the sample pictures (ONNX needs onnxruntime-web or -node)",
  }),
} as const;

/** By the names of the options of `fast-style export` in camelCase. */
export type ExportCall = SettingValues<typeof EXPORT_SETTINGS>;

/** Differences of painted samples, in grey levels of 255. */
export interface Difference {
  /** Which of the model's styles, where it has several. */
  readonly style?: string;
  readonly picture: string;
  readonly largest: number;
  readonly mean: number;
}

/** What of a call its graph depends on. */
export function graphOptionsOf({ layout, size, weights, amountInput }: ExportCall): StyleGraphOptions {
  return { layout, weights, hasAmount: amountInput, ...(size === undefined ? {} : { size }) };
}

function checkedSize(value: unknown, name: string): PictureSize | undefined {
  if (value === undefined) return undefined;
  const { width, height } = (value ?? {}) as Partial<PictureSize>;
  if (Number.isInteger(width) && Number.isInteger(height)) return value as PictureSize;
  throw new ConfigError(expected(`a size in whole px for ${name}`, value, 'as { width: 1280, height: 720 }'));
}

function readSize(text: string, option: string): PictureSize {
  const [, width, height] = /^(\d{1,6})[x×](\d{1,6})$/.exec(text) ?? [];
  if (width === undefined) throw new ConfigError(expected(`a size for ${option}`, text, 'as 1280x720'));
  return { width: Number(width), height: Number(height) };
}
