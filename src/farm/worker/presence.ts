import type { Redis } from '../queue/redis.ts';
import { announce, isAskedToDrain, takeLeave, type WorkerFacts } from '../queue/workers.ts';
import type { Logger } from './log.ts';

/** Milliseconds between two words on itself; it is taken for gone after three. */
const EVERY = 5000;

export interface PresenceOptions {
  readonly redis: Redis;
  readonly log: Logger;
  /** What the worker is at the moment. */
  readonly facts: () => WorkerFacts;
  /** Called when somebody has asked it to drain. */
  readonly onDrain: () => void;
}

/** Says again and again that a worker is there and what it is, and hears whether it is to end. */
export class Presence {
  readonly #options: PresenceOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** @throws {Error} Redis does not take the first word. */
  async begin(): Promise<void> {
    await this.#announce();
    this.#timer = setInterval(() => this.renew(), EVERY);
  }

  /** Says it anew at once, as something has changed. */
  renew(): void {
    this.#announce().catch((error: unknown) => {
      this.#options.log.warn({ reason: String(error) }, 'cannot announce');
    });
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    const { redis, facts, log } = this.#options;
    await takeLeave(redis, facts().id).catch((error: unknown) => {
      log.warn({ reason: String(error) }, 'cannot take leave');
    });
  }

  async #announce(): Promise<void> {
    const { redis, facts, onDrain } = this.#options;
    const now = facts();
    await announce(redis, now);
    if (await isAskedToDrain(redis, now.id)) onDrain();
  }
}
