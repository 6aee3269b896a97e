import type { FLICKER_SETTINGS, FlickerReport } from '../judge/flicker-call.ts';
import type { SettingValues } from '../system/settings.ts';
import { requireObject } from './option-rows.ts';

/** Options of `fast-style flicker` by their names in camelCase; one of `style` and `painted`. */
export interface FlickerOptions extends Partial<SettingValues<typeof FLICKER_SETTINGS>> {
  /** The unpainted video: a file, pictures in a row, or an address. */
  readonly video: string;
  /** Paint it in this style, as `Stylizer.load` takes it. */
  readonly style?: string;
  /** Measure this painted version of the video. */
  readonly painted?: string;
}

export interface FlickerCallbacks {
  /** Called after each frame. */
  readonly onProgress?: (progress: { readonly frames: number }) => void;
  /** Stops after the current frame. */
  readonly signal?: AbortSignal;
}

/**
 * Measures how much a style, or a painted video, flickers, as `fast-style flicker` does. It needs ffmpeg. A frame is a native call that
 * blocks the event loop for as long as it takes.
 *
 * @throws {ConfigError} an unknown or invalid option. {CheckpointError} the style does not exist. {FileError} a
 * video is not there. {ImageError} it cannot be read, or the painted one is of another size. {FastStyleError} there are too few frames.
 * {RuntimeSetupError} TensorFlow is not set up. The signal's reason, where it is aborted.
 */
export async function measureFlicker(
  options: FlickerOptions,
  { onProgress, signal }: FlickerCallbacks = {},
): Promise<FlickerReport> {
  requireObject(options);
  // Only now: importing the library loads nothing of films.
  const { FLICKER_SETTINGS: settings } = await import('../judge/flicker-call.ts');
  const { flickerOf } = await import('../judge/measure-flicker.ts');
  const { checkSettings, valuesOf } = await import('../system/settings.ts');
  const { byOptionNames } = await import('./by-option-names.ts');
  const { ownPath } = await import('./gather-input.ts');
  const { givenOf, text } = await import('./option-rows.ts');
  const rows = { video: text, style: text, painted: text, ...settings };
  return byOptionNames(Object.keys(rows), async () => {
    const given = givenOf(options);
    checkSettings(rows, { video: undefined, ...given }, 'measureFlicker');
    signal?.throwIfAborted();
    const { video, style, painted } = options;
    const call = { ...valuesOf(settings, given), video: ownPath(video), style };
    return flickerOf(
      { ...call, ...(painted === undefined ? {} : { painted: ownPath(painted) }) },
      {
        onFrame(frames) {
          onProgress?.({ frames });
          signal?.throwIfAborted();
        },
      },
    );
  });
}
