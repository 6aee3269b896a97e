import type { ArgumentsCamelCase } from 'yargs';
import { ConfigError, expected } from '../../system/errors.ts';
import { layersText, optionName, settingValue } from '../../system/settings.ts';
import type { Quality } from '../../train/config.ts';
import type { TrainRecipeName } from '../../train/recipes.ts';
import type { TrainCall } from '../../train/run/inputs.ts';
import { TRAIN_SETTINGS } from '../../train/settings.ts';
import { settingOptions } from '../shared/setting-options.ts';

/** What `fast-style train` is given, besides the settings of training (`trainConfigFlags`). */
export interface TrainArguments {
  readonly style: string[];
  readonly together: boolean;
  readonly 'add-to'?: string | undefined;
  readonly 'style-name'?: string[] | undefined;
  readonly data?: string | undefined;
  readonly quality?: Quality | undefined;
  readonly name?: string | undefined;
  readonly out: string;
  readonly run?: string | undefined;
  readonly config?: string | undefined;
  readonly recipe?: TrainRecipeName | undefined;
  readonly epochs?: number | undefined;
  readonly 'preview-every': number;
  readonly 'preview-photo'?: string[] | undefined;
  readonly 'checkpoint-every': number;
  readonly 'save-minutes': number;
  readonly keep: number;
  readonly tensorboard: boolean;
  readonly json: boolean;
  readonly plan: boolean;
  readonly 'ignore-plan': boolean;
  readonly precision: string;
  readonly engine: string;
  readonly accumulate: number;
  readonly resume: boolean;
  readonly from?: string | undefined;
  readonly overwrite: boolean;
  readonly margin?: number | undefined;
  readonly title?: string | undefined;
  readonly author?: string | undefined;
  readonly licence?: string | undefined;
}

/** How the run is shown. */
export interface ShownAs {
  readonly json: boolean;
  readonly tensorboard: boolean;
}

/** What was typed, as whatever trains takes it. The parser has seen to the choices. @throws {ConfigError} a setting twice. */
export function trainCall(args: ArgumentsCamelCase<TrainArguments>): TrainCall {
  const [precision, engine] = [args.precision, args.engine] as [TrainCall['precision'], TrainCall['engine']];
  return { ...args, precision, engine, settings: givenConfig(args, {}) };
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
