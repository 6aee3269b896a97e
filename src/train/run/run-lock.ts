/** One process at a time works in a run's folder: two would remove each other's states. */
import { rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { asFileError } from '../../system/atomic-file.ts';
import { type Lock, lockOrRefuse, type Refusal, refuseLocked } from '../../system/lock-file.ts';

const LOCK = 'run.lock';

const refusal = (folder: string): Refusal => ({
  what: "a run's folder that no other process works in",
  place: folder,
  remedy: 'choose another --run',
});

/**
 * Claims a run's folder for this process; makes it if need be. What a process that is no more has left gives way. Releasing leaves
 * no empty folder.
 *
 * @throws {FileError} another process is at work there, or the folder cannot be written to.
 */
export async function lockRun(folder: string): Promise<Lock> {
  const lock = await lockOrRefuse(join(folder, LOCK), refusal(folder)).catch((error) => {
    throw asFileError(error, `work in the folder ${folder}`);
  });
  return {
    release() {
      lock.release();
      try {
        rmdirSync(folder);
      } catch {
        // Something lies in it, as it should.
      }
    },
  };
}

/** Says early, and without making anything, what `lockRun` would say later. @throws {FileError} as `lockRun`. */
export async function refuseLockedRun(folder: string): Promise<void> {
  await refuseLocked(join(folder, LOCK), refusal(folder));
}
