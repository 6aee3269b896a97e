/** What implements the library's `calibrate`: the same calibration that the command line starts. */
import { checkSettings, type SettingsTable, valuesOf } from '../system/settings.ts';
import { calibration } from '../train/calibrate/calibration.ts';
import { CALIBRATE_SETTINGS, CELL_SETTINGS } from '../train/calibrate/call.ts';
import type { Calibration } from '../train/calibrate/cells.ts';
import { byOptionNames } from './by-option-names.ts';
import type { CalibrateCallbacks, CalibrateOptions } from './calibrate-options.ts';
import { fileOrBytes } from './open-input.ts';
import { givenOf, text, unchecked } from './option-rows.ts';

const OPTIONS: SettingsTable = {
  ...{ style: unchecked, data: text, from: text, out: text },
  ...CALIBRATE_SETTINGS,
  ...CELL_SETTINGS,
};

/** Throws as the library's `calibrate`. */
export function calibrateByOptions(
  options: CalibrateOptions,
  { onProgress, onNote: say = () => undefined, signal }: CalibrateCallbacks,
): Promise<Calibration> {
  return byOptionNames(Object.keys(OPTIONS), async () => {
    const given = givenOf(options);
    checkSettings(OPTIONS, given, 'calibrate');
    signal?.throwIfAborted();
    const settings = Object.fromEntries(
      Object.entries(given).filter(([name]) => Object.hasOwn(CELL_SETTINGS, name)),
    );
    const { data, from, out } = options;
    const style = await fileOrBytes(options.style, 'style', signal);
    const goOn = () => signal?.throwIfAborted();
    return calibration(
      { ...valuesOf(CALIBRATE_SETTINGS, given), settings, style, data, from, out },
      {
        say,
        trainedBy: (strength, styleSize) =>
          `await train({ …the same options, strength: ${strength}, styleSize: ${styleSize} });`,
        onMaking: goOn,
        onBegin: goOn,
        onStep(done, cells) {
          onProgress?.({ done, cells });
          goOn();
        },
      },
    );
  });
}
