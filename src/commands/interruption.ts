import { FastStyleError } from '../errors.ts';

/** Ctrl-C: everything is saved, and the exit code says that the run is not through. */
export class InterruptedError extends FastStyleError {
  override readonly exitCode = 130;
}

export interface Interruption {
  /** Aborted by the first Ctrl-C (or SIGTERM); the second ends the process at once. */
  readonly signal: AbortSignal;
  /** Gives the signals back. */
  release(): void;
}

/** From here on Ctrl-C asks to stop instead of ending the process. */
export function catchInterruption(): Interruption {
  const interruption = new AbortController();
  const stop = () => interruption.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return {
    signal: interruption.signal,
    release: () => void process.off('SIGINT', stop).off('SIGTERM', stop),
  };
}
