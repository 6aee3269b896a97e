/** What `fast-style optimize` was asked for, as the configuration of the optimisation. */

import { LOSS_UNITS } from '../../losses/loss-units.ts';
import type { AdamConfig, LbfgsConfig, OptimizeConfig } from '../../optimize/config.ts';
import { fixedSteps } from '../../optimize/fixed-steps.ts';
import { RECIPES, type RecipeName } from '../../optimize/recipes/recipes.ts';
import { contentReconstruction, copyByPixels, styleReconstruction } from '../../optimize/recipes/warm-ups.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { TRAIN_RECIPES } from '../../train/recipes.ts';
import { numberIn } from '../shared/number-in.ts';
import type { OptimizeSettings } from './options.ts';
import { parseDecay, parseLayers, parseScales, parseStart, parseTv } from './values.ts';

/** Longer side of the result in px where neither the user nor the recipe says one. */
export const DEFAULT_SIZE = 512;

/** The recipe that a call starts from. */
export function recipeNameOf({ recipe, warmUp }: OptimizeSettings): RecipeName {
  return warmUp === undefined ? (recipe ?? 'default') : 'pytorch';
}

/**
 * The recipe or warm-up with what the user changes.
 *
 * @throws {ConfigError} a value that cannot be read, or that does not go with another.
 */
export function optimizeConfigOf(given: OptimizeSettings): OptimizeConfig {
  const base = withUnits(
    given.warmUp === undefined ? RECIPES[recipeNameOf(given)].config : warmUp(given.warmUp),
    given,
  );
  const { start, scales, tv, colors, contentLayers, styleLayers, clamp, free } = given;
  if (clamp && free) throw new ConfigError(expected('--clamp or --free', 'both'));
  const changed: Record<string, unknown> = {
    ...(start !== undefined && { start: parseStart(start).start }),
    ...(scales !== undefined && { scales: parseScales(scales) }),
    ...(tv !== undefined && parseTv(tv)),
    ...(colors !== undefined && { keepColors: COLORS[colors] }),
    ...(contentLayers !== undefined && { contentLayers: parseLayers(contentLayers, '--content-layers') }),
    ...(styleLayers !== undefined && { styleLayers: parseLayers(styleLayers, '--style-layers') }),
    ...(clamp !== undefined && { clamp }),
    ...(free === true && { clamp: false }),
    optimizer: optimizerOf(base, given),
  };
  for (const [setting, option, least, most, whole] of NUMBERS) {
    const value = given[setting];
    if (value !== undefined)
      changed[RENAMED[setting] ?? setting] = numberIn(`--${option}`, value, least, most, whole);
  }
  for (const setting of ['pooling', 'styleFit'] as const)
    if (given[setting] !== undefined) changed[setting] = given[setting];
  return { ...base, ...changed };
}

const COLORS = { style: 'off', 'photo-luminance': 'luminance', histogram: 'histogram' } as const;

type NumberSetting =
  | ('contentWeight' | 'styleWeight' | 'styleScale' | 'seed' | 'iterations')
  | ('tolerance' | 'timeLimit' | 'average');

const NUMBERS: readonly (readonly [NumberSetting, string, number, number, boolean])[] = [
  ['contentWeight', 'content-weight', 0, 1e20, false],
  ['styleWeight', 'style-weight', 0, 1e20, false],
  ['styleScale', 'style-scale', 0.01, 100, false],
  ['seed', 'seed', 0, 2 ** 31 - 1, true],
  ['iterations', 'iterations', 0, 1e9, true],
  ['tolerance', 'tolerance', 0, 1, false],
  ['timeLimit', 'time-limit', 0, 1e9, false],
  ['average', 'average', 0, 0.999999, false],
];

const RENAMED: Readonly<Partial<Record<NumberSetting, keyof OptimizeConfig>>> = { average: 'averaging' };

/** Weights mean something in their own units only: with other units come the layers and weights published with them. */
function withUnits(base: OptimizeConfig, { units, statistic }: OptimizeSettings): OptimizeConfig {
  const changed = { ...base, ...(statistic !== undefined && { statistic }) };
  if (units === undefined || units === base.units) return changed;
  const published =
    units === 'gatys'
      ? { ...TRAIN_RECIPES.gatys.settings, statistic: 'gram' as const }
      : RECIPES[units === 'relative' ? 'default' : units].config;
  const { contentWeight, styleWeight, contentLayers, styleLayers, tvWeight } = published;
  const losses = { contentWeight, styleWeight, contentLayers, styleLayers, tvWeight };
  const tvForm = LOSS_UNITS[units].tv;
  return { ...changed, ...losses, tvForm, units, statistic: statistic ?? published.statistic };
}

function warmUp(text: string): OptimizeConfig {
  const [kind, value = ''] = text.split(/:(.*)/s);
  if (kind === 'copy' && value === '') return copyByPixels();
  if (kind === 'content' && value !== '') return contentReconstruction(value);
  if (kind === 'style') {
    const published = Object.keys(RECIPES.pytorch.config.styleLayers);
    // A number is that many of the recipe's layers, from the first.
    if (/^[1-5]$/.test(value)) return styleReconstruction(published.slice(0, Number(value)));
    return value === '' ? styleReconstruction() : styleReconstruction(value.split(','));
  }
  throw new ConfigError(
    expected('copy, content:<layer>, style, style:<1 to 5> or style:<layer>,<layer> for --warm-up', text),
  );
}

/** Adam where the user asks for it and the recipe does not have it: rate 2 in grey levels, as from the photo. */
const ADAM: AdamConfig = {
  kind: 'adam',
  learningRate: 2,
  decay: 'constant',
  decayRate: 0.95,
  decaySteps: 100,
  epsilon: 1e-8,
};
/** Losses that are shares have gradients of some 1e-7 per pixel, which the published epsilon would drown. */
const RELATIVE_EPSILON = 1e-14;

const LBFGS: LbfgsConfig = { kind: 'lbfgs', lineSearch: 'strong-wolfe', history: 10, restartEvery: 0 };

function optimizerOf(base: OptimizeConfig, given: OptimizeSettings): OptimizeConfig['optimizer'] {
  const { method = base.optimizer.kind, lineSearch, lr, decay } = given;
  if (method === 'lbfgs') {
    const option = lr === undefined ? (decay === undefined ? undefined : '--decay') : '--lr';
    if (option !== undefined)
      throw new ConfigError(expected(`${option} with --method adam`, 'L-BFGS', 'it finds its steps itself'));
    const own = base.optimizer.kind === 'lbfgs' ? base.optimizer : LBFGS;
    if (lineSearch === undefined || lineSearch === own.lineSearch) return own;
    if (lineSearch === 'none') return { ...fixedSteps(base.units), restartEvery: own.restartEvery };
    return { ...LBFGS, history: own.history, restartEvery: own.restartEvery };
  }
  if (lineSearch !== undefined)
    throw new ConfigError(expected('--line-search with --method lbfgs', 'Adam', 'it has steps of its own'));
  const own = base.optimizer.kind === 'adam' ? base.optimizer : ADAM;
  return {
    ...own,
    epsilon: base.units === 'relative' ? RELATIVE_EPSILON : own.epsilon,
    ...(lr !== undefined && { learningRate: numberIn('--lr', lr, 1e-9, 255) }),
    ...(decay !== undefined && parseDecay(decay)),
  };
}
