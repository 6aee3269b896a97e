import { createHash } from 'node:crypto';
import { parseBlend } from '../infer/blend.ts';
import { openBlend, resolveStyle } from '../infer/open-style.ts';
import {
  type Checkpoint,
  parseCheckpoint,
  readCheckpointFile,
  type StylesCheckpoint,
  styleOf,
} from '../networks/checkpoint.ts';
import { smallestImage } from '../networks/transform-net-parameters.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { ownCommand } from '../system/own-command.ts';
import { ownVersion } from '../system/own-version.ts';
import type { ExportedFiles } from './format-writer.ts';
import { EXPORT_FORMATS, type ExportFormat } from './formats.ts';
import type { StyleGraphOptions } from './style-graph.ts';

export type ExportedCheckpoint = Checkpoint | StylesCheckpoint;

/** A style to export: what its file holds, and a name for what is written. */
export interface StyleToExport {
  readonly checkpoint: ExportedCheckpoint;
  readonly label: string;
  /** SHA-256 of the style's file; none of a mixture. */
  readonly sha256?: string;
}

/** The most pixels on a side of a fixed size: those of the largest pictures that the program paints. */
const LONGEST_SIDE = 65_535;

/**
 * Opens a style for export: a file of one style, one style of several (`trio:wave`), or, unlike `openStyle`, a file of several as a
 * whole.
 *
 * @throws {CheckpointError} there is no such style, or its file cannot be used. {FileError} it cannot be read.
 */
export async function openForExport(reference: string): Promise<StyleToExport> {
  const { path, style } = await resolveStyle(reference);
  const bytes = await readCheckpointFile(path);
  const whole = parseCheckpoint(bytes, path, ownCommand('train'));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (style === undefined || whole.styles === undefined)
    return { checkpoint: whole, label: whole.name, sha256 };
  return { checkpoint: styleOf(whole, style, path), label: style, sha256 };
}

/** As `openForExport`, of styles in files of their own that are mixed. @param blend as `wave:0.7,scream:0.3`. */
export async function openBlendForExport(blend: string): Promise<StyleToExport> {
  return openBlend(parseBlend(blend));
}

/**
 * A style as a file of another program, or a folder of files, that paints pictures of any size, or of one
 * (`StyleGraphOptions`). Title, painter, licence and the hash of the style's file are in its metadata.
 *
 * @throws {ConfigError} the fixed size is none that the style can paint.
 */
export async function exportAs(
  format: ExportFormat,
  style: StyleToExport,
  options: StyleGraphOptions,
): Promise<ExportedFiles> {
  const { checkpoint, label } = style;
  const { layers, parameters, styles, margin = 0 } = checkpoint;
  requireSize(options, smallestImage(layers));
  const { write } = await EXPORT_FORMATS[format].load();
  return write({ layers, parameters, styles: styles?.length, margin }, options, {
    name: label,
    producer: { name: 'fast-style', version: ownVersion() },
    description: describe(style),
    metadata: metadataOf(style, options),
  });
}

function requireSize({ size }: StyleGraphOptions, smallest: number): void {
  if (size === undefined) return;
  for (const side of [size.width, size.height])
    if (!Number.isInteger(side) || side < smallest || side > LONGEST_SIDE)
      throw new ConfigError(
        expected(
          `sides of ${smallest} to ${LONGEST_SIDE} px in a fixed size`,
          `${size.width}x${size.height}`,
        ),
      );
}

/** One line for people who open the file in a viewer. */
function describe({ checkpoint: { style, styles }, label }: StyleToExport): string {
  if (styles !== undefined)
    return `${styles.length} styles in one network: ${styles.map(({ name }) => name).join(', ')}`;
  const { title, author } = style;
  const after = title === undefined ? '' : `, after ${title}${author === undefined ? '' : ` by ${author}`}`;
  return `Paints photos in the style ${label}${after}.`;
}

function metadataOf(
  { checkpoint, label, sha256 }: StyleToExport,
  options: StyleGraphOptions,
): Record<string, string> {
  const { style, styles, architecture, margin = 0 } = checkpoint;
  const texts: Record<string, string | undefined> = {
    name: label,
    ...(styles === undefined
      ? { title: style.title, author: style.author, licence: style.licence }
      : { styles: JSON.stringify(styles.map(({ name, style }) => ({ name, ...style }))) }),
    architecture,
    pixels: `RGB, 0 to 255, sRGB, ${options.layout.toUpperCase()}, float32, in and out`,
    margin: String(margin),
    checkpoint_sha256: sha256,
  };
  return Object.fromEntries(
    Object.entries(texts).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
