/** Photos per second, from one reading to the next. */
export class Pace {
  #images = 0;
  #since = performance.now();

  add(images: number): void {
    this.#images += images;
  }

  /** The pace since the last reading, from which the next begins. */
  read(): number {
    const now = performance.now();
    const pace = (this.#images * 1000) / Math.max(1, now - this.#since);
    this.#images = 0;
    this.#since = now;
    return pace;
  }
}
