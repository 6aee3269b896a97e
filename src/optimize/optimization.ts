import { setImmediate } from 'node:timers/promises';
import type { Precision } from '../engine/compile/compile.ts';
import type { Term } from '../losses/term.ts';
import type { LossNetworkWeights } from '../networks/loss-network-weights.ts';
import { onLossNetwork } from '../networks/published-network.ts';
import type { Picture } from '../picture.ts';
import { checkConfig } from './check-config.ts';
import type { OptimizeConfig } from './config.ts';
import { type LossTerms, type Minimizer, STOP_MESSAGES, type StopReason } from './evaluation.ts';
import { Iterates } from './iterates.ts';
import { makeMinimizer } from './make-minimizer.ts';
import { networkFor } from './network.ts';
import type { OptimizeProgress, OptimizeResult } from './progress.ts';
import type { Recipe } from './recipes/recipe.ts';
import { RECIPES } from './recipes/recipes.ts';
import { resizePlane } from './resize-plane.ts';
import { makeStage, type Stage } from './stage.ts';
import { StopRule } from './stop-rule.ts';

/** A painting and where it counts. */
export interface StyleInput {
  readonly picture: Picture;
  /** Share among the paintings. Defaults to 1; only the balance counts. */
  readonly weight?: number;
  /** Grey picture over the photo: white where this painting is to be, black where not. Any size. */
  readonly region?: Picture;
  /** Grey picture over the painting: white where its style is taken from. Any size. */
  readonly source?: Picture;
}

export interface OptimizeInputs {
  readonly lossNetwork: LossNetworkWeights;
  /** The photo, at the size that the result shall have. */
  readonly content: Picture;
  /** Any size: they are brought to `styleScale` times the photo's. May be empty where the style weight is 0. */
  readonly styles: readonly StyleInput[];
  /** Grey picture over the photo: white where its content is to be kept, black where it is free. Any size. */
  readonly contentRegion?: Picture;
  /** For the start `given` (a network's output, say) and `blend`. Any size; brought to the photo's. */
  readonly given?: Picture;
  /** Terms of the caller's own, added to the objective. */
  readonly terms?: readonly Term[] | undefined;
  /** Defaults to f32. */
  readonly precision?: Precision;
  /** Ends the optimisation after the iteration under way; there is still a result. */
  readonly signal?: AbortSignal;
}

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
