import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { asFileError, replaceFileAtomically } from '../../system/atomic-file.ts';
import { FileError } from '../../system/errors.ts';
import { requireKey } from './key.ts';
import { type S3Place, s3Place } from './s3-address.ts';
import { askS3, pause, tagged } from './s3-request.ts';
import { uploadFile, WHOLE_DIGEST } from './s3-upload.ts';
import type { Store, StoredFile } from './store.ts';

/** How often a body may break off. */
const BREAKS = 5;

/**
 * A bucket, or what is in it below a prefix, at Amazon's or at any server that talks like it.
 *
 * @param address s3://bucket/prefix. @throws {ConfigError} it is no such address, or the environment lacks credentials.
 */
export function openS3Store(address: URL, environment: Readonly<Record<string, string | undefined>>): Store {
  return new S3Store(s3Place(address, environment));
}

class S3Store implements Store {
  readonly #place: S3Place;

  constructor(place: S3Place) {
    this.#place = place;
  }

  get url(): string {
    return this.#place.url;
  }

  async fetch(key: string, path: string, signal?: AbortSignal): Promise<void> {
    const whole = this.#keyOf(key);
    const write = async (temporary: string) => {
      const file = await open(temporary, 'w');
      try {
        await this.#download(whole, file, signal);
      } finally {
        await file.close();
      }
    };
    await replaceFileAtomically(path, write, { overwrite: true, flush: false });
  }

  async put(path: string, key: string, signal?: AbortSignal): Promise<void> {
    try {
      await uploadFile(this.#place, path, this.#keyOf(key), signal);
    } catch (error) {
      throw asFileError(error, `put ${path} into ${this.url}`);
    }
  }

  async path(): Promise<undefined> {}

  async exists(key: string): Promise<boolean> {
    return (await this.find(key)) !== undefined;
  }

  async find(key: string): Promise<StoredFile | undefined> {
    const whole = this.#keyOf(key);
    const { ok, headers } = await askS3(this.#place, {
      method: 'HEAD',
      key: whole,
      action: `look for ${whole}`,
    });
    const { bytes, tag } = answeredBy(headers);
    return ok ? { key, bytes, version: tag } : undefined;
  }

  async remove(key: string): Promise<void> {
    const whole = this.#keyOf(key);
    const answer = await askS3(this.#place, { method: 'DELETE', key: whole, action: `remove ${whole}` });
    await answer.arrayBuffer();
  }

  async *list(prefix: string): AsyncGenerator<StoredFile, void, void> {
    const ours = this.#place.prefix;
    const fixed = { 'list-type': '2', 'encoding-type': 'url', prefix: `${ours}${prefix}` };
    let token: string | undefined;
    do {
      const answer = await askS3(this.#place, {
        ...{ method: 'GET', action: `list ${ours}${prefix}` },
        query: { ...fixed, ...(token === undefined ? {} : { 'continuation-token': token }) },
      });
      const page = await answer.text();
      if (!answer.ok)
        throw new FileError(`Cannot list ${this.url}: ${tagged(page, 'Message') ?? 'it is not there'}.`);
      // Not all servers do as they are asked.
      const isEncoded = tagged(page, 'EncodingType') === 'url';
      for (const [, entry = ''] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const told = tagged(entry, 'Key') ?? '';
        const key = isEncoded ? decodeURIComponent(told.replaceAll('+', ' ')) : told;
        // Consoles make such objects for folders.
        if (key.startsWith(ours) && !key.endsWith('/'))
          yield {
            key: requireKey(key.slice(ours.length), `a file in ${this.url}`),
            bytes: Number(tagged(entry, 'Size')),
            version: tagged(entry, 'ETag') ?? '',
          };
      }
      token = tagged(page, 'NextContinuationToken');
    } while (token !== undefined);
  }

  close(): void {}

  #keyOf(key: string): string {
    return this.#place.prefix + requireKey(key);
  }

  /** Writes an object into a file, going on where the connection broke. @throws {FileError} it is not there, or not as it was put. */
  async #download(key: string, file: FileHandle, signal: AbortSignal | undefined): Promise<void> {
    const action = `fetch ${key}`;
    let hash = createHash('sha256');
    let known: Answered | undefined;
    let done = 0;
    for (let breaks = 0; ; ) {
      const headers: Record<string, string> = { 'x-amz-checksum-mode': 'ENABLED' };
      if (known !== undefined) Object.assign(headers, { range: `bytes=${done}-`, 'if-match': known.tag });
      const answer = await askS3(this.#place, { method: 'GET', key, headers, action, signal });
      if (answer.status === 404) throw new FileError(`Cannot ${action} from ${this.url}: it is not there.`);
      if (answer.status !== 206 || known === undefined) {
        known = answeredBy(answer.headers);
        hash = createHash('sha256');
        done = 0;
      }
      try {
        for await (const bytes of answer.body ?? []) {
          hash.update(bytes);
          // On a disk that fills up, less is written at first, and no error is raised.
          for (let at = 0; at < bytes.length; )
            at += (await file.write(bytes, at, bytes.length - at, done + at)).bytesWritten;
          done += bytes.length;
        }
      } catch (error) {
        signal?.throwIfAborted();
        // Of the disk, not of the network.
        const told = asFileError(error, `write what is fetched from ${this.url}`);
        if (told instanceof FileError) throw told;
        if (++breaks > BREAKS)
          throw new FileError(`Cannot ${action} from ${this.url}: the connection breaks.`, { cause: error });
        if (known.bytes !== done) {
          await pause(breaks, signal);
          continue;
        }
      }
      if (known.bytes !== done || (known.digest !== undefined && known.digest !== hash.digest('hex')))
        throw new FileError(
          `${key} in ${this.url} is not what was put there: its SHA-256 or length differs; put it again.`,
        );
      await file.truncate(done);
      return;
    }
  }
}

/** What an answer says of the whole object. */
interface Answered {
  readonly tag: string;
  readonly bytes: number;
  /** SHA-256 in hexadecimal, where it is known: of what this program or one that asks S3 for such checksums has put. */
  readonly digest: string | undefined;
}

function answeredBy(headers: Headers): Answered {
  const own = headers.get(WHOLE_DIGEST);
  const theirs = headers.get('x-amz-checksum-sha256');
  // Of an object in parts, it is one of their checksums.
  const isWhole =
    theirs !== null && !theirs.includes('-') && headers.get('x-amz-checksum-type') !== 'COMPOSITE';
  return {
    ...{ tag: headers.get('etag') ?? '', bytes: Number(headers.get('content-length')) },
    digest: own ?? (isWhole ? Buffer.from(theirs, 'base64').toString('hex') : undefined),
  };
}
