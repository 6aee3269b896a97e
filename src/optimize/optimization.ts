import { setImmediate } from 'node:timers/promises';
import * as tf from '../engine/tensorflow.ts';
import { LOSS_UNITS } from '../losses/loss-units.ts';
import { canonicalWeights } from '../networks/layer-names.ts';
import { onLossNetwork } from '../networks/published-network.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { checkSettings } from '../system/settings.ts';
import type { OptimizeConfig, OptimizeInputs } from './config.ts';
import { type LossTerms, type Minimizer, STOP_MESSAGES, type StopReason } from './evaluation.ts';
import { Iterates } from './iterates.ts';
import { makeMinimizer } from './make-minimizer.ts';
import { networkFor } from './network.ts';
import type { OptimizeProgress, OptimizeResult } from './progress.ts';
import { RECIPES, type Recipe } from './recipes.ts';
import { OPTIMIZE_SETTINGS } from './settings.ts';
import { makeStage, type Stage } from './stage.ts';
import { StopRule } from './stop-rule.ts';

/**
 * Optimises a picture for content and style (Gatys et al. 2016). Prints nothing; yields the start and then every
 * iteration, and returns the result. Between iterations the event loop runs, so that signals arrive.
 *
 * @throws {ConfigError} a setting out of bounds, a layer the network does not have, a picture too small, no painting.
 */
export async function* optimizePixels(
  given: OptimizeConfig,
  inputs: OptimizeInputs,
): AsyncGenerator<OptimizeProgress, OptimizeResult> {
  const { layers, note }: Partial<ReturnType<typeof onLossNetwork>> =
    given.recipe === undefined ? {} : onLossNetwork(given, RECIPES[given.recipe], inputs.lossNetwork);
  const config = checkConfig({ ...given, ...layers }, inputs);
  const network = networkFor(inputs.lossNetwork, config);
  const rule = new StopRule(config, inputs.signal);
  let stage: Stage | undefined;
  let minimizer: Minimizer<LossTerms> | undefined;
  let stopped: StopReason | undefined;
  let iterates: Iterates | undefined;
  try {
    for (const [index, { scale }] of config.scales.entries()) {
      // An interruption ends at the size that was reached.
      if (stopped === 'aborted' || stopped === 'time' || stopped === 'evaluations') break;
      const next = await makeStage(config, inputs, network, scale);
      const evaluate = (point: Float32Array) => next.objective.evaluate(point);
      rule.startClock();
      const previous: Stage | undefined = stage;
      stage = next;
      try {
        if (previous === undefined || minimizer === undefined) {
          minimizer = makeMinimizer(config, evaluate, next.start());
        } else {
          const resize = (values: Float32Array) => resizePlane(values, previous.shape, next.shape);
          minimizer = minimizer.rescaled(evaluate, resize(iterates!.best.point), resize);
        }
      } finally {
        previous?.dispose();
      }
      iterates = new Iterates(minimizer, config.averaging);
      stopped = rule.beginScale(index, minimizer.evaluation);
      const progress = (): OptimizeProgress => ({
        ...rule.counts,
        iterations: config.iterations,
        total: minimizer!.evaluation.value,
        terms: minimizer!.evaluation.terms,
        weights: next.objective.weights,
        best: iterates!.best.evaluation.value,
        scale: { index, count: config.scales.length, width: next.shape[2], height: next.shape[1] },
        picture: () => next.picture(iterates!.current),
      });
      yield progress();
      while (stopped === undefined) {
        const iteration = minimizer.step();
        iterates.add();
        stopped = rule.after(iteration);
        yield progress();
        // A timer's turn, not a promise's: signals and input are handled in the event loop's other phases.
        await setImmediate();
        stopped ??= rule.interrupted();
      }
    }
    return resultOf(stage!, iterates!, rule, stopped!, config, note);
  } finally {
    stage?.dispose();
    network.dispose();
  }
}

