/** Photos from wherever they are, as a file's path, bytes or pixels: what any thread can be given. Loads nothing heavy. */
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type LayeredPicture, separated } from '../picture.ts';
import { expected, ImageError } from '../system/errors.ts';
import type { PhotoSourceInput, PlainPhotoInput, RgbaInput } from './options.ts';

/** What a stream or a URL may bring at most: it is held in memory. */
const MOST_BYTES = 2 ** 30;

/** Whether there is nothing to wait for. */
export function isAtHand(input: PhotoSourceInput): input is PlainPhotoInput | RgbaInput | ArrayBuffer {
  return !(input instanceof Blob || input instanceof URL || isStream(input));
}

/**
 * @throws {ImageError} a URL of another kind, one that gives no picture, more than 1 GiB, or RGBA that is not as long as its
 * sides say. The signal's reason, where it is aborted. A stream's own errors, unchanged.
 */
export async function gatherInput(input: PhotoSourceInput, signal?: AbortSignal): Promise<PlainPhotoInput> {
  if (input instanceof Blob) return new Uint8Array(await input.arrayBuffer());
  if (input instanceof URL) return atUrl(input, signal);
  if (isStream(input)) return readAll(input, 'the stream', signal);
  return atHand(input);
}

/** The same for what is in memory. */
export function atHand(input: PlainPhotoInput | RgbaInput | ArrayBuffer): PlainPhotoInput {
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  if (typeof input === 'object' && input !== null && 'data' in input) return pictureOf(input);
  return input;
}

/** Ends a stream that is not read to its end: its iterator would wait for ever for one that brings nothing more. */
export function endStream(stream: AsyncIterable<Uint8Array>, iterator: AsyncIterator<Uint8Array>): void {
  if (stream instanceof Readable) stream.destroy();
  else iterator.return?.()?.catch(() => undefined);
}

/** A path of `-` would be standard input or output, which are the program's own. */
export function ownPath(path: string): string {
  return path === '-' ? './-' : path;
}

function isStream(input: PhotoSourceInput): input is AsyncIterable<Uint8Array> {
  return typeof input === 'object' && input !== null && Symbol.asyncIterator in input;
}

async function atUrl(url: URL, signal: AbortSignal | undefined): Promise<PlainPhotoInput> {
  if (url.protocol === 'file:') return fileURLToPath(url);
  if (!['data:', 'http:', 'https:'].includes(url.protocol))
    throw new ImageError(expected('a URL of file:, data:, http: or https:', url.protocol));
  // Neither a password nor a picture belongs in a message.
  const name = url.protocol === 'data:' ? 'a data: URL' : `${url.protocol}//${url.host}${url.pathname}`;
  const response = await fetch(url, signal === undefined ? {} : { signal }).catch((error: Error) => {
    signal?.throwIfAborted();
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    throw new ImageError(expected(`a picture at ${name}`, reason), { cause: error });
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new ImageError(expected(`a picture at ${name}`, `status ${response.status}`));
  }
  return response.body === null ? new Uint8Array(0) : readAll(response.body, name, signal);
}

async function readAll(
  stream: AsyncIterable<Uint8Array>,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal?.reason);
  });
  aborted.catch(() => undefined);
  signal?.addEventListener('abort', stop);
  const iterator = stream[Symbol.asyncIterator]();
  try {
    signal?.throwIfAborted();
    for (;;) {
      const { done, value } = await Promise.race([iterator.next(), aborted]);
      if (done) return Buffer.concat(parts);
      if (!(value instanceof Uint8Array)) throw new ImageError(expected('bytes in the stream', typeof value));
      parts.push(value);
      length += value.length;
      if (length > MOST_BYTES) throw new ImageError(expected(`at most 1 GiB in ${name}`, 'more'));
    }
  } catch (error) {
    endStream(stream, iterator);
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function pictureOf({ data, width, height, colorSpace = 'srgb' }: RgbaInput): LayeredPicture {
  const isBytes = data instanceof Uint8ClampedArray || (data as unknown) instanceof Uint8Array;
  if (!isBytes || data.length !== 4 * width * height)
    throw new ImageError(
      expected(
        'RGBA as a Uint8ClampedArray or Uint8Array of width × height × 4 samples',
        `${data?.length} samples for ${width}×${height}`,
      ),
    );
  if (colorSpace !== 'srgb') throw new ImageError(expected('RGBA in srgb', colorSpace));
  const { pixels, alpha } = separated(new Uint8Array(data.buffer, data.byteOffset, data.length), 4);
  const isOpaque = alpha!.every((value) => value === 255);
  return { width, height, pixels, ...(isOpaque ? {} : { alpha: alpha! }) };
}
