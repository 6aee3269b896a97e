/**
 * One painter, many photos. A native call blocks the event loop, so that photos are painted one after the other; decoders and
 * encoders work in threads of their own meanwhile, but only those that have been started: a step still to be taken on the
 * event loop waits until the call is through.
 */
export class Turnstile {
  #last: Promise<unknown> = Promise.resolve();
  readonly #starting = new Set<Promise<unknown>>();

  /** Has computing wait until this promise is settled: something's start in another thread. */
  starting(launched: Promise<unknown>): void {
    const known: Promise<unknown> = launched
      .catch(() => undefined)
      .finally(() => this.#starting.delete(known));
    this.#starting.add(known);
  }

  /** Runs work alone, in the order of calling, when what was starting has started. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const run = async () => {
      await Promise.all(this.#starting);
      return work();
    };
    const done = this.#last.then(run);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
