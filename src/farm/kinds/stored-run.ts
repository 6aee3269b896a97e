/** A run's folder and its checkpoint in the store: what another machine goes on from, and what people look at meanwhile. */
import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeFileAtomically } from '../../system/atomic-file.ts';
import { expected, FileError } from '../../system/errors.ts';
import { isCount, isRecord, jsonOrNothing } from '../../system/json-text.ts';
import { DESCRIPTION, LOG, PREVIEW_FILE, PREVIEWS, REPORT, stateFiles } from '../../train/run/run-folder.ts';
import type { TaskContext } from './kind.ts';

/** Whose run it is, and what it was computed on from which step on. */
export interface RunOwner {
  readonly job: string;
  readonly computed: readonly { readonly step: number; readonly arithmetic: string }[];
}

const OWNER = 'farm.json';
const STATE_KEY = /^state-\d{9}\.safetensors$/;

export interface RunPlaces {
  /** Keys of the run's folder and of the checkpoint. */
  readonly run: string;
  readonly checkpoint: string;
  /** Where they are on this machine. */
  readonly runFolder: string;
  readonly checkpointPath: string;
}

export class StoredRun {
  readonly #places: RunPlaces;
  readonly #context: TaskContext;
  /** Length and time of change of files that are in the store as they are here. */
  readonly #put = new Map<string, string>();

  constructor(places: RunPlaces, context: TaskContext) {
    this.#places = places;
    this.#context = context;
  }

  /** Whose run is in the folder; undefined where there is none. */
  async owner(): Promise<RunOwner | undefined> {
    const { store, scratch, signal } = this.#context;
    const key = this.#key(OWNER);
    if (!(await store.exists(key))) return undefined;
    const path = join(scratch, OWNER);
    await store.fetch(key, path, signal);
    const owner = jsonOrNothing(await readFile(path, 'utf8'));
    const { job, computed } = isRecord(owner) ? owner : {};
    const isStep = (one: unknown) => isRecord(one) && isCount(one.step) && typeof one.arithmetic === 'string';
    if (typeof job === 'string' && Array.isArray(computed) && computed.every(isStep))
      return { job, computed: computed as RunOwner['computed'] };
    throw new FileError(expected(`whose training is in ${this.#places.run}`, 'a file that does not say it'));
  }

  /** Says whose it is. */
  async own(owner: RunOwner): Promise<void> {
    const path = join(this.#context.scratch, OWNER);
    await writeFileAtomically(path, JSON.stringify(owner), { overwrite: true });
    await this.#context.store.put(path, this.#key(OWNER));
  }

  /** Whether a run or a checkpoint is there already. */
  async isTaken(): Promise<boolean> {
    const { store } = this.#context;
    if (await store.exists(this.#places.checkpoint)) return true;
    for await (const { key } of store.list(this.#key(''))) if (this.#isOurs(key)) return true;
    return false;
  }

  /** Removes what an earlier run has left in the folder; everything else stays. */
  async clear(): Promise<void> {
    const { store } = this.#context;
    // Before the states: whoever finds one of a run that is going knows that it is another's.
    await store.remove(this.#key(OWNER));
    const keys: string[] = [];
    for await (const { key } of store.list(this.#key(''))) if (this.#isOurs(key)) keys.push(key);
    for (const key of keys) await store.remove(key);
  }

  /** Fetches the run. @returns whether there is a state to go on from. */
  async fetch(): Promise<boolean> {
    const { store, scratch, signal } = this.#context;
    const { runFolder } = this.#places;
    const fetched = join(scratch, 'fetched.jsonl');
    await mkdir(join(runFolder, PREVIEWS), { recursive: true });
    for await (const { key } of store.list(this.#key(''))) {
      if (!this.#isOurs(key)) continue;
      const path = join(runFolder, key.slice(this.#key('').length));
      // The log is written on, and what is fetched may be a link to what the worker keeps.
      const isLog = key === this.#key(LOG);
      await store.fetch(key, isLog ? fetched : path, signal);
      if (isLog) await copyFile(fetched, path);
      this.#put.set(path, await lookOf(path));
    }
    return (await stateFiles(runFolder)).length > 0;
  }

  /** Puts what has changed: the newest state last, which makes the rest count, and then takes older ones away. */
  async save(): Promise<void> {
    const { store } = this.#context;
    const { runFolder, checkpoint, checkpointPath } = this.#places;
    const previews = await readdir(join(runFolder, PREVIEWS)).catch(() => []);
    const shown = previews.filter((name) => PREVIEW_FILE.test(name)).map((name) => `${PREVIEWS}/${name}`);
    for (const name of [LOG, DESCRIPTION, REPORT, ...shown])
      await this.#update(join(runFolder, name), this.#key(name));
    await this.#update(checkpointPath, checkpoint);
    const states = await stateFiles(runFolder);
    for (const name of states) await this.#update(join(runFolder, name), this.#key(name));
    for await (const { key } of store.list(this.#key('state-'))) {
      const name = basename(key);
      // Not newer ones: another worker may have taken the run over from this one.
      if (STATE_KEY.test(name) && states.length > 0 && name < states[0]!) await store.remove(key);
    }
  }

  async #update(path: string, key: string): Promise<void> {
    const look = await lookOf(path);
    if (look === '' || this.#put.get(path) === look) return;
    // Not given up with the task: what is saved is kept.
    await this.#context.store.put(path, key);
    this.#put.set(path, look);
  }

  #isOurs(key: string): boolean {
    const name = key.slice(this.#key('').length);
    const isPreview = name.startsWith(`${PREVIEWS}/`) && PREVIEW_FILE.test(name.slice(PREVIEWS.length + 1));
    return STATE_KEY.test(name) || [LOG, DESCRIPTION, REPORT].includes(name) || isPreview;
  }

  #key(name: string): string {
    return `${this.#places.run}/${name}`;
  }
}

/** Length and time of change; empty where there is no file. */
async function lookOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? '' : `${found.size} ${found.mtimeMs}`;
}
