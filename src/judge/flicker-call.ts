/** What measuring flicker is asked for, and what it finds. Nothing here reaches TensorFlow's types; loads nothing heavy. */
import type { ExactFlicker } from '../quality/exact-motion.ts';
import type { FilmFlicker } from '../quality/film-flicker.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { choiceSetting, numberSetting, ownSetting, wholeSetting } from '../system/setting-kinds.ts';
import type { SettingValues } from '../system/settings.ts';
import { STEADY_CHOICES, type SteadyChoice } from '../video/steady/setting.ts';

export const FLICKER_SETTINGS = {
  steady: ownSetting(steadyChoices, {
    default: STEADY_CHOICES,
    describe: 'Values of --steady to compare, with --style',
    read: (text, option) =>
      steadyChoices(
        text.split(',').map((name) => name.trim()),
        option,
        text,
      ),
  }),
  start: {
    ...numberSetting([0, Number.POSITIVE_INFINITY], { default: 0, describe: 'Seconds to skip' }),
    checked(value: unknown, name: string): number {
      if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value;
      throw new ConfigError(expected(`seconds of at least 0 for ${name}`, value));
    },
  },
  frames: wholeSetting([2, Number.POSITIVE_INFINITY], { default: 48, describe: 'Frames to measure' }),
  scale: wholeSetting([32, Number.POSITIVE_INFINITY], {
    default: 512,
    describe: 'Long side in px; smaller videos keep theirs',
  }),
  precision: choiceSetting(['auto', 'f32', 'bf16'], {
    default: 'auto',
    describe: 'Arithmetic of the network',
  }),
} as const;

/** By the names of the options of `fast-style flicker` in camelCase; one of `style` and `painted`. */
export interface FlickerCall extends SettingValues<typeof FLICKER_SETTINGS> {
  /** The unpainted video. */
  readonly video: string;
  readonly style?: string | undefined;
  readonly painted?: string | undefined;
}

/** A film, or one way of painting it, measured. */
export interface MeasuredFilm extends FilmFlicker {
  readonly name: string;
  /** Films whose motion is known exactly; absent for what was not painted here. */
  readonly exact?: readonly ExactFlicker[];
}

export interface FlickerReport {
  readonly video: string;
  readonly style?: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly cuts: number;
  /** The film itself first. */
  readonly films: readonly MeasuredFilm[];
}

/** @param received what the message shows: as it was typed. */
function steadyChoices(value: unknown, name: string, received = value): readonly SteadyChoice[] {
  const isChoice = (one: unknown): one is SteadyChoice => STEADY_CHOICES.some((choice) => choice === one);
  const names: readonly unknown[] = Array.isArray(value) ? [...new Set(value)] : [];
  if (names.length > 0 && names.every(isChoice)) return names;
  throw new ConfigError(expected(`some of ${STEADY_CHOICES.join(', ')} for ${name}`, received));
}
