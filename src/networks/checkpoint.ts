import { type AtomicWriteOptions, asFileError, writeFileAtomically } from '../system/atomic-file.ts';
import { CheckpointError, expected } from '../system/errors.ts';
import { ownCommand } from '../system/own-command.ts';
import { readPlainFile } from '../system/plain-file.ts';
import {
  type Checkpoint,
  type CheckpointDescription,
  formatCheckpoint,
  parseCheckpoint,
  type StylesCheckpoint,
} from './checkpoint-format.ts';
import type { NamedArray } from './safetensors.ts';

// The format is apart from its files because browsers read it, too (src/web).
export * from './checkpoint-format.ts';

/**
 * Writes a checkpoint in half precision, atomically.
 *
 * @throws {FileError} the file exists and may not be overwritten, or cannot be written.
 */
export async function saveCheckpoint(
  path: string,
  description: CheckpointDescription,
  parameters: readonly NamedArray[],
  options?: AtomicWriteOptions,
): Promise<void> {
  await writeFileAtomically(path, formatCheckpoint(description, parameters), options);
}

/**
 * Reads a checkpoint of one style and checks that it is one, whole and finite.
 *
 * @throws {CheckpointError} the file is of another kind or version, holds several styles, or its tensors do not fit its
 *   architecture.
 * @throws {FileError} it cannot be read.
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const checkpoint = await readCheckpoint(path);
  if (checkpoint.styles === undefined) return checkpoint;
  const names = checkpoint.styles.map(({ name }) => name).join(', ');
  throw new CheckpointError(
    expected(`a file of one style in ${path}`, `one of ${checkpoint.styles.length}: ${names}`),
  );
}

/** As `loadCheckpoint`, of one style or of several. */
export async function readCheckpoint(path: string): Promise<Checkpoint | StylesCheckpoint> {
  return parseCheckpoint(await readCheckpointFile(path), path, ownCommand('train'));
}

/** The bytes of a checkpoint, for `parseCheckpoint`. @throws {FileError} they cannot be read. */
export function readCheckpointFile(path: string): Promise<Uint8Array> {
  return readPlainFile(path).catch((error: unknown) => {
    throw asFileError(error, `read the checkpoint ${path}`);
  });
}
