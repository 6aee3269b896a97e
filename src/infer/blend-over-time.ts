import type { Checkpoint } from '../networks/checkpoint.ts';
import type { NamedArray } from '../networks/safetensors.ts';
import { CheckpointError, ConfigError, expected } from '../system/errors.ts';
import { type OpenedStyle, openStyle } from './open-style.ts';

/** A style and when it is there alone. */
export interface StyleAt {
  readonly style: string;
  /** After the film's beginning. */
  readonly seconds: number;
}

/** Whether a blend has times in it: `wave@0s,scream@10s`. */
export function isOverTime(blend: string): boolean {
  return /@[^@,]*$/.test(blend.split(',')[0]!);
}

/**
 * Reads a blend over time: styles with the times at which each is alone, `wave@0s,scream@10s,wave@1:30`; between two, shares change
 * evenly.
 *
 * @throws {ConfigError} no time, or times that do not grow.
 */
export function parseBlendOverTime(text: string): readonly StyleAt[] {
  const keys = text.split(',').map((part) => {
    const [, style = '', time = ''] = /^(.+)@([^@]+)$/.exec(part.trim()) ?? [];
    const parts = time.replace(/s$/, '').split(':');
    const isTime = parts.length <= 3 && parts.every((one) => /^\d+(\.\d+)?$/.test(one));
    const seconds = isTime ? parts.reduce((sum, one) => 60 * sum + Number(one), 0) : Number.NaN;
    return { style, seconds };
  });
  const isSound = keys.every(({ style, seconds }, i) => {
    const before = keys[i - 1]?.seconds ?? Number.NEGATIVE_INFINITY;
    return style !== '' && seconds > before;
  });
  if (isSound && keys.length > 1) return keys;
  throw new ConfigError(
    expected('styles with growing times like wave@0s,scream@10s for --blend', text === '' ? 'nothing' : text),
  );
}

/** Styles of one architecture in the order of their times. */
export interface OpenedBlend {
  readonly keys: readonly StyleAt[];
  readonly checkpoints: readonly Checkpoint[];
  readonly label: string;
}

/**
 * Opens the styles of a blend over time. @param reference the file that holds them, if they are in one.
 *
 * @throws {CheckpointError} there is none, or they are of different architectures.
 */
export async function openBlendOverTime(reference: string | undefined, text: string): Promise<OpenedBlend> {
  const keys = parseBlendOverTime(text);
  const opened: OpenedStyle[] = [];
  for (const { style } of keys)
    opened.push(await openStyle(reference === undefined ? style : `${reference}:${style}`));
  const [first] = opened as [OpenedStyle, ...OpenedStyle[]];
  const other = opened.findIndex(
    ({ checkpoint }) => checkpoint.architecture !== first.checkpoint.architecture,
  );
  if (other >= 0) {
    throw new CheckpointError(
      expected(
        `styles of one architecture for --blend (${keys[0]!.style} has ${first.checkpoint.architecture})`,
        `${keys[other]!.style} with ${opened[other]!.checkpoint.architecture}`,
      ),
    );
  }
  return {
    keys,
    checkpoints: opened.map(({ checkpoint }) => checkpoint),
    label: opened.map(({ label }) => label).join('-'),
  };
}

/** The two styles that a moment lies between, and the share of the second. */
export function shareAt(
  keys: readonly StyleAt[],
  seconds: number,
): { readonly from: number; readonly to: number; readonly share: number } {
  const to = keys.findIndex((key) => key.seconds > seconds);
  if (to === 0) return { from: 0, to: 0, share: 0 };
  if (to < 0) return { from: keys.length - 1, to: keys.length - 1, share: 0 };
  const [a, b] = [keys[to - 1]!.seconds, keys[to]!.seconds];
  return { from: to - 1, to, share: (seconds - a) / (b - a) };
}

/**
 * All weights interpolated, w = (1 − s) a + s b: of styles in one file their scales and offsets, as all else is the same; of
 * files of their own as in Wang et al. 2019, 'Deep Network Interpolation', eq. 1.
 */
export function weightsAt(a: Checkpoint, b: Checkpoint, share: number): readonly NamedArray[] {
  if (share === 0) return a.parameters;
  return a.parameters.map((array, i) => {
    const values = new Float32Array(array.values.length);
    const others = b.parameters[i]!.values;
    for (let k = 0; k < values.length; k++) values[k] = (1 - share) * array.values[k]! + share * others[k]!;
    return { ...array, values };
  });
}
