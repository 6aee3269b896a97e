/** The styles that a command line names, loaded, each once. */

import { type OpenedStyle, openStyle } from '../../infer/open-style.ts';
import type { PaintOptions } from '../../paint/paint-photo.ts';
import type { PaintSession } from '../../paint/session.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { say } from '../shared/say.ts';
import type { StylizeArguments } from './command.ts';

/** A style, and its name as it is in files' names. */
export type NamedStyle = OpenedStyle;

/**
 * Reads the styles named, or the one mixture; of two of one name, the second has a number.
 *
 * @throws {CheckpointError} there is no such style, or it cannot be used. {ConfigError} none is named, one twice, or several with --blend.
 */
export async function openStyles(
  styles: readonly string[],
  blend: string | undefined,
): Promise<readonly NamedStyle[]> {
  const twice = styles.find((style, i) => styles.indexOf(style) !== i);
  if (twice !== undefined) throw new ConfigError(expected('each style once', `${twice} twice`));
  if (styles.length > 1 && blend !== undefined)
    throw new ConfigError(expected('one --style with --blend', styles.length));
  const opened: NamedStyle[] = [];
  for (const style of styles.length === 0 ? [undefined] : styles) {
    const { checkpoint, label: name } = await openStyle(style, blend);
    const plain = name.replace(/[\\/:*?"<>|]/g, '-');
    let label = plain;
    for (let number = 2; opened.some((one) => one.label === label); number++) label = `${plain}-${number}`;
    opened.push({ checkpoint, label });
  }
  return opened;
}

/** Styles ready to paint, and what `--refine` does to their paintings. */
export interface ReadyStyles {
  readonly session: PaintSession;
  readonly refine: Pick<PaintOptions, 'refine'>;
}

/** Makes styles ready to paint; the session is the caller's to dispose of. Throws as `openRefine` and `PaintSession.open`. */
export async function readyStyles(
  styles: readonly NamedStyle[],
  args: Pick<StylizeArguments, 'precision' | 'engine' | 'refine' | 'painting' | 'lossNetwork'>,
  memory: number | undefined,
): Promise<ReadyStyles> {
  const { precision, engine, refine: steps, painting, lossNetwork } = args;
  let refine: ReadyStyles['refine'] = {};
  if (steps !== undefined) {
    const { openRefine } = await import('../../compare/refine.ts');
    // There is one style with --refine.
    refine = { refine: await openRefine(styles[0]!.checkpoint, { steps, painting, lossNetwork, say }) };
  }
  // From here on TensorFlow is loaded: what a user has mistyped has been reported by now.
  const { PaintSession } = await import('../../paint/session.ts');
  const checkpoints = styles.map(({ checkpoint }) => checkpoint);
  return { session: await PaintSession.open(checkpoints, { precision, engine, memory }), refine };
}
