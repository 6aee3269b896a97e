/** Downloads of large files that go on where they broke off, and are checked before they count. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { asFileError } from '../../system/atomic-file.ts';
import { FastStyleError, WeightsError } from '../../system/errors.ts';
import { digestOfFile } from '../../system/file-digest.ts';
import { abandon, type HttpResponse, httpGet, SILENCE_MS } from './http-get.ts';
import type { Checksum } from './published-weights.ts';

export interface Download {
  readonly url: string;
  /** Where the whole file ends up; until then it grows in `<path>.part`. */
  readonly path: string;
  readonly checksum: Checksum;
  /** Called with the bytes received and, once the server has sent it, the total. */
  readonly onProgress?: (done: number, total: number | undefined) => void;
  /** How often a connection that brought something and broke is taken up again at once. Defaults to 5. */
  readonly retries?: number;
  /** Ends it; what came is kept for the next try. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads a file, from where an earlier download of it broke off.
 *
 * @throws {WeightsError} the server cannot be reached, refuses, or breaks off: what came is kept for the next try.
 *   Or the file has another checksum: then it is removed.
 * @throws {FileError} it cannot be written. The signal's reason, where it is aborted.
 */
export async function download(task: Download): Promise<void> {
  const { url, path, checksum, retries = 5, signal } = task;
  const part = `${path}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    for (let broken = 0; !(await fetchRest(task, part, broken < retries)); broken++);
    const actual = await digestOfFile(part, checksum.algorithm);
    if (actual !== checksum.hex) {
      await rm(part, { force: true });
      throw new WeightsError(
        `What came from ${url} is not the published file and was removed: its ${checksum.algorithm} should be` +
          ` ${checksum.hex} but is ${actual}.`,
      );
    }
    await rename(part, path);
  } catch (error) {
    signal?.throwIfAborted();
    throw asFileError(error, `write ${path}`);
  }
}

/** @returns whether the file is complete; false after a break that is worth another try. */
async function fetchRest(
  { url, onProgress, signal }: Download,
  part: string,
  mayRetry: boolean,
): Promise<boolean> {
  signal?.throwIfAborted();
  const start = await sizeOf(part);
  const range = start > 0 ? { headers: { range: `bytes=${start}-` } } : {};
  const response = await httpGet(url, { ...range, signal }).catch((error: unknown) => {
    throw broken(url, start, error);
  });
  const place = contentRange(response);
  if (response.statusCode === 416 && start > 0) {
    abandon(response);
    // Nothing comes after what is there: it is complete, or it is longer than the file and useless.
    if (place.total === start) return true;
    await rm(part);
    return false;
  }
  const goesOn = response.statusCode === 206 && place.start === start;
  if (!goesOn && response.statusCode !== 200) {
    abandon(response);
    throw new WeightsError(`Cannot download ${url}: the server answers ${response.statusCode}.`);
  }
  // A server that does not know ranges sends everything: start again.
  let done = goesOn ? start : 0;
  const total = goesOn ? place.total : length(response);
  onProgress?.(done, total);
  response.body.on('data', (piece: Buffer) => {
    done += piece.length;
    onProgress?.(done, total);
  });
  const before = done;
  try {
    await pipeline(response.body, createWriteStream(part, { flags: goesOn ? 'a' : 'w' }));
  } catch (error) {
    if (asFileError(error, '') instanceof FastStyleError) throw error;
    if (mayRetry && done > before) return false;
    throw broken(url, await sizeOf(part), error);
  }
  if (total === undefined || done === total) return true;
  if (mayRetry && done > before) return false;
  throw broken(url, done, new Error('the connection was closed'));
}

function broken(url: string, done: number, error: unknown): WeightsError {
  const reason = describe(error);
  const kept = done > 0 ? ` after ${(done / 1e6).toFixed(1)} MB (the next try continues from there)` : '';
  return new WeightsError(`Cannot download ${url}: ${reason}${kept}.`, { cause: error });
}

const BREAKS = new Set(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'UND_ERR_SOCKET']);

function describe(error: unknown): string {
  const { code, message, errors } = error as { code?: string; message?: string; errors?: readonly unknown[] };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the server is not found (is there a network?)';
  if (code === 'ECONNREFUSED') return 'the connection is refused';
  if (BREAKS.has(code ?? '')) return 'the connection broke off';
  if (code !== undefined && /^UND_ERR_.*TIMEOUT$/.test(code)) return `no answer for ${SILENCE_MS / 1000} s`;
  if (errors?.[0] !== undefined) return describe(errors[0]);
  return (message ?? String(error)).split('\n')[0]!.replace(/\.$/, '');
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** 'bytes 100-199/200' is start 100 of 200 in all; a 416 answers 'bytes * /200', without the blank. */
function contentRange({ headers }: HttpResponse): { start?: number; total?: number } {
  const [, start, total] =
    /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(String(headers['content-range'] ?? '')) ?? [];
  return {
    ...(start !== undefined && { start: Number(start) }),
    ...(total !== undefined && { total: Number(total) }),
  };
}

function length({ headers }: HttpResponse): number | undefined {
  const text = headers['content-length'];
  return text === undefined ? undefined : Number(text);
}
