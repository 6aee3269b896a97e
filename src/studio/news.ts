import type { StudioNews } from './protocol.ts';

/** Hands what happens to all pages that are open. */
export class News {
  readonly #listeners = new Set<(news: StudioNews) => void>();
  readonly #closers = new Set<() => void>();

  tell(news: StudioNews): void {
    for (const listen of this.#listeners) listen(news);
  }

  /** @returns what ends it. */
  listen(listener: (news: StudioNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onClose(close: () => void): void {
    this.#closers.add(close);
  }

  close(): void {
    for (const close of this.#closers) close();
  }
}
