import { ConfigError, expected } from '../../system/errors.ts';
import { layersText } from '../../system/layer-setting.ts';
import { optionName, settingValue, typedValues } from '../../system/settings.ts';
import { TRAIN_CALL } from '../../train/run/call-settings.ts';
import type { TrainCall } from '../../train/run/inputs.ts';
import { TRAIN_SETTINGS } from '../../train/settings.ts';
import { settingOptions } from '../shared/setting-options.ts';

/** How the run is shown. */
export interface ShownAs {
  readonly json: boolean;
}

/** What was typed, as whatever trains takes it. @throws {ConfigError} a value that does not fit, or a setting twice. */
export function trainCall(args: Readonly<Record<string, unknown>>): TrainCall {
  return { ...typedValues(TRAIN_CALL, args), settings: givenConfig(args, {}) };
}

/** One option for every setting, by the names that are typed: `style-weight` for `styleWeight`. */
export const trainConfigFlags = settingOptions(TRAIN_SETTINGS, ({ default: value }) =>
  typeof value === 'object' ? layersText(value as Readonly<Record<string, number>>) : String(value),
);

/** What the user said, as configuration values: options over the configuration file. */
export function givenConfig(
  args: Readonly<Record<string, unknown>>,
  file: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const given: Record<string, unknown> = { ...file };
  for (const [name, row] of Object.entries(TRAIN_SETTINGS)) {
    const typed = args[name];
    if (typed === undefined) continue;
    const option = `--${optionName(name)}`;
    if (Array.isArray(typed)) throw new ConfigError(expected(`${option} once`, `${typed.length} times`));
    given[name] = settingValue(row, typed, option);
  }
  return given;
}
