import * as tf from '../../engine/tensorflow.ts';

export interface MemoryReading {
  /** Bytes of the process in memory (resident set size). */
  readonly rss: number;
  /** tfjs tensors alive. */
  readonly tensors: number;
  /** Bytes that the process could still get, limits of its container included. */
  readonly available: number;
}

export interface MemoryWatchOptions {
  /** Where figures come from. */
  readonly read: () => MemoryReading;
  /** Steps that are looked at together. Defaults to 100. */
  readonly window?: number;
}

/** The verdict: a warning, or that the run must stop now. */
export interface MemoryNews {
  readonly text: string;
  readonly stop: boolean;
}

/** Growth in this many windows one after another is steady. */
const STEADY = 5;
/** Smaller growth is the allocator's breathing: bytes, and the share of what there was. */
const LEAST_GROWTH = 64e6;
const LEAST_SHARE = 0.05;
/** Growth that dies away is that of a start: every window must add so much. */
const LEAST_OF_WINDOW = 4e6;
/** Where so little is left, the system is about to end processes. */
export const LEAST_AVAILABLE = 256e6;

/**
 * Watches a run's memory. Of every 100 steps the least counts, so that peaks do not; what is higher in five windows
 * one after another, by 64 MB and a twentieth in all, grows steadily. Tensors of tfjs must not grow at all.
 */
export class MemoryWatch {
  readonly #read: () => MemoryReading;
  readonly #window: number;
  /** Least of each finished window since growth began, oldest first. */
  #rss: number[] = [];
  #tensors: number[] = [];
  #least: { rss: number; tensors: number } | undefined;
  #steps = 0;

  constructor({ read, window = 100 }: MemoryWatchOptions) {
    this.#read = read;
    this.#window = window;
  }

  /** To be called after every step. */
  look(): MemoryNews | undefined {
    const { rss, tensors, available } = this.#read();
    if (available < LEAST_AVAILABLE)
      return {
        stop: true,
        text: `only ${megabytes(available)} of memory are left on this machine (training takes ${megabytes(rss)})`,
      };
    this.#least = {
      rss: Math.min(rss, this.#least?.rss ?? rss),
      tensors: Math.min(tensors, this.#least?.tensors ?? tensors),
    };
    if (++this.#steps % this.#window !== 0) return undefined;
    const { rss: leastRss, tensors: leastTensors } = this.#least;
    this.#least = undefined;
    this.#rss = growing(this.#rss, leastRss, LEAST_OF_WINDOW);
    this.#tensors = growing(this.#tensors, leastTensors, 1);
    return this.#growth(available);
  }

  #growth(available: number): MemoryNews | undefined {
    const steps = this.#window * STEADY;
    if (this.#tensors.length > STEADY) {
      const [first, last] = [this.#tensors[0]!, this.#tensors.at(-1)!];
      this.#tensors = [last];
      return {
        stop: false,
        text: `tensors have grown from ${first} to ${last} over the last ${steps} steps: something is not disposed of`,
      };
    }
    if (this.#rss.length <= STEADY) return undefined;
    const [first, last] = [this.#rss[0]!, this.#rss.at(-1)!];
    const growth = last - first;
    if (growth < Math.max(LEAST_GROWTH, LEAST_SHARE * first)) return undefined;
    const over = (this.#rss.length - 1) * this.#window;
    this.#rss = [last];
    const left = Math.round((available - LEAST_AVAILABLE) / (growth / over));
    return {
      stop: false,
      text: `memory has grown from ${megabytes(first)} to ${megabytes(last)} over the last ${over} steps; at this pace it lasts for some ${left} more`,
    };
  }
}

/** The row of minima, started again with one that is not so much above the last. */
function growing(row: readonly number[], next: number, least: number): number[] {
  return row.length > 0 && next >= row.at(-1)! + least ? [...row, next] : [next];
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

/** The figures of this process; `available` is read at most once a second, as it takes some files. */
export function readMemory(available: () => number): () => MemoryReading {
  let left = available();
  let asked = performance.now();
  return () => {
    if (performance.now() - asked > 1000) {
      left = available();
      asked = performance.now();
    }
    return { rss: process.memoryUsage.rss(), tensors: tf.memory().numTensors, available: left };
  };
}
