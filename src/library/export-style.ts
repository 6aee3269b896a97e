import { EXPORT_FORMATS, type ExportedFiles, type ExportFormat } from '../export/formats.ts';
import { choiceSetting, type SettingsTable } from '../system/settings.ts';
import { checkOptions, flag, unchecked } from './option-rows.ts';

/** Options of `fast-style export` by their names in camelCase. */
export interface ExportOptions {
  /** Format. Defaults to `onnx`. */
  readonly to?: ExportFormat;
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
  to: choiceSetting(Object.keys(EXPORT_FORMATS), { default: 'onnx' }),
  layout: choiceSetting(['nhwc', 'nchw'], { default: 'nhwc' }),
  weights: choiceSetting(['float32', 'float16'], { default: 'float32' }),
} satisfies Record<keyof ExportOptions, SettingsTable[string]>;

/**
 * A style in a format of other programs (docs/export.md). Needs no TensorFlow.
 *
 * @param style a name or a .safetensors file; one of several in a file as `file:style`, or the file as a whole.
 * @returns the bytes of an ONNX file; of the other formats those of a folder's files, by their paths in it.
 * @throws {ConfigError} an unknown or invalid option. {CheckpointError} the style does not exist.
 */
export async function exportStyle(
  style: string,
  options?: ExportOptions & { readonly to?: 'onnx' },
): Promise<Uint8Array>;
export async function exportStyle(
  style: string,
  options: ExportOptions & { readonly to: 'tfjs' | 'savedmodel' },
): Promise<ReadonlyMap<string, Uint8Array>>;
export async function exportStyle(style: string, options: ExportOptions = {}): Promise<ExportedFiles> {
  checkOptions(OPTIONS, options, 'exportStyle');
  const { to = 'onnx', layout = 'nhwc', weights = 'float32', amountInput = false, size } = options;
  const { exportAs, openForExport } = await import('../export/export-style.ts');
  return exportAs(to, await openForExport(style), {
    layout,
    weights,
    hasAmount: amountInput,
    ...(size === undefined ? {} : { size }),
  });
}
