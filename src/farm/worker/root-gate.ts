import type { WatchedRoot } from '../store/root-mark.ts';
import type { Logger } from './log.ts';

/** Milliseconds that no task is taken after one that was submitted with another root, which another worker may have. */
const FOREIGN = 2000;

/** Lets a worker take tasks while its root is there, and says once that it is not, and once that it is again. */
export class RootGate {
  readonly #root: WatchedRoot;
  readonly #log: Logger;
  readonly #onChange: () => void;
  #trouble: string | undefined;
  /** Mark of the job whose task was handed back last, as the root is another; and until when no tasks are taken. */
  #refused: string | undefined;
  #shut = 0;

  /** @param onChange called when `trouble` has become another. */
  constructor(root: WatchedRoot, log: Logger, onChange: () => void) {
    this.#root = root;
    this.#log = log;
    this.#onChange = onChange;
  }

  /** What is amiss with the root at present, as far as is known. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Whether a task may be taken now. */
  async isOpen(): Promise<boolean> {
    if (performance.now() < this.#shut) return false;
    const lack = await this.#root.lack();
    const refused = this.#refused;
    // Asked anew only where it is another question: it is a request of the store.
    this.#notice(lack ?? (refused === undefined ? undefined : await this.#root.lack(refused)));
    return lack === undefined;
  }

  /**
   * What is amiss for a task, because the root is not there, or not that of its job; undefined where it can be done.
   *
   * @param mark of the root that its job was submitted with.
   */
  async lackFor(mark: string | undefined): Promise<string | undefined> {
    const lack = await this.#root.lack(mark);
    this.#refused = lack === undefined ? undefined : mark;
    this.#notice(lack);
    if (lack !== undefined) this.#shut = performance.now() + FOREIGN;
    return lack;
  }

  #notice(trouble: string | undefined): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    if (trouble === undefined) this.#log.info('the root is there');
    else this.#log.warn({ reason: trouble }, 'waits for its root');
    this.#onChange();
  }
}
