import { ConfigError, expected } from '../system/errors.ts';

/** The largest changes from one frame to the next; each is drawn between none and this (`stability-changes.ts`). */
export interface StabilityChanges {
  /** Pixels, in height and width. */
  readonly shift?: number;
  /** Share by which the picture grows or shrinks. */
  readonly zoom?: number;
  /** Share by which it gets brighter or darker. */
  readonly brightness?: number;
  /** Standard deviation of noise, grey levels. */
  readonly noise?: number;
}

/** What a film shot by hand has from frame to frame, and a little more. */
export const DEFAULT_CHANGES: Required<StabilityChanges> = {
  shift: 8,
  zoom: 0.05,
  brightness: 0.05,
  noise: 6,
};

/** The weight of `--stability` without a value. docs/decisions.md says how it was found. */
export const USUAL_STABILITY = 10;

const LARGEST: Required<StabilityChanges> = { shift: 64, zoom: 0.5, brightness: 0.5, noise: 64 };

/** @throws {ConfigError} not an object, empty, an unknown change, or an amount out of bounds. */
export function checkStabilityChanges(value: unknown): StabilityChanges {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = isRecord ? Object.entries(value) : [];
  const fits =
    entries.length > 0 &&
    entries.every(([name, amount]) => {
      const most = Object.hasOwn(LARGEST, name) ? LARGEST[name as keyof StabilityChanges] : 0;
      return typeof amount === 'number' && amount > 0 && amount <= most;
    });
  if (!fits)
    throw new ConfigError(
      expected(
        `amounts above 0 and up to ${changesText(LARGEST)} for stabilityChanges`,
        value,
        `for instance ${changesText(DEFAULT_CHANGES)}`,
      ),
    );
  return value as StabilityChanges;
}

/**
 * Changes from a command line, `shift:4,noise`; one without an amount has its default.
 *
 * @throws {ConfigError} as `checkStabilityChanges`.
 */
export function parseStabilityChanges(text: string): StabilityChanges {
  const changes = Object.fromEntries(
    text.split(',').map((part) => {
      const [name = '', amount] = part.trim().split(':');
      const usual = Object.hasOwn(DEFAULT_CHANGES, name)
        ? DEFAULT_CHANGES[name as keyof StabilityChanges]
        : 0;
      return [name, amount === undefined ? usual : Number(amount)];
    }),
  );
  return checkStabilityChanges(changes);
}

/** The weight as typed: without a number, the usual one. What is no number is refused by its check. */
export function readStabilityWeight(text: string): unknown {
  if (text.trim() === '') return USUAL_STABILITY;
  const weight = Number(text);
  return Number.isNaN(weight) ? text : weight;
}

/** As they are typed. */
export const changesText = (changes: StabilityChanges): string =>
  Object.entries(changes)
    .map(([name, amount]) => `${name}:${amount}`)
    .join(',');
