import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FileError, ImageError, shrinkPhoto } from '../index.ts';
import type { ItemKind, StudioItem, StudioNews } from './protocol.ts';
import { readStored, replaceFile, StoredJson } from './stored-json.ts';

/** Bytes of a file's name that are kept: the name of what is painted of it is longer. */
const LONGEST_NAME = 120;

/**
 * What was dropped, on disk: `items/<id>/<name>` with `items.json` as the list. A file is listed when it is whole and can be read.
 */
export class Items {
  readonly #folder: string;
  readonly #stored: StoredJson;
  readonly #items = new Map<string, StudioItem>();
  readonly #say: (news: StudioNews) => void;

  private constructor(folder: string, say: (news: StudioNews) => void) {
    this.#folder = join(folder, 'items');
    this.#stored = new StoredJson(join(folder, 'items.json'));
    this.#say = say;
  }

  /** @throws {FileError} the list cannot be read. */
  static async open(folder: string, say: (news: StudioNews) => void): Promise<Items> {
    const items = new Items(folder, say);
    const stored = ((await readStored(join(folder, 'items.json'))) ?? []) as readonly StudioItem[];
    for (const item of stored) items.#items.set(item.id, item);
    // Uploads that ended with the process.
    for (const name of await readdir(items.#folder).catch(() => []))
      if (name.endsWith('.part')) await rm(join(items.#folder, name), { recursive: true, force: true });
    return items;
  }

  all(): readonly StudioItem[] {
    return [...this.#items.values()];
  }

  get(id: string): StudioItem | undefined {
    return this.#items.get(id);
  }

  /** @throws {FileError} it has been removed. */
  require(id: string): StudioItem {
    const item = this.#items.get(id);
    if (item === undefined)
      throw new FileError('Expected a file of this studio but received one that was removed; drop it again.');
    return item;
  }

  path({ id, name }: StudioItem): string {
    return join(this.#folder, id, name);
  }

  /**
   * Stores what is uploaded.
   *
   * @throws {ImageError} it is no picture, where it has to be one. {FileError} it cannot be written. {Error} the upload was given up.
   */
  async add(kind: ItemKind, name: string, body: ReadableStream<Uint8Array>): Promise<StudioItem> {
    return this.#add(kind, name, (path) =>
      pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(path)),
    );
  }

  /** The same with a copy of a file. */
  async addFile(kind: ItemKind, path: string): Promise<StudioItem> {
    return this.#add(kind, parse(path).base, (to) => copyFile(path, to));
  }

  async #add(kind: ItemKind, name: string, write: (path: string) => Promise<void>): Promise<StudioItem> {
    const id = randomUUID();
    const kept = storedName(name);
    const making = join(this.#folder, `${id}.part`);
    try {
      await mkdir(making, { recursive: true });
      const path = join(making, kept);
      await write(path);
      const { size } = await stat(path);
      if (size === 0) throw new ImageError(`Expected a ${kind} but received an empty file, ${kept}.`);
      // A film is read when it is painted: ffmpeg says then what it is.
      const isPicture = kind !== 'film';
      const shrunk = isPicture ? await shrinkPhoto(path, { side: 64 }).catch(withName(kept)) : undefined;
      await rename(making, join(this.#folder, id));
      const item: StudioItem = {
        ...{ id, kind, name: kept, bytes: size, added: Date.now() },
        ...(shrunk === undefined ? {} : { width: shrunk.photo.width, height: shrunk.photo.height }),
      };
      this.#items.set(id, item);
      await this.#save();
      this.#say({ event: 'item', item });
      return item;
    } catch (error) {
      await rm(making, { recursive: true, force: true });
      throw error;
    }
  }

  /** Takes it from the list first: what is left of its files when the process dies is listed nowhere. */
  async remove(id: string): Promise<void> {
    if (!this.#items.delete(id)) return;
    await this.#save();
    this.#say({ event: 'item-removed', id });
    await rm(join(this.#folder, id), { recursive: true, force: true });
  }

  /** The photo as a small JPEG, made once for each size. Answers its path. @throws {ImageError} it cannot be read. */
  async shrunk(item: StudioItem, side: number): Promise<string> {
    const path = join(this.#folder, item.id, `.${side}.jpg`);
    if (await stat(path).catch(() => undefined)) return path;
    const { bytes } = await shrinkPhoto(this.path(item), { side, quality: 90 });
    await replaceFile(path, bytes);
    return path;
  }

  #save(): Promise<void> {
    return this.#stored.write(() => this.all());
  }
}

/** A file's name without what no name may hold, on whichever system. */
function storedName(name: string): string {
  const { name: stem, ext } = parse(name.replace(/^.*[\\/]/s, ''));
  const plain = (text: string) => text.replace(/[^\p{L}\p{M}\p{N} ._()+-]+/gu, '_').replace(/^[. ]+/, '');
  let short = plain(stem);
  while (Buffer.byteLength(short) > LONGEST_NAME) short = short.slice(0, -1);
  return `${short.trim() || 'picture'}${ext === '' ? '' : `.${plain(ext.slice(1))}`}`;
}

/** The path in a message says nothing to someone who has dropped a file. */
function withName(name: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ImageError)) throw error;
    throw new ImageError(error.message.replaceAll(/\S*[\\/][^\\/]*\.part[\\/]/g, ''), {
      cause: { name, error },
    });
  };
}
