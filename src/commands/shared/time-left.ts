/** How long work that has begun will still take. */

/** Readings that the pace is taken over. */
const READINGS = 100;

/**
 * The time left, by the pace of the last readings. The pace begins at the first of them and not before: what the first step
 * takes, in which graphs are compiled and memory is found, says nothing of the others.
 */
export class TimeLeft {
  readonly #readings: { readonly value: number; readonly at: number }[] = [];

  /** @param value what is done. @param at milliseconds of any clock. */
  read(value: number, at: number): void {
    this.#readings.push({ value, at });
    if (this.#readings.length > READINGS) this.#readings.shift();
  }

  /** Seconds up to `total`; undefined as long as nothing is known. */
  secondsTo(total: number): number | undefined {
    const [first, last] = [this.#readings[0], this.#readings.at(-1)];
    if (first === undefined || last === undefined || last.value <= first.value) return undefined;
    const each = (last.at - first.at) / 1000 / (last.value - first.value);
    return Math.max(0, each * (total - last.value));
  }
}
