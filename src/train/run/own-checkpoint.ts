import { stat } from 'node:fs/promises';
import { readCheckpoint } from '../../networks/checkpoint.ts';
import { FileError } from '../../system/errors.ts';

/**
 * Whether a run that goes on may replace what stands at its checkpoint's place: only what is its own.
 *
 * @param run the run's id.
 * @throws {FileError} another run's checkpoint, or another file, is there.
 */
export async function refuseForeignCheckpoint(path: string, run: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) return;
  const owner = await readCheckpoint(path).then(
    ({ training }) => training.run,
    () => undefined,
  );
  if (owner !== run)
    throw new FileError(
      `${path} exists already and belongs to another run; choose another --name or --out, or move it away.`,
    );
}
