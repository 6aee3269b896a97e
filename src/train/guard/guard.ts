import type { Precision } from '../../engine/compile/compile.ts';
import { LARGEST_HALF } from '../../networks/half-float.ts';
import type { Picture } from '../../picture.ts';
import type { RunState } from '../run/run-state.ts';
import type { NetworkTrainer } from '../trainer.ts';
import type { StepProgress } from '../trainer-options.ts';
import { explainFailure, type Trouble } from './explain-failure.ts';
import type { RollBack } from './guard-record.ts';
import { judgeSample, type PictureSpread, SamplePainter, spreadOf } from './sample-check.ts';
import { leapBetweenPhases, notFinite, spikeIn, spikesAtEnd } from './step-check.ts';

/** What a roll-back does to the learning rate. */
const LOWERED = 0.5;
/** This many failures in a row end the run; one more than this many steps after all others begins a new row. */
const FAILURES_IN_A_ROW = 3;
const PROGRESS = 50;
/** A learning rate lowered this far teaches nothing. */
const LOWEST_FACTOR = 1 / 64;
/** Good states kept in memory: if one is spoilt unnoticed, there is an earlier one. */
const GOOD_STATES = 2;

export interface GuardOptions {
  readonly trainer: NetworkTrainer;
  /** The photo that samples are painted of. */
  readonly photo: Picture;
  /** The painting; of several styles in one network all of them, in their order: samples go round. */
  readonly painting: Picture | readonly Picture[];
  readonly precision: Precision;
  /** Least steps between check-ups. Defaults to 50. */
  readonly every?: number;
  /** Largest share of the time that check-ups may take; fewer are made where steps are quick. Defaults to 0.005. */
  readonly share?: number;
}

/**
 * Watches one training run. Every step's numbers are judged; now and then, and before anything is saved, the weights are
 * looked at, a sample is painted and looked at, and the state is kept as a good one. On trouble the trainer goes back to
 * a good state with half the learning rate and the photos that come next.
 */
export class Guard {
  readonly #trainer: NetworkTrainer;
  readonly #painter: SamplePainter;
  readonly #paintings: readonly PictureSpread[];
  readonly #every: number;
  readonly #share: number;
  readonly #learningRate: number;
  /** Newest last. */
  #good: RunState[];
  #checkedAt: number;
  #checked = performance.now();
  #cost = 0;
  #samples = 0;
  /** Content and style lost in the steps up to the last one judged, and in the last ones of the phase before it. */
  #lostThen: readonly number[] = [];
  #earlierPhase: readonly number[] = [];
  #failures = 0;
  #allAtOnce = true;
  #furthest = 0;

  constructor({ trainer, photo, painting, precision, every = 50, share = 0.005 }: GuardOptions) {
    this.#trainer = trainer;
    this.#painter = new SamplePainter(trainer.layers, photo, precision);
    this.#paintings = ('pixels' in painting ? [painting] : painting).map(spreadOf);
    this.#every = every;
    this.#share = share;
    const first = trainer.runState();
    this.#learningRate = first.config.learningRate;
    this.#good = [first];
    this.#checkedAt = first.step;
  }

  /** The newest state that passed a check-up. */
  get lastGood(): RunState {
    return this.#good.at(-1)!;
  }

