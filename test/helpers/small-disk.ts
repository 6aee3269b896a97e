import { execFile } from 'node:child_process';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from './temporary-folder.ts';

const run = promisify(execFile);

/** Runs a test on a disk of its own that holds `kilobytes`; skips it, saying why, where none can be mounted. */
export async function withSmallDisk(
  t: TestContext,
  kilobytes: number,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await temporaryFolder(t);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder]);
  } catch {
    t.skip('mounting a small disk needs Linux and the right to do so');
    return;
  }
  try {
    await use(folder);
  } finally {
    await run('umount', [folder]);
  }
}
