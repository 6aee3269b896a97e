/** A folder that photos come into. */
import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type PhotoFile, photosBelow } from '../data/photo-files.ts';
import { outside } from './photos-and-targets.ts';

/** Milliseconds between two looks, where nothing says that something has changed. */
const EVERY = 1000;
/** A file is whole when it has stayed the same for so many milliseconds. */
const QUIET = 400;

interface ArrivingOptions {
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Takes a line for each folder in the folder that cannot be read, at every look. */
  readonly onUnreadable: (line: string) => void;
}

/**
 * Photos in a folder and its folders as they come: those that are there first, then each that appears or changes, once it has
 * stopped growing. Looks itself now and then: file systems of other machines tell of no changes.
 *
 * @param out what lies in this folder is skipped.
 */
export async function* arrivingPhotos(
  folder: string,
  out: string,
  { signal, onUnreadable }: ArrivingOptions,
): AsyncGenerator<readonly PhotoFile[], void, void> {
  const handled = new Map<string, string>();
  const seen = new Map<string, { readonly state: string; readonly since: number }>();
  const bell = new Bell(folder, signal);
  try {
    while (!signal.aborted) {
      const ready: PhotoFile[] = [];
      let isGrowing = false;
      const there = outside(out, folder, await photosBelow(folder, onUnreadable));
      for (const photo of there) {
        const state = await stateOf(photo.path);
        if (state === undefined || handled.get(photo.path) === state) continue;
        const before = seen.get(photo.path);
        if (before?.state !== state) seen.set(photo.path, { state, since: performance.now() });
        else if (performance.now() - before.since >= QUIET) {
          handled.set(photo.path, state);
          seen.delete(photo.path);
          ready.push(photo);
          continue;
        }
        isGrowing = true;
      }
      const paths = new Set(there.map(({ path }) => path));
      for (const known of [handled, seen])
        for (const path of known.keys()) if (!paths.has(path)) known.delete(path);
      if (ready.length > 0) yield ready;
      if (!signal.aborted) await bell.wait(isGrowing ? QUIET : EVERY);
    }
  } finally {
    bell.close();
  }
}

/** Changes when a file does; undefined where it has gone, or holds nothing yet. */
async function stateOf(path: string): Promise<string | undefined> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined || there.size === 0) return undefined;
  return `${there.size} ${there.mtimeMs} ${there.ino}`;
}

/** Rings when the system tells of a change, when time is up, or when it is all to end. */
class Bell {
  #watcher: FSWatcher | undefined;
  readonly #signal: AbortSignal;
  #ring = () => {};

  constructor(folder: string, signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#rung);
    try {
      this.#watcher = watch(folder, this.#rung);
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // Looking now and then is enough.
      this.#watcher = undefined;
    }
  }

  readonly #rung = () => this.#ring();

  async wait(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#ring = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#signal.aborted) this.#ring();
    });
    // A burst of news is one; what is being written would else be looked at all the time.
    if (!this.#signal.aborted) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#rung);
    this.#watcher?.close();
  }
}
