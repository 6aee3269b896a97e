import type { Precision } from '../engine/compile/compile.ts';
import { withAmount } from '../infer/amount.ts';
import { isPlainLook, type Look } from '../infer/finish/look.ts';
import { LookPainter, type PhotoPainter } from '../infer/finish/look-painter.ts';
import { StyleNetwork } from '../infer/style-network.ts';
import type { Checkpoint } from '../networks/checkpoint.ts';

/** Networks of one style that are kept compiled: an amount changes the weights, a precision the arithmetic. */
const KEPT = 4;

/** The networks of one style, compiled when they are wanted, the least recently used given up. */
export class Painters {
  readonly #checkpoint: Checkpoint;
  readonly #kept = new Map<string, StyleNetwork>();

  constructor(checkpoint: Checkpoint) {
    this.#checkpoint = checkpoint;
  }

  /** Good until the next call; not the caller's to dispose of. */
  painterFor(look: Look, precision: Precision): PhotoPainter {
    const key = `${precision} ${look.amount}`;
    const stylizer =
      this.#kept.get(key) ?? new StyleNetwork(withAmount(this.#checkpoint, look.amount), { precision });
    this.#kept.delete(key);
    this.#kept.set(key, stylizer);
    for (const [oldest, one] of this.#kept) {
      if (this.#kept.size <= KEPT) break;
      one.dispose();
      this.#kept.delete(oldest);
    }
    return isPlainLook(look) ? stylizer : new LookPainter(stylizer, look);
  }

  dispose(): void {
    for (const stylizer of this.#kept.values()) stylizer.dispose();
    this.#kept.clear();
  }
}
