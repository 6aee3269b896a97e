import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Checkpoint, readCheckpoint, styleOf } from '../networks/checkpoint.ts';
import { CheckpointError, ConfigError, expected } from '../system/errors.ts';
import { ownCommand } from '../system/own-command.ts';
import { type BlendPart, blendCheckpoints, blendStyles, nameOfBlend, parseBlend } from './blend.ts';
import { availableStyles, findStyle, styleFolders } from './find-style.ts';

/** A style as it is called: a file, and one of its styles if it is named. */
export interface StyleReference {
  readonly path: string;
  readonly style?: string;
}

/** A style that can paint, and a name for files that it paints. */
export interface OpenedStyle {
  readonly checkpoint: Checkpoint;
  readonly label: string;
}

/**
 * Takes a style's call apart: `great-wave`, `trio:wave`, `./x/trio.safetensors:wave`. The colon of a drive
 * (`C:\x\trio.safetensors`) belongs to the path, and so does any other in the name of a file that is there.
 *
 * @throws {CheckpointError} there is no such file or name; the message lists those that there are.
 */
export async function resolveStyle(
  reference: string,
  folders: readonly string[] = styleFolders(),
): Promise<StyleReference> {
  const colon = reference.lastIndexOf(':');
  const isDrive = /^[A-Za-z]:[\\/]/.test(reference) && colon === 1;
  const isThere = async () =>
    (await stat(reference).catch(() => undefined))?.isFile() === true ||
    (await availableStyles(folders)).has(reference);
  if (colon < 1 || isDrive || (await isThere())) return { path: await findStyle(reference, folders) };
  return {
    path: await findStyle(reference.slice(0, colon), folders),
    style: reference.slice(colon + 1),
  };
}

/** @throws {ConfigError} neither a style nor a blend is called, or a blend that cannot be read. */
export function requireStyle(reference: string | undefined, blend: string | undefined): void {
  if (reference === undefined && blend === undefined)
    throw new ConfigError(
      expected('--style or --blend', 'neither', `${ownCommand('styles')} lists the styles`),
    );
  if (blend !== undefined) parseBlend(blend);
}

/**
 * Opens what is called: a style; a file of several and the shares in which they are mixed; or, without a file, shares of
 * styles in files of their own.
 *
 * @throws {ConfigError} as `requireStyle`. {CheckpointError} there is none, a file cannot be used, it holds several
 *   and none is named, or styles to mix have different architectures.
 */
export async function openStyle(reference: string | undefined, blend?: string): Promise<OpenedStyle> {
  requireStyle(reference, blend);
  const parts = blend === undefined ? undefined : parseBlend(blend);
  return reference === undefined ? openBlend(parts!) : openOne(reference, parts);
}

/** Opens styles in files of their own, mixed. Throws as `openStyle`. */
export async function openBlend(parts: readonly BlendPart[]): Promise<OpenedStyle> {
  const opened = await Promise.all(parts.map((part) => openOne(part.style)));
  const named = parts.map((part, i): BlendPart => ({ ...part, style: opened[i]!.label }));
  const checkpoint = blendCheckpoints(
    named,
    opened.map((one) => one.checkpoint),
  );
  return { checkpoint, label: nameOfBlend(named) };
}

/** A label that none of some styles has: of two of one name, the second has a number. */
export function distinctLabel(label: string, others: readonly OpenedStyle[]): string {
  const isTaken = (one: string) => others.some((other) => other.label === one);
  let distinct = label;
  for (let number = 2; isTaken(distinct); number++) distinct = `${label}-${number}`;
  return distinct;
}

async function openOne(reference: string, blend?: readonly BlendPart[]): Promise<OpenedStyle> {
  const { path, style } = await resolveStyle(reference);
  const checkpoint = await readCheckpoint(path);
  const file = basename(path, '.safetensors');
  if (checkpoint.styles === undefined) {
    if (blend !== undefined)
      throw new CheckpointError(expected('a file of several styles for --blend', `${path}, which holds one`));
    if (style !== undefined && style !== checkpoint.name)
      throw new CheckpointError(
        expected(`the one style in ${path} (${checkpoint.name})`, style, `omit :${style}`),
      );
    return { checkpoint, label: file };
  }
  if (blend !== undefined) {
    if (style !== undefined)
      throw new CheckpointError(
        expected(`no style before --blend`, reference, `omit :${style}, and give it a share in --blend`),
      );
    return { checkpoint: blendStyles(checkpoint, blend, path), label: `${file}-${nameOfBlend(blend)}` };
  }
  if (style !== undefined) return { checkpoint: styleOf(checkpoint, style, path), label: `${file}-${style}` };
  const names = checkpoint.styles.map(({ name }) => name);
  throw new CheckpointError(
    expected(
      `one of the ${names.length} styles in ${path} (${names.join(', ')})`,
      'none named',
      `for instance ${reference}:${names[0]}`,
    ),
  );
}
