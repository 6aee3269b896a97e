import { choiceSetting, type SettingsTable } from '../system/settings.ts';
import { checkOptions, flag, unchecked } from './option-rows.ts';

/** Options of `fast-style export` by their names in camelCase. */
export interface ExportOptions {
  /** Order of the dimensions of pictures, in and out. Defaults to `nhwc`. */
  readonly layout?: 'nhwc' | 'nchw';
  /** The only size that the file takes, in px. Any size unless given. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Type in which weights are kept. Defaults to `float32`. */
  readonly weights?: 'float32' | 'float16';
  /** Gives the file an input `amount`, from 0 (the photo) to 1 (the style). Defaults to false. */
  readonly amountInput?: boolean;
}

const OPTIONS = {
  ...{ size: unchecked, amountInput: flag },
  layout: choiceSetting(['nhwc', 'nchw'], { default: 'nhwc' }),
  weights: choiceSetting(['float32', 'float16'], { default: 'float32' }),
} satisfies Record<keyof ExportOptions, SettingsTable[string]>;

/**
 * A style as an ONNX file (docs/export.md). Needs no TensorFlow.
 *
 * @param style a name or a .safetensors file; one of several in a file as `file:style`, or the file as a whole.
 * @returns the file's bytes.
 * @throws {ConfigError} an unknown or invalid option. {CheckpointError} the style does not exist.
 */
export async function exportStyle(style: string, options: ExportOptions = {}): Promise<Uint8Array> {
  checkOptions(OPTIONS, options, 'exportStyle');
  const { layout = 'nhwc', weights = 'float32', amountInput = false, size } = options;
  const { exportOnnx, openForExport } = await import('../export/export-style.ts');
  const opened = await openForExport(style);
  return exportOnnx(opened, {
    layout,
    weights,
    hasAmount: amountInput,
    ...(size === undefined ? {} : { size }),
  });
}
