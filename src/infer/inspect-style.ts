import type { CheckpointDescription } from '../networks/checkpoint.ts';
import { readCheckpoint, styleOf } from '../networks/checkpoint.ts';
import { resolveStyle } from './open-style.ts';

/** What a style's file says of it: of several in one file, of the one that is named, or of all. */
export interface InspectedStyle extends CheckpointDescription {
  /** Numbers in its network. */
  readonly weights: number;
}

/**
 * @param reference as `resolveStyle` takes it. @throws {CheckpointError} the style does not exist, or its file cannot be used. {FileError}
 * it cannot be read.
 */
export async function inspectStyle(reference: string): Promise<InspectedStyle> {
  const { path, style } = await resolveStyle(reference);
  const whole = await readCheckpoint(path);
  const isOne = style === undefined || whole.styles === undefined;
  const { parameters, layers: _, ...description } = isOne ? whole : styleOf(whole, style, path);
  return { ...description, weights: parameters.reduce((sum, { values }) => sum + values.length, 0) };
}
