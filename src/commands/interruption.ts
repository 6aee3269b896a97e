import { FastStyleError } from '../errors.ts';

/** Ctrl-C: everything is saved, and the exit code says that the run is not through. */
export class InterruptedError extends FastStyleError {
  override readonly exitCode = 130;
}

export interface Interruption {
  /** Aborted by the first Ctrl-C or SIGTERM; the second ends the process at once. */
  readonly signal: AbortSignal;
  /** Gives the signals back to the system; idempotent. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** From here on Ctrl-C asks to stop instead of ending the process. @param asked called when it has come. */
export function catchInterruption(asked: () => void = () => undefined): Interruption {
  const controller = new AbortController();
  const release = () => {
    for (const signal of SIGNALS) process.off(signal, stop);
  };
  const stop = () => {
    // From now on the system's own way holds, which does not wait for a step to end.
    release();
    controller.abort();
    asked();
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  return { signal: controller.signal, release };
}
