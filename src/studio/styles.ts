import { copyFile, mkdir, readdir, rename } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { availableStyles, CheckpointError } from '../index.ts';
import type { StudioStyle, StylePart } from './protocol.ts';

const EXTENSION = '.safetensors';

/** The styles of a studio: those that it has trained itself, kept in its folder, before those that the library finds by name. */
export class Styles {
  readonly #folder: string;
  #files: ReadonlyMap<string, string> = new Map();
  #own: ReadonlySet<string> = new Set();

  private constructor(folder: string) {
    this.#folder = join(folder, 'styles');
  }

  static async open(folder: string): Promise<Styles> {
    const styles = new Styles(folder);
    await styles.#list();
    return styles;
  }

  all(): readonly StudioStyle[] {
    return [...this.#files.keys()].map((name) => ({ name, isOwn: this.#own.has(name) }));
  }

  /** Files in place of names. @throws {CheckpointError} a style that there is not. */
  filesOf(parts: readonly StylePart[]): readonly { readonly file: string; readonly weight: number }[] {
    return parts
      .filter(({ weight }) => weight > 0)
      .map(({ style, weight }) => {
        const file = this.#files.get(style);
        if (file === undefined)
          throw new CheckpointError(`Expected one of the styles of this studio but received ${style}.`);
        return { file, weight };
      });
  }

  /** Keeps a trained style under the first of `name`, `name 2`, … that is free. Answers it. */
  async keep(file: string, name: string): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    let free = name;
    for (let i = 2; this.#files.has(free); i++) free = `${name} ${i}`;
    const path = join(this.#folder, `${free}${EXTENSION}`);
    await copyFile(file, `${path}.part`);
    await rename(`${path}.part`, path);
    await this.#list();
    return free;
  }

  async #list(): Promise<void> {
    const own = (await readdir(this.#folder).catch(() => [])).filter((file) => file.endsWith(EXTENSION));
    const files = new Map(
      own.sort().map((file) => [basename(file, EXTENSION), join(this.#folder, file)] as const),
    );
    this.#own = new Set(files.keys());
    for (const [name, file] of await availableStyles()) if (!files.has(name)) files.set(name, resolve(file));
    this.#files = files;
  }
}
