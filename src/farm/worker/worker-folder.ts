import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning } from '../../system/running-process.ts';
import { scratchFolder } from '../../system/scratch-file.ts';

/** Makes a worker's folder for temporary files, and removes those of workers of this machine that were killed: films may be in them. */
export async function openWorkerFolder(parent = scratchFolder()): Promise<string> {
  for (const name of await readdir(parent)) {
    const [, digits] = /^fast-style-farm-(\d+)-/.exec(name) ?? [];
    const pid = Number(digits);
    // In a container, every worker has the same number.
    const isLeft = digits !== undefined && (pid === process.pid || !isRunning(pid));
    if (isLeft) await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
  return mkdtemp(join(parent, `fast-style-farm-${process.pid}-`));
}
