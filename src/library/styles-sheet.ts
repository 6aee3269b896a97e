import type { StylesSheet } from '../paint/styles-sheet-call.ts';
import { checkOptions, flag, givenOf, text, unchecked } from './option-rows.ts';
import type { PhotoSourceInput } from './options.ts';

/** Options of `fast-style styles sheet`. */
export interface StylesSheetOptions {
  /** The photo to paint. The project's sample unless given. */
  readonly photo?: PhotoSourceInput;
  /** The file to write, its extension is the format; without it, only the result has the sheet. */
  readonly out?: string;
  /** Replace an existing file. Defaults to false. */
  readonly overwrite?: boolean;
}

export interface StylesSheetCallbacks {
  /** Called after each style. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Takes a line about each style that is left out. */
  readonly onNote?: (note: string) => void;
  /** Stops after the current style; nothing is written. */
  readonly signal?: AbortSignal;
}

const OPTIONS = { photo: unchecked, out: text, overwrite: flag } satisfies Record<
  keyof StylesSheetOptions,
  unknown
>;

/**
 * Paints a photo, brought to 512 px, in every available style, each next to its painting, on one sheet. Painting is a native call that
 * blocks the event loop for as long as it takes.
 *
 * @throws {ConfigError} an unknown or invalid option. {CheckpointError} there is no style, or one cannot be used. {ImageError} the photo
 * cannot be read. {FileError} the file is there and not to be replaced, or cannot be written. {RuntimeSetupError} TensorFlow is not set
 * up. The signal's reason, where it is aborted.
 */
export async function stylesSheet(
  options: StylesSheetOptions = {},
  { onProgress, onNote: say = () => undefined, signal }: StylesSheetCallbacks = {},
): Promise<StylesSheet> {
  checkOptions(OPTIONS, options, 'stylesSheet');
  signal?.throwIfAborted();
  // Only now: importing the library loads nothing that paints.
  const { SHEET_SETTINGS } = await import('../paint/styles-sheet-call.ts');
  const { paintStylesSheet } = await import('../paint/styles-sheet.ts');
  const { valuesOf } = await import('../system/settings.ts');
  const { fileOrBytes } = await import('./open-input.ts');
  const { photo, ...rest } = options;
  const { photo: sample, overwrite } = valuesOf(SHEET_SETTINGS, givenOf(rest));
  const input = photo === undefined ? sample : await fileOrBytes(photo, 'photo', signal);
  return paintStylesSheet(
    { photo: input, out: options.out, overwrite },
    {
      say,
      onPainted(done, total) {
        onProgress?.({ done, total });
        signal?.throwIfAborted();
      },
    },
  );
}
