import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Engine } from './engine.ts';
import type { EngineTask } from './engine-task.ts';

/** Pictures that are kept: some 100 kB each. */
const MOST_KEPT = 2000;

type Painting = Omit<Extract<EngineTask, { kind: 'paint' }>, 'kind' | 'file' | 'out'>;

/**
 * Small paintings to look at while one chooses, each painted once and kept in `previews/`. The one asked for last is painted
 * first: it is what one looks at.
 */
export class Previews {
  readonly #folder: string;
  readonly #engine = new Engine();
  readonly #waiting: (() => void)[] = [];
  #isBusy = false;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<Previews> {
    const own = join(folder, 'previews');
    await mkdir(own, { recursive: true });
    const found = await Promise.all(
      (await readdir(own)).map(async (name) => ({ name, at: (await stat(join(own, name))).mtimeMs })),
    );
    const old = found.sort((a, b) => b.at - a.at).slice(MOST_KEPT);
    for (const { name } of old) await rm(join(own, name), { force: true });
    return new Previews(own);
  }

  /**
   * @param key what the photo's path does not say of it: its file may be replaced. @param signal nobody waits for it any more.
   * @returns the picture's path. @throws as `Engine.run`.
   */
  async paint(painting: Painting, key: string, signal: AbortSignal): Promise<string> {
    const name = createHash('sha256')
      .update(JSON.stringify([painting, key]))
      .digest('hex');
    const out = join(this.#folder, `${name}.jpg`);
    const isThere = async () => (await stat(out).catch(() => undefined)) !== undefined;
    if (await isThere()) return out;
    await this.#turn();
    try {
      signal.throwIfAborted();
      const file = { format: 'jpeg', quality: 88, strip: true } as const;
      if (!(await isThere())) await this.#engine.run({ ...painting, kind: 'paint', file, out }, { signal });
      return out;
    } finally {
      const next = this.#waiting.pop();
      if (next === undefined) this.#isBusy = false;
      else next();
    }
  }

  async close(): Promise<void> {
    // What is painted small is painted again when it is wanted.
    const closed = this.#engine.close();
    this.#engine.kill();
    await closed;
  }

  async #turn(): Promise<void> {
    if (this.#isBusy) return new Promise<void>((go) => this.#waiting.push(go));
    this.#isBusy = true;
  }
}
