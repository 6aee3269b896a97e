/** The styles that a command line names, loaded, each once. */
import type { Precision } from '../../engine/compile/compile.ts';
import type { Look } from '../../infer/finish/look.ts';
import type { PhotoPainter } from '../../infer/finish/look-painter.ts';
import { type OpenedStyle, openStyle } from '../../infer/open-style.ts';
import type { Brush } from '../../paint/paint-many.ts';
import { type PhotoOptions, wantsDepth } from '../../paint/photo-output.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import type { StylizeArguments } from './command.ts';

export interface Brushes {
  readonly all: readonly Brush[];
  dispose(): void;
}

/** A style, and its name as it stands in files' names. */
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

/**
 * Makes styles ready to paint, with what `--refine` needs. Throws as `openRefine`.
 */
export async function openBrushes(
  styles: readonly NamedStyle[],
  args: Pick<StylizeArguments, 'precision' | 'engine' | 'refine' | 'painting' | 'lossNetwork'>,
  options: PhotoOptions,
  look: Look | undefined,
): Promise<Brushes> {
  const { engine, refine: steps, painting, lossNetwork } = args;
  const refines: Pick<Brush, 'refine'>[] = [];
  for (const { checkpoint } of styles) {
    if (steps === undefined) refines.push({});
    else {
      const { openRefine } = await import('./refine.ts');
      refines.push({ refine: await openRefine(checkpoint, { steps, painting, lossNetwork }) });
    }
  }
  // From here on TensorFlow is loaded: what a user has mistyped has been told by now.
  const { choosePrecision } = await import('../../engine/precision.ts');
  const { openPhotoPainter } = await import('../../infer/finish/look-painter.ts');
  const chosen = await choosePrecision(args.precision);
  const painters: PhotoPainter[] = [];
  const all = styles.map(({ checkpoint }, i): Brush => {
    const byPrecision = new Map<Precision, PhotoPainter>();
    return {
      ...refines[i],
      painterFor: ({ head }, format) => {
        // bf16 has 128 steps from 128 to 255: no 16 bit.
        const deep = args.precision === 'auto' && wantsDepth(head, format, options);
        const precision = deep ? 'f32' : chosen;
        const known = byPrecision.get(precision);
        if (known !== undefined) return known;
        const painter = openPhotoPainter(checkpoint, look, { precision, engine });
        byPrecision.set(precision, painter);
        painters.push(painter);
        return painter;
      },
    };
  });
  return {
    all,
    dispose: () => {
      for (const painter of painters) painter.dispose();
    },
  };
}
