/** What painting photos into files is asked for, as command line and library have it. Loads nothing heavy. */
import type { PictureInput } from '../data/photo/source.ts';
import { distinctLabel, type OpenedStyle, openStyle } from '../infer/open-style.ts';
import type { Checkpoint } from '../networks/checkpoint.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { CallValues } from '../system/settings.ts';
import { openLook } from './open-look.ts';
import type { ManyOptions } from './paint-many.ts';
import type { PaintOptions } from './paint-photo.ts';
import { checkedPhotoOptions } from './photo-call.ts';
import type { PhotoOptions } from './photo-output.ts';
import type { PaintSession } from './session.ts';
import type { STYLIZE_SETTINGS } from './stylize-settings.ts';

/** By the names of the options of `fast-style stylize` in camelCase. */
export interface FilesCall extends Omit<CallValues<typeof STYLIZE_SETTINGS>, Elsewhere> {
  readonly mask?: PictureInput | undefined;
  readonly polish?: Polish | undefined;
}

/** Options that have another form in a call, and those of how photos are found. */
type Elsewhere =
  | 'mask'
  | 'refine'
  | 'painting'
  | 'lossNetwork'
  | 'photo'
  | 'skipExisting'
  | 'sheet'
  | 'watch';

/** What is done to each painted picture before it is written. */
export interface Polish {
  readonly steps: number;
  /** Reads what it needs, before TensorFlow is loaded. */
  open(style: Checkpoint): Promise<NonNullable<PaintOptions['refine']>>;
}

/** A call whose options are checked and whose styles are read. */
export interface OpenedCall {
  readonly styles: readonly OpenedStyle[];
  /** Names of the styles in files' names: none twice. */
  readonly labels: readonly string[];
  readonly photoOptions: PhotoOptions;
  readonly many: Omit<ManyOptions, 'signal' | 'onProgress' | 'refine'>;
  /** Bytes that painting may take in all; what is free where it is not given. */
  readonly memory: number | undefined;
}

/**
 * Checks what is asked for and reads mask and styles.
 *
 * @param say takes the lines that painting has to say.
 * @throws {ConfigError} an option that cannot be used, or two that exclude each other. {ImageError} the mask cannot be read.
 * {CheckpointError} a style does not exist or cannot be used.
 */
export async function openFilesCall(call: FilesCall, say: (line: string) => void): Promise<OpenedCall> {
  const { overwrite, engine, memory, tiles, polish } = call;
  const names = call.style ?? [];
  const photoOptions = await checkedPhotoOptions(call);
  refuseExclusive(call, names, photoOptions.depth);
  const look = await openLook(call);
  if (polish !== undefined && look !== undefined)
    throw new ConfigError(
      expected(
        'no --stroke, --amount, --colors or --mask with --refine, which would undo them',
        polish.steps,
      ),
    );
  const styles = await openStyles(names, call.blend);
  const labels = styles.map(({ label }) => label);
  const chosen = engine === 'eager' ? 'off' : tiles;
  return {
    ...{ styles, labels, photoOptions, memory },
    many: { ...photoOptions, overwrite, tiles: chosen, say, look },
  };
}

/**
 * Reads the styles named, or the one mixture; of two of one name, the second has a number.
 *
 * @returns labels are names as they are in files' names. @throws {CheckpointError} there is no such style, or it cannot be used.
 * {ConfigError} none is named, or one twice.
 */
async function openStyles(
  styles: readonly string[],
  blend: string | undefined,
): Promise<readonly OpenedStyle[]> {
  const twice = styles.find((style, i) => styles.indexOf(style) !== i);
  if (twice !== undefined) throw new ConfigError(expected('each style once', `${twice} twice`));
  const opened: OpenedStyle[] = [];
  for (const style of styles.length === 0 ? [undefined] : styles) {
    const { checkpoint, label: name } = await openStyle(style, blend);
    const plain = name.replace(/[\\/:*?"<>|]/g, '-');
    opened.push({ checkpoint, label: distinctLabel(plain, opened) });
  }
  return opened;
}

/** @throws {ConfigError} two options exclude each other. */
export function refuseExclusive(
  { tiles, engine, polish, blend }: Pick<FilesCall, 'tiles' | 'engine' | 'polish' | 'blend'>,
  styles: readonly string[],
  depth: number | undefined,
): void {
  const refuse = (what: string, got: unknown, remedy?: string): never => {
    throw new ConfigError(expected(what, got, remedy));
  };
  if (styles.length > 1 && blend !== undefined) refuse('one --style with --blend', styles.length);
  if (tiles === 'exact' || tiles === 'fast') {
    if (engine === 'eager') refuse(`--engine compiled with --tiles ${tiles}`, engine);
    if (polish !== undefined)
      refuse(`no --refine with --tiles ${tiles}, as it needs the whole picture`, polish.steps);
  }
  if (polish === undefined) return;
  if (depth === 16) refuse('no --refine with --depth 16, as it works in 8 bit', polish.steps);
  if (styles.length > 1) refuse('one --style with --refine', styles.length);
  if (blend !== undefined)
    refuse('no --refine with --blend, as a mixture has no painting of its own', polish.steps);
}

/** Networks ready to paint; the session is the caller's to dispose of. Throws as `Polish.open` and `PaintSession.open`. */
export async function readySession(
  { styles, memory }: OpenedCall,
  { precision, engine, polish }: FilesCall,
): Promise<{ readonly session: PaintSession; readonly refine: Pick<PaintOptions, 'refine'> }> {
  // There is one style where pictures are polished.
  const refine = polish === undefined ? {} : { refine: await polish.open(styles[0]!.checkpoint) };
  // From here on TensorFlow is loaded: what a user has mistyped has been reported by now.
  const { PaintSession } = await import('./session.ts');
  const checkpoints = styles.map(({ checkpoint }) => checkpoint);
  return { session: await PaintSession.open(checkpoints, { precision, engine, memory }), refine };
}