function resultOf(
  stage: Stage,
  iterates: Iterates,
  rule: StopRule,
  stopped: StopReason,
  { recipe }: OptimizeConfig,
  note: string | undefined,
): OptimizeResult {
  const { point, evaluation, notes } = iterates.result((at) => stage.objective.evaluate(at));
  const { iteration, evaluations, seconds, undone } = rule.counts;
  return {
    picture: stage.picture(point),
    total: evaluation.value,
    terms: evaluation.terms,
    iterations: iteration,
    evaluations,
    seconds,
    undone,
    stopped,
    message: STOP_MESSAGES[stopped],
    notes: [...(note === undefined ? [] : [note]), ...distrust(recipe, evaluation.value), ...notes],
  };
}

function distrust(name: OptimizeConfig['recipe'], total: number): string[] {
  const { saneTotal = Number.POSITIVE_INFINITY }: Partial<Recipe> = name === undefined ? {} : RECIPES[name];
  if (total <= saneTotal) return [];
  return [`The total is above ${saneTotal}, where the recipe ${name} no longer trusts the picture.`];
}

type Shape = readonly [number, number, number, number];

/**
 * Bilinear resizing of what belongs to pixels: iterates, steps, moments; values of any range.
 *
 * @param values H·W·C of `from`. @returns those of `to`, [1, H′, W′, C].
 */
function resizePlane(values: Float32Array, from: Shape, to: Shape): Float32Array {
  return tf.tidy(() => {
    const size: [number, number] = [to[1], to[2]];
    const resized = tf.image.resizeBilinear(tf.tensor4d(values, [...from]), size, false, true);
    return resized.dataSync() as Float32Array;
  });
}

/**
 * The configuration with its layers under their published names.
 *
 * @throws {ConfigError} a value out of bounds, a layer that the loss network does not have, or settings that do not go
 *   together.
 */
function checkConfig(config: OptimizeConfig, inputs: OptimizeInputs): OptimizeConfig {
  const { recipe: _, ...settings } = config;
  // One that is missing is refused as well.
  const missing = Object.fromEntries(Object.keys(OPTIMIZE_SETTINGS).map((name) => [name, undefined]));
  checkSettings(OPTIMIZE_SETTINGS, { ...missing, ...settings }, 'the optimisation');
  const { kind } = inputs.lossNetwork;
  const contentLayers = canonicalWeights(kind, config.contentLayers);
  const styleLayers = canonicalWeights(kind, config.styleLayers);
  checkTerms({ ...config, contentLayers, styleLayers }, inputs);
  return { ...config, contentLayers, styleLayers };
}

function checkTerms(config: OptimizeConfig, { styles, terms = [] }: OptimizeInputs): void {
  const { contentWeight, styleWeight, units, statistic } = config;
  const isWeight = ([name, value]: [string, unknown]) => name.endsWith('Weight') && value !== 0;
  if (terms.length === 0 && !Object.entries(config).some(isWeight))
    throw new ConfigError(expected('a weight above 0 for content, style, tv or pixels', '0 for all'));
  const weighs = (layers: Readonly<Record<string, number>>) =>
    Object.values(layers).some((weight) => weight > 0);
  if (contentWeight > 0 && !weighs(config.contentLayers))
    throw new ConfigError(expected('a content layer with a weight above 0', config.contentLayers));
  if (styleWeight > 0 && !weighs(config.styleLayers))
    throw new ConfigError(expected('a style layer with a weight above 0', config.styleLayers));
  if (styleWeight > 0 && styles.length === 0)
    throw new ConfigError(expected('a style picture', 'none', 'name one, or set the style weight to 0'));
  styles.forEach(({ weight = 1 }, i) => {
    if (!(weight >= 0 && weight <= 1e9))
      throw new ConfigError(expected(`the weight of style picture ${i + 1} of 0 to ${1e9}`, weight));
  });
  if (styles.length > 0 && styles.every(({ weight = 1 }) => weight === 0))
    throw new ConfigError(expected('a style picture with a weight above 0', '0 for all'));
  if (statistic === 'moments' && LOSS_UNITS[units].style !== 'share')
    throw new ConfigError(
      expected(`Gram matrices in the units ${units}`, statistic, 'moments have the units relative only'),
    );
}
