import type { Difference, ExportCall } from '../export/export-call.ts';
import type { ExportedFiles } from '../export/format-writer.ts';
import { checkOptions, givenOf, unchecked } from './option-rows.ts';
import type { BlendStyle } from './options.ts';

/** Options of `fast-style export` by their names in camelCase. */
export interface ExportOptions extends Partial<ExportCall> {
  /** With `check`, called for each picture painted in both programs. */
  readonly onDifference?: (difference: Difference) => void;
  /** Ends the check after the current picture. */
  readonly signal?: AbortSignal;
}

/**
 * A style in a format of other programs (docs/export.md). Needs no TensorFlow, unless it is checked.
 *
 * @param style a name or a .safetensors file; one of several in a file as `file:style`, or the file as a whole; an array to mix
 *   styles, as for `Stylizer.blend`.
 * @returns the bytes of an ONNX file; of the other formats those of a folder's files, by their paths in it.
 * @throws {ConfigError} an unknown or invalid option. {CheckpointError} the style does not exist. With `check` {FastStyleError} what the
 *   file paints differs, or the format's runtime is not installed; {RuntimeSetupError} TensorFlow is not set up. The signal's reason,
 *   where it is aborted.
 */
export async function exportStyle(
  style: string | readonly (string | BlendStyle)[],
  options?: ExportOptions & { readonly to?: 'onnx' },
): Promise<Uint8Array>;
export async function exportStyle(
  style: string | readonly (string | BlendStyle)[],
  options: ExportOptions & { readonly to: 'tfjs' | 'savedmodel' },
): Promise<ReadonlyMap<string, Uint8Array>>;
export async function exportStyle(
  style: string | readonly (string | BlendStyle)[],
  options: ExportOptions = {},
): Promise<ExportedFiles> {
  const { EXPORT_SETTINGS: settings, graphOptionsOf } = await import('../export/export-call.ts');
  checkOptions({ ...settings, onDifference: unchecked, signal: unchecked }, options, 'exportStyle');
  const { onDifference, signal } = options;
  signal?.throwIfAborted();
  const { valuesOf } = await import('../system/settings.ts');
  const { exportAs, openForExport } = await import('../export/export-style.ts');
  const { byOptionNames } = await import('./by-option-names.ts');
  return byOptionNames([...Object.keys(settings), 'blend'], async () => {
    const call = valuesOf(settings, givenOf(options));
    const graph = graphOptionsOf(call);
    const opened = typeof style === 'string' ? await openForExport(style) : await openMixture(style);
    const files = await exportAs(call.to, opened, graph);
    if (call.check) {
      const { requireEqualExport } = await import('../export/check-export.ts');
      await requireEqualExport(call.to, files, opened, graph, (difference) => {
        onDifference?.(difference);
        signal?.throwIfAborted();
      });
    }
    return files;
  });
}

async function openMixture(styles: readonly (string | BlendStyle)[]) {
  const { openBlend } = await import('../infer/open-style.ts');
  const { blendParts } = await import('./blend-parts.ts');
  return openBlend(blendParts(styles));
}
