import { setImmediate } from 'node:timers/promises';
import type { Precision } from '../engine/compile/compile.ts';
import type { Term } from '../losses/term.ts';
import type { LossNetwork } from '../networks/loss-network.ts';
import type { LossNetworkWeights } from '../networks/loss-network-weights.ts';
import type { OptimizeConfig } from '../optimize/config.ts';
import { makeMinimizer } from '../optimize/make-minimizer.ts';
import { networkFor } from '../optimize/network.ts';
import { makeStage, type Stage } from '../optimize/stage.ts';
import type { Picture } from '../picture.ts';
import type { Judged, Milestone, PairParity, PhotoParity } from './figures.ts';
import { LaterPhoto, type PairObjective } from './pair-parity.ts';

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
  /** Judges these, too, which takes the optimisation twice. `place` is that of the photo among the others. */
  readonly pairs?: { readonly objective: PairObjective; readonly place: number } | undefined;
  readonly precision?: Precision;
  readonly signal?: AbortSignal;
  /** Called after each; the iterations on the photo a moment later are counted on. */
  readonly onIteration?: (iteration: number) => void;
}

/** Rounding to 8 bit raises an objective by a few hundredths at most: before this ratio, nothing is overtaken. */
const NEAR = 1.1;
/** Forward passes that the network's time is the median of, after one that warms up. */
const PASSES = 5;

/**
 * Johnson's parity test (Johnson et al. 2016, §4.1, figure 5) on one photo: the same objective for the photo itself, the
 * network's output and L-BFGS on its way, each rounded to 8 bit as it would be saved.
 *
 * @throws {ConfigError} the photo is too small for the loss network.
 */
export async function photoParity(inputs: PhotoParityInputs): Promise<PhotoParity> {
  const lossNetwork = networkFor(inputs.lossNetwork, inputs.config);
  try {
    const alone = await parityOfPhoto(inputs, lossNetwork);
    if (inputs.pairs === undefined) return alone;
    return { ...alone, pairs: await parityOfPair(inputs, inputs.pairs, alone, lossNetwork) };
  } finally {
    lossNetwork.dispose();
  }
}

async function parityOfPhoto(inputs: PhotoParityInputs, lossNetwork: LossNetwork): Promise<PhotoParity> {
  const { config, photo, paint, at, signal } = inputs;
  const stage = await stageOf(inputs, photo, lossNetwork);
  try {
    const { objective } = stage;
    const judge = (picture: Picture): Judged => {
      const { value: total, terms: values } = objective.evaluate(new Float32Array(picture.pixels));
      const weighed = Object.entries(objective.weights).map(([name, weight]) => [
        name,
        weight * (values as unknown as Readonly<Record<string, number>>)[name]!,
      ]);
      return { picture, total, terms: Object.fromEntries(weighed) };
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
}

/** The photo a moment later is painted, and optimised as long as the photo was, from a start of its own. */
async function parityOfPair(
  inputs: PhotoParityInputs,
  { objective, place }: NonNullable<PhotoParityInputs['pairs']>,
  { network, milestones, iterations: done }: PhotoParity,
  lossNetwork: LossNetwork,
): Promise<readonly PairParity[]> {
  const { config, photo, paint, signal, onIteration } = inputs;
  const moment = new LaterPhoto(objective, photo, place);
  try {
    const painted = { painted: network.picture, later: paint(moment.picture) };
    const ofNetwork = moment.judge(painted, lossNetwork);
    const goal = milestones.at(-1);
    let optimised: number[] | undefined;
    if (goal !== undefined) {
      const stage = await stageOf(inputs, moment.picture, lossNetwork);
      try {
        const counted = (iteration: number) => onIteration?.(done + iteration);
        const walk = { stage, config, signal, onIteration: counted };
        let later = stage.picture(stage.start());
        await iterate(walk, stage.start(), goal.iterations, ({ picture }) => {
          later = picture();
          return false;
        });
        optimised = moment.judge({ painted: goal.picture, later }, lossNetwork);
      } finally {
        stage.dispose();
      }
    }
    return objective.terms.map(({ name, weight }, i) => ({
      ...{ name, weight: weight as number, network: ofNetwork[i]! },
      ...(optimised !== undefined && { optimised: optimised[i]! }),
    }));
  } finally {
    moment.dispose();
  }
}

function stageOf(inputs: PhotoParityInputs, content: Picture, lossNetwork: LossNetwork): Promise<Stage> {
  const { config, painting, terms, precision = 'f32' } = inputs;
  const styles = [{ picture: painting }];
  const given = { lossNetwork: inputs.lossNetwork, content, styles, terms, precision };
  return makeStage(config, given, lossNetwork, 1);
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
