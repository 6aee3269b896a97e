import { setImmediate } from 'node:timers/promises';
import type { Precision } from '../engine/compile/compile.ts';
import type { Term } from '../losses/term.ts';
import type { LossNetworkWeights } from '../networks/loss-network-weights.ts';
import type { OptimizeConfig } from '../optimize/config.ts';
import { makeMinimizer } from '../optimize/make-minimizer.ts';
import { networkFor } from '../optimize/network.ts';
import { makeStage, type Stage } from '../optimize/stage.ts';
import type { Picture } from '../picture.ts';

/** A picture and its objective, as 8-bit pixels. */
export interface Judged {
  readonly picture: Picture;
  readonly total: number;
}

/** Where the optimisation stood after so many iterations. */
export interface Milestone extends Judged {
  readonly iterations: number;
  /** Spent in the optimisation so far, without judging. */
  readonly seconds: number;
}

/** One photo at one size. */
export interface PhotoParity {
  readonly photo: Judged;
  readonly network: Judged & { readonly seconds: number };
  readonly milestones: readonly Milestone[];
  /** k*: the first iteration whose 8-bit picture has an objective of at most the network's; undefined if none had. */
  readonly overtaken: { readonly iterations: number; readonly seconds: number } | undefined;
  /**
   * Iterations from the network's picture (`stylize --refine`) until its 8-bit picture has at most the objective of the
   * last milestone; undefined if as many iterations did not get there, or if it was not asked for.
   */
  readonly refined: { readonly iterations: number; readonly seconds: number } | undefined;
  /** Iterations done; fewer than asked for where the minimiser could not go on or was told to stop. */
  readonly iterations: number;
}

export interface PhotoParityInputs {
  /** Objective, start and seed (`trainingObjective`). */
  readonly config: OptimizeConfig;
  readonly lossNetwork: LossNetworkWeights;
  readonly photo: Picture;
  readonly painting: Picture;
  /** Paints a picture by the network that is judged. */
  readonly paint: (photo: Picture) => Picture;
  /** Iterations at which the optimisation is shown, ascending. */
  readonly at: readonly number[];
  /** Whether `refined` is wanted. Defaults to true. */
  readonly refine?: boolean;
  /** Terms of the caller's own, added to the objective. */
  readonly terms?: readonly Term[] | undefined;
  readonly precision?: Precision;
  readonly signal?: AbortSignal;
  readonly onIteration?: (iteration: number) => void;
}

/** Rounding to 8 bit raises an objective by a few hundredths at most: before this ratio, nothing is overtaken. */
const NEAR = 1.1;
/** Forward passes that the network's time is the median of, behind one that warms up. */
const PASSES = 5;

/**
 * Johnson's parity test (Johnson et al. 2016, §4.1, figure 5) on one photo: the same objective for the photo itself, the
 * network's output and L-BFGS on its way, each rounded to 8 bit as it would be saved.
 *
 * @throws {ConfigError} the photo is too small for the loss network.
 */
export async function photoParity(inputs: PhotoParityInputs): Promise<PhotoParity> {
  const { config, photo, painting, paint, at, signal } = inputs;
  const lossNetwork = networkFor(inputs.lossNetwork, config);
  try {
    const { precision = 'f32' } = inputs;
    const given = {
      lossNetwork: inputs.lossNetwork,
      content: photo,
      styles: [{ picture: painting }],
      terms: inputs.terms,
      precision,
    };
    const stage = await makeStage(config, given, lossNetwork, 1);
    try {
      const { objective } = stage;
      const judge = (picture: Picture): Judged => {
        return { picture, total: objective.evaluate(new Float32Array(picture.pixels)).value };
      };
      const { painted, seconds: networkSeconds } = timed(paint, photo);
      const network = judge(painted);
      const walk = { stage, config, signal, onIteration: inputs.onIteration };
      const milestones: Milestone[] = [];
      let overtaken: PhotoParity['overtaken'];
      const iterations = await iterate(walk, stage.start(), at.at(-1) ?? 0, (state) => {
        const shown = at.includes(state.iterations);
        const near = overtaken === undefined && state.total <= network.total * NEAR;
        if (!shown && !near) return false;
        const judged = judge(state.picture());
        const { iterations, seconds } = state;
        if (shown) milestones.push({ iterations, seconds, ...judged });
        if (near && judged.total <= network.total) overtaken = { iterations, seconds };
        return false;
      });
      const goal = milestones.at(-1);
      let refined: PhotoParity['refined'];
      const refining = { ...walk, onIteration: undefined };
      if (goal !== undefined && inputs.refine !== false)
        await iterate(refining, new Float32Array(painted.pixels), goal.iterations, (state) => {
          if (state.total > goal.total * NEAR || judge(state.picture()).total > goal.total) return false;
          refined = { iterations: state.iterations, seconds: state.seconds };
          return true;
        });
      return {
        photo: judge(photo),
        network: { ...network, seconds: networkSeconds },
        milestones,
        overtaken,
        refined,
        iterations,
      };
    } finally {
      stage.dispose();
    }
  } finally {
    lossNetwork.dispose();
  }
}

interface Walk {
  readonly stage: Stage;
  readonly config: OptimizeConfig;
  readonly signal: AbortSignal | undefined;
  readonly onIteration: ((iteration: number) => void) | undefined;
}

interface WalkState {
  readonly iterations: number;
  /** Spent in the minimiser alone. */
  readonly seconds: number;
  /** Before rounding. */
  readonly total: number;
  picture(): Picture;
}

/** Minimises from a start until `visit` answers true. Answers the iterations done. */
async function iterate(
  { stage, config, signal, onIteration }: Walk,
  start: Float32Array,
  most: number,
  visit: (state: WalkState) => boolean,
): Promise<number> {
  let seconds = 0;
  const clocked = <T>(work: () => T): T => {
    const started = performance.now();
    const result = work();
    seconds += (performance.now() - started) / 1000;
    return result;
  };
  const minimizer = clocked(() => makeMinimizer(config, (point) => stage.objective.evaluate(point), start));
  let iterations = 0;
  while (iterations < most && !signal?.aborted) {
    const { stopped } = clocked(() => minimizer.step());
    if (stopped !== undefined) break;
    iterations++;
    onIteration?.(iterations);
    const picture = () => stage.picture(minimizer.point);
    if (visit({ iterations, seconds, total: minimizer.evaluation.value, picture })) break;
    // Signals and the progress bar get their turn.
    await setImmediate();
  }
  return iterations;
}

function timed(paint: (photo: Picture) => Picture, photo: Picture) {
  const painted = paint(photo);
  const times = Array.from({ length: PASSES }, () => {
    const started = performance.now();
    paint(photo);
    return (performance.now() - started) / 1000;
  });
  return { painted, seconds: times.sort((a, b) => a - b)[Math.floor(PASSES / 2)]! };
}
