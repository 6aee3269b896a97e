import type { Precision } from '../engine/compile/compile.ts';
import { isPlainLook, type Look, withAmount } from '../infer/finish/look.ts';
import { LookPainter, type PhotoPainter } from '../infer/finish/look-painter.ts';
import { StyleNetwork } from '../infer/style-network.ts';
import type { Checkpoint } from '../networks/checkpoint.ts';

/** Networks of one style that are kept compiled: an amount changes the weights, a precision the arithmetic. */
const KEPT = 4;

/** The networks of one style, compiled when they are wanted, the least recently used given up. */
export class StyleNetworks {
  readonly #checkpoint: Checkpoint;
  readonly #engine: 'compiled' | 'eager';
  readonly #kept = new Map<string, StyleNetwork>();

  constructor(checkpoint: Checkpoint, engine: 'compiled' | 'eager' = 'compiled') {
    this.#checkpoint = checkpoint;
    this.#engine = engine;
  }

  /** Good until the next call; not the caller's to dispose of. */
  painterFor(look: Look | undefined, precision: Precision): PhotoPainter {
    const amount = look?.amount ?? 1;
    const key = `${precision} ${amount}`;
    const network =
      this.#kept.get(key) ??
      new StyleNetwork(amount === 1 ? this.#checkpoint : withAmount(this.#checkpoint, amount), {
        precision,
        engine: this.#engine,
      });
    this.#kept.delete(key);
    this.#kept.set(key, network);
    for (const [oldest, one] of this.#kept) {
      if (this.#kept.size <= KEPT) break;
      one.dispose();
      this.#kept.delete(oldest);
    }
    return look === undefined || isPlainLook(look) ? network : new LookPainter(network, look);
  }

  dispose(): void {
    for (const network of this.#kept.values()) network.dispose();
    this.#kept.clear();
  }
}
