import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../system/atomic-file.ts';
import { jsonOrNothing } from '../../system/json-text.ts';
import { fetchInto } from './fetch-into.ts';
import type { TaskContext } from './kind.ts';

const JOINED = 'joined.json';

/**
 * What was answered when parts were put together. It stays when the parts have gone: whoever joins them and dies may be followed by
 * another.
 */
export class JoinedMark {
  readonly #folder: string;
  readonly #context: Pick<TaskContext, 'store' | 'scratch' | 'signal'>;

  /** @param folder of the parts in the store, with its slash. */
  constructor(folder: string, context: Pick<TaskContext, 'store' | 'scratch' | 'signal'>) {
    this.#folder = folder;
    this.#context = context;
  }

  /** The answer; undefined before. Throws as the store. */
  async find(): Promise<unknown> {
    if (!(await this.#context.store.exists(this.#key))) return undefined;
    const path = await fetchInto(this.#context, this.#key, JOINED);
    const answer = jsonOrNothing(await readFile(path, 'utf8'));
    await rm(path);
    return answer;
  }

  /** Keeps the answer, and removes the parts. Throws as the store. */
  async finish(answer: object): Promise<void> {
    const { store, scratch } = this.#context;
    const path = join(scratch, JOINED);
    await writeFileAtomically(path, JSON.stringify(answer), { overwrite: true });
    await store.put(path, this.#key);
    await rm(path);
    for await (const { key } of store.list(this.#folder)) if (key !== this.#key) await store.remove(key);
  }

  /** The parts are wanted again. Throws as the store. */
  async begin(): Promise<void> {
    await this.#context.store.remove(this.#key);
  }

  get #key(): string {
    return `${this.#folder}${JOINED}`;
  }
}
