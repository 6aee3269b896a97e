import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { CliProcess } from './run-cli.ts';

const MOST_MS = 60_000;
const PAUSE_MS = 10;

/**
 * Waits until something holds.
 *
 * @param what it is, for the message. @param running the process that brings it about: if it ends before, there is no use in waiting.
 * @throws {AssertionError} the process has ended, or a minute is over.
 */
export async function waitFor(
  what: string,
  holds: () => boolean | Promise<boolean>,
  running?: CliProcess,
): Promise<void> {
  const said = () => (running === undefined ? '' : `, having said:\n${running.stderr()}`);
  for (const end = Date.now() + MOST_MS; !(await holds()); ) {
    if (running !== undefined) {
      const { exitCode, signalCode } = running.child;
      // What it did last may have been just that.
      if ((exitCode ?? signalCode) !== null && !(await holds()))
        assert.fail(`waiting for ${what}, the process ended with ${exitCode ?? signalCode}${said()}`);
    }
    if (Date.now() > end) assert.fail(`waited a minute for ${what}${said()}`);
    await setTimeout(PAUSE_MS);
  }
}

/** Whether `untilInterruptible` can tell; a reason to skip where not. */
export const SKIP_WITHOUT_SIGNALS =
  process.platform !== 'linux' && 'only Linux tells which signals another process handles';

/** Waits until a process saves before it ends when it is interrupted. Node itself handles Ctrl-C, but no hang-up: ours handles both from one moment on. */
export async function untilInterruptible(running: CliProcess): Promise<void> {
  const hangUp = 1n;
  const handles = async () => {
    const status = await readFile(`/proc/${running.child.pid}/status`, 'utf8').catch(() => '');
    const [, caught = '0'] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status) ?? [];
    return (BigInt(`0x${caught}`) & hangUp) !== 0n;
  };
  await waitFor('it to handle signals', handles, running);
}
