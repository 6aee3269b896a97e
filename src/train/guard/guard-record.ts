/** One return to an earlier state. */
export interface RollBack {
  /** The step at which something was wrong, and the one from which training went on. */
  readonly step: number;
  readonly to: number;
  /** What was wrong, for people. */
  readonly reason: string;
  /** Factor on the learning rate from then on. */
  readonly learningRateFactor: number;
}

/** What the guard has done to a run; part of its state, so that resuming keeps it. */
export interface GuardRecord {
  /** Factor on the scheduled learning rate: 1, halved at each roll-back. */
  readonly learningRateFactor: number;
  readonly rollBacks: readonly RollBack[];
}

/** A run that nothing has happened to. */
export const UNHARMED: GuardRecord = { learningRateFactor: 1, rollBacks: [] };
