import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isRunning } from './running-process.ts';
import { scratchFolder } from './scratch-file.ts';

const own = new Set<string>();

/**
 * Makes a folder for a process's temporary files, which the caller removes, and removes those of processes of the same purpose on this
 * machine that were killed: films may be in them.
 *
 * @param purpose a word for its name.
 */
export async function openProcessFolder(purpose: string, parent = scratchFolder()): Promise<string> {
  // Several machines, or containers, may share the disk: a number says nothing about a process of another.
  const ofMachine = `fast-style-${purpose}-${hostname().replaceAll(/[^\w.]/g, '_')}-`;
  for (const name of await readdir(parent)) {
    if (!name.startsWith(ofMachine)) continue;
    const [, digits] = /^(\d+)-\w+$/.exec(name.slice(ofMachine.length)) ?? [];
    const path = join(parent, name);
    // A container that is started again has the same name, and its process the same number.
    const isLeft = digits !== undefined && !own.has(path) && !isOther(Number(digits));
    if (isLeft) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
  const folder = await mkdtemp(join(parent, `${ofMachine}${process.pid}-`));
  own.add(folder);
  return folder;
}

const isOther = (pid: number) => pid !== process.pid && isRunning(pid);
