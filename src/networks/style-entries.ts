import { CheckpointError, expected } from '../system/errors.ts';
import { isRecord, isTexts, jsonOrNothing } from '../system/json-text.ts';
import type { Checkpoint, CheckpointDescription } from './checkpoint.ts';
import { parametersOfStyle } from './conditional-parameters.ts';

/** What a file of several styles says of one of them. */
export interface StyleEntry {
  /** The style's name, as in `stylize --style <file>:<name>`. */
  readonly name: string;
  /** The painting, and its small picture (`CheckpointDescription`). */
  readonly style: Readonly<Record<string, string>>;
  readonly thumbnail?: string;
  /** Settings of training in which it differs from the whole: its style weight, all of them for one that was added. */
  readonly training: Readonly<Record<string, unknown>>;
}

/** Several styles in one network (`conditional-parameters.ts`), in one file. */
export interface StylesCheckpoint extends Omit<CheckpointDescription, 'styles'> {
  readonly styles: readonly StyleEntry[];
  readonly layers: Checkpoint['layers'];
  /** Scales and offsets [S, C], in the order of `styles`; the rest shared. */
  readonly parameters: Checkpoint['parameters'];
}

/**
 * One style of a file in the form of a file that holds only it: whatever paints knows no other.
 *
 * @throws {CheckpointError} the file holds none of that name.
 */
export function styleOf(checkpoint: StylesCheckpoint, name: string, path: string): Checkpoint {
  const index = styleIndex(checkpoint, name, path);
  const entry = checkpoint.styles[index]!;
  return { ...asOne(checkpoint, entry), parameters: parametersOfStyle(checkpoint.parameters, index) };
}

/** The number of a style in a file. @throws {CheckpointError} the file holds none of that name. */
export function styleIndex({ styles }: StylesCheckpoint, name: string, path: string): number {
  const index = styles.findIndex((entry) => entry.name === name);
  if (index < 0)
    throw new CheckpointError(
      expected(
        `one of the styles in ${path}`,
        name,
        `it holds ${styles.map((entry) => entry.name).join(', ')}`,
      ),
    );
  return index;
}

/** What a file says of one of its styles, without the parameters. */
export function asOne(
  { styles: _, parameters: __, thumbnail: ___, ...shared }: StylesCheckpoint,
  { name, style, thumbnail, training }: StyleEntry,
): Omit<Checkpoint, 'parameters'> {
  const own = { name, style, training: { ...shared.training, ...training } };
  return { ...shared, ...own, ...(thumbnail === undefined ? {} : { thumbnail }) };
}

/** @throws {CheckpointError} the text does not describe styles. */
export function parseStyles(text: string, path: string): readonly StyleEntry[] {
  const fail = (): never => {
    throw new CheckpointError(
      expected(`names and paintings of styles in the metadata of ${path}`, text.slice(0, 40)),
    );
  };
  const entries = jsonOrNothing(text);
  const isEntry = (value: unknown): value is StyleEntry => {
    if (!isRecord(value)) return false;
    const { name, style, thumbnail, training } = value;
    const isPictured = thumbnail === undefined || typeof thumbnail === 'string';
    return typeof name === 'string' && name !== '' && isTexts(style) && isRecord(training) && isPictured;
  };
  if (!Array.isArray(entries) || entries.length === 0 || !entries.every(isEntry)) return fail();
  return new Set(entries.map(({ name }) => name)).size === entries.length ? entries : fail();
}
