/** The call of `optimize`, as the configuration of the optimisation. */
import { GATYS_LOSSES, LOSS_UNITS } from '../../losses/loss-units.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { optionName, type SettingsTable, settingValue } from '../../system/settings.ts';
import type { OptimizeConfig, RecipeName } from '../config.ts';
import { fixedSteps } from '../fixed-steps.ts';
import { ADAM_SETTINGS, DEFAULT_ADAM, DEFAULT_LBFGS } from '../minimizer-settings.ts';
import { contentReconstruction, copyByPixels, RECIPES, styleReconstruction } from '../recipes.ts';
import { OPTIMIZE_SETTINGS } from '../settings.ts';
import type { OptimizeCall } from './call.ts';
import { parseDecay, parseScales, parseStart, parseTv } from './values.ts';

/** Longer side of the result in px where neither the user nor the recipe says one. */
export const DEFAULT_SIZE = 512;

/** The recipe that a call starts from. */
export function recipeNameOf({ recipe, warmUp }: OptimizeCall): RecipeName {
  return warmUp === undefined ? (recipe ?? 'default') : 'pytorch';
}

/**
 * The recipe or warm-up with what the user changes.
 *
 * @throws {ConfigError} a value that cannot be read, or that does not go with another.
 */
export function optimizeConfigOf(given: OptimizeCall): OptimizeConfig {
  const base = withUnits(
    given.warmUp === undefined ? RECIPES[recipeNameOf(given)].config : warmUp(given.warmUp),
    given,
  );
  const { start, scales, tv, clamp, free } = given;
  if (clamp && free) throw new ConfigError(expected('--clamp or --free', 'both'));
  return {
    ...base,
    ...givenSettings({ ...given }),
    ...(start !== undefined && { start: parseStart(start).start }),
    ...(scales !== undefined && { scales: parseScales(scales) }),
    ...(tv !== undefined && parseTv(tv)),
    ...(free === true && { clamp: false }),
    optimizer: optimizerOf(base, given),
  };
}

/** The settings that were given by an option of theirs alone. @throws {ConfigError} one that does not fit. */
function givenSettings(given: Readonly<Record<string, unknown>>): Partial<OptimizeConfig> {
  const rows: SettingsTable = OPTIMIZE_SETTINGS;
  return Object.fromEntries(
    Object.entries(rows).flatMap(([name, row]) => {
      const key = row.option ?? name;
      const typed = row.describe === undefined || row.isReadByCommand ? undefined : given[key];
      if (typed === undefined) return [];
      const option = `--${optionName(key)}`;
      return [[name, row.checked(settingValue(row, typed, option), option)]];
    }),
  );
}

/** Weights mean something in their own units only: with other units come the layers and weights published with them. */
function withUnits(base: OptimizeConfig, { units, statistic }: OptimizeCall): OptimizeConfig {
  const changed = { ...base, ...(statistic !== undefined && { statistic }) };
  if (units === undefined || units === base.units) return changed;
  const published =
    units === 'gatys'
      ? { ...GATYS_LOSSES, statistic: 'gram' as const }
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

/** Losses that are shares have gradients of some 1e-7 per pixel, which the published epsilon would drown. */
const RELATIVE_EPSILON = 1e-14;

function optimizerOf(base: OptimizeConfig, given: OptimizeCall): OptimizeConfig['optimizer'] {
  const { method = base.optimizer.kind, lineSearch, lr, decay } = given;
  if (method === 'lbfgs') {
    const option = lr === undefined ? (decay === undefined ? undefined : '--decay') : '--lr';
    if (option !== undefined)
      throw new ConfigError(expected(`${option} with --method adam`, 'L-BFGS', 'it finds its steps itself'));
    const own = base.optimizer.kind === 'lbfgs' ? base.optimizer : DEFAULT_LBFGS;
    if (lineSearch === undefined || lineSearch === own.lineSearch) return own;
    if (lineSearch === 'none') return { ...fixedSteps(base.units), restartEvery: own.restartEvery };
    return { ...DEFAULT_LBFGS, history: own.history, restartEvery: own.restartEvery };
  }
  if (lineSearch !== undefined)
    throw new ConfigError(expected('--line-search with --method lbfgs', 'Adam', 'it has steps of its own'));
  const own = base.optimizer.kind === 'adam' ? base.optimizer : DEFAULT_ADAM;
  return {
    ...own,
    epsilon: base.units === 'relative' ? RELATIVE_EPSILON : own.epsilon,
    ...(lr !== undefined && { learningRate: ADAM_SETTINGS.learningRate.checked(lr, '--lr') }),
    ...(decay !== undefined && parseDecay(decay)),
  };
}