  /** What is wrong with the step that has just been made, from its numbers alone. */
  judge({ losses, health }: StepProgress): Trouble | undefined {
    const broken = notFinite(losses, health);
    if (broken !== undefined) return { kind: 'not finite', text: broken };
    const { recent } = this.#trainer;
    // A phase begins with the losses of its own first step only.
    if (recent.length === 1) this.#earlierPhase = this.#lostThen;
    this.#lostThen = recent.map(({ content, style }) => content + style);
    const spike = spikeIn(this.#totals()) ?? leapBetweenPhases(losses, recent.length, this.#earlierPhase);
    return spike === undefined ? undefined : { kind: 'spike', text: spike };
  }

  /** Whether a check-up is due that nothing else calls for. */
  isCheckUpDue(): boolean {
    return (
      this.#trainer.stepsDone - this.#checkedAt >= this.#every &&
      (performance.now() - this.#checked) * this.#share >= this.#cost
    );
  }

  /**
   * Looks at weights and at a sample, and keeps the state if both are in order; otherwise returns what is wrong.
   *
   * @param saves whether the state is about to be saved. It is then kept even if its last loss was a spike that may be
   *   the beginning of more, which otherwise makes it no place to return to.
   */
  checkUp(saves = true): Trouble | undefined {
    const started = performance.now();
    const state = this.#trainer.runState();
    const trouble = this.#examine(state);
    const isCalm = saves || spikesAtEnd(this.#totals()) === 0;
    if (trouble === undefined && state.step > this.lastGood.step && isCalm)
      this.#good = [...this.#good, state].slice(-GOOD_STATES);
    this.#checkedAt = state.step;
    this.#checked = performance.now();
    this.#cost = this.#checked - started;
    return trouble;
  }

  #examine(state: RunState): Trouble | undefined {
    const { tensors, step } = state;
    // Weights are shipped in half precision; Adam's moments never leave f32.
    const astray = tensors.find(({ name, values }) => {
      const largest = name.startsWith('adam.') ? Number.MAX_VALUE : LARGEST_HALF;
      return values.some((value) => !(Math.abs(value) <= largest));
    });
    if (astray !== undefined)
      return {
        kind: 'not finite',
        text: `${astray.name} holds numbers that are not finite or beyond half precision`,
      };
    // The first weights have not painted anything yet.
    if (step === 0) return undefined;
    const style = this.#samples++ % this.#paintings.length;
    const sample = this.#painter.paint(this.#trainer.currentParameters(state, style));
    const fault = judgeSample(sample, this.#paintings[style]!);
    return fault === undefined ? undefined : { kind: 'sample', text: fault };
  }

  /**
   * Takes the trainer back: after a first failure to the newest good state, after a second to the previous one.
   *
   * @returns undefined when it is no use any more: the third failure in a row, or the learning rate is as low as can be.
   *   The trainer is then unchanged.
   */
  rollBack(trouble: Trouble): RollBack | undefined {
    const { stepsDone: step, guard } = this.#trainer;
    if (step > this.#furthest + PROGRESS) this.#failures = 0;
    if (this.#failures === 0) this.#allAtOnce = true;
    this.#furthest = Math.max(this.#furthest, step);
    this.#failures += 1;
    if (this.#failures === 2 && this.#good.length > 1) this.#good.pop();
    const good = this.lastGood;
    this.#allAtOnce &&= step === good.step + 1;
    const learningRateFactor = guard.learningRateFactor * LOWERED;
    if (this.#failures >= FAILURES_IN_A_ROW || learningRateFactor < LOWEST_FACTOR) return undefined;
    const rollBack = { step, to: good.step, reason: trouble.text, learningRateFactor };
    const record = { learningRateFactor, rollBacks: [...guard.rollBacks, rollBack] };
    // Photos continue from where they are: those that came before the trouble are skipped.
    const state = { ...good, position: this.#trainer.runState().position, guard: record };
    this.#trainer.restore(state);
    this.#good[this.#good.length - 1] = state;
    this.#checkedAt = good.step;
    return rollBack;
  }

  /** Why training is given up, for people. @param saved whether the run's folder holds a state to resume from. */
  explain(trouble: Trouble, saved: boolean): string {
    const { stepsDone: step, guard } = this.#trainer;
    return explainFailure(trouble, {
      failures: guard.rollBacks.length + 1,
      step,
      atOnce: this.#allAtOnce,
      learningRate: this.#learningRate * guard.learningRateFactor,
      saved,
    });
  }

  #totals(): number[] {
    return this.#trainer.recent.map(({ total }) => total);
  }

  dispose(): void {
    this.#painter.dispose();
  }
}
