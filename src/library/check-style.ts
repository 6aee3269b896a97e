import type { CHECK_SETTINGS, StyleCheck } from '../judge/check-call.ts';
import type { SettingValues } from '../system/settings.ts';
import { requireObject } from './option-rows.ts';
import type { PhotoSourceInput } from './options.ts';

/** Options of `fast-style styles check` by their names in camelCase. */
export interface CheckStyleOptions extends Partial<SettingValues<typeof CHECK_SETTINGS>> {
  /** As `Stylizer.load` takes it. */
  readonly style: string;
  /** The painting, for its colours and strokes. The thumbnail in the style, for its colours alone, unless given. */
  readonly painting?: PhotoSourceInput;
  /** Name or file of the loss network that judges strokes and photo. vgg19 where it is stored, else vgg16, unless given. */
  readonly lossNetwork?: string;
  /** Width of the mirrored margin, px. The style's own unless given. */
  readonly margin?: number;
}

export interface CheckStyleCallbacks {
  /** Called after each picture painted, of those of one part of the check; part by part. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Takes a line on what is left out, as the command line says it. */
  readonly onNote?: (note: string) => void;
  /** Stops after the current picture. */
  readonly signal?: AbortSignal;
}

/**
 * Checks a style for faults, as `fast-style styles check` does: paints even pictures and photos, and measures what should not be there. A
 * fault is a measure that is not `ok`. Painting is a native call that blocks the event loop for as long as it takes.
 *
 * @throws {ConfigError} an unknown or invalid option. {CheckpointError} the style does not exist, or no picture of
 * the painting in it. {ImageError} a picture cannot be read, or there are no photos. {WeightsError} the loss network cannot. {FileError}
 * the folder cannot. {RuntimeSetupError} TensorFlow is not set up. The signal's reason, where it is aborted.
 */
export async function checkStyle(
  options: CheckStyleOptions,
  { onProgress, onNote: say = () => undefined, signal }: CheckStyleCallbacks = {},
): Promise<StyleCheck> {
  requireObject(options);
  // Only now: importing the library loads nothing of what judges.
  const { CHECK_SETTINGS: settings } = await import('../judge/check-call.ts');
  const { styleCheck } = await import('../judge/check-style.ts');
  const { checkSettings, valuesOf } = await import('../system/settings.ts');
  const { byOptionNames } = await import('./by-option-names.ts');
  const { fileOrBytes } = await import('./open-input.ts');
  const { givenOf, number, text, unchecked } = await import('./option-rows.ts');
  const rows = { style: text, painting: unchecked, lossNetwork: text, margin: number, ...settings };
  return byOptionNames(Object.keys(rows), async () => {
    const given = givenOf(options);
    checkSettings(rows, { style: undefined, ...given }, 'checkStyle');
    signal?.throwIfAborted();
    const { style, lossNetwork, margin, painting: input } = options;
    const painting = input === undefined ? undefined : await fileOrBytes(input, 'painting', signal);
    return styleCheck(
      { ...valuesOf(settings, given), style, painting, lossNetwork, margin },
      {
        say,
        onPainted(done, total) {
          onProgress?.({ done, total });
          signal?.throwIfAborted();
        },
      },
    );
  });
}
