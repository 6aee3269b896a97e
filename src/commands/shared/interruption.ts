export { InterruptedError } from '../../system/errors.ts';

export interface Interruption {
  /** Aborted by the first Ctrl-C, SIGTERM or hang-up of the terminal; a second Ctrl-C ends the process at once. */
  readonly signal: AbortSignal;
  /** Gives the signals back to the system; idempotent. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** The terminal was closed, or ssh lost its line. It often comes twice, from the shell and from the system: no second wish. */
const HANG_UP = 'SIGHUP';

/** From here on Ctrl-C asks to stop instead of ending the process. @param asked called when it has come. */
export function catchInterruption(asked: () => void = () => undefined): Interruption {
  const controller = new AbortController();
  const giveBack = () => {
    for (const signal of SIGNALS) process.off(signal, stop);
  };
  const stop = () => {
    if (controller.signal.aborted) return;
    // From now on the system's own way holds, which does not wait for a step to end.
    giveBack();
    controller.abort();
    asked();
  };
  const release = () => {
    giveBack();
    process.off(HANG_UP, stop);
  };
  for (const signal of [...SIGNALS, HANG_UP] as const) process.on(signal, stop);
  return { signal: controller.signal, release };
}
