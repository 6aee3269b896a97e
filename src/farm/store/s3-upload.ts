/** Files into S3: whole or in parts, each with its checksum. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { FileError } from '../../system/errors.ts';
import { openPlainFile } from '../../system/plain-file.ts';
import type { S3Place } from './s3-address.ts';
import { askS3, tagged } from './s3-request.ts';

/** Bytes of a part at least, and parts at most that S3 takes. */
const [LEAST_PART, MOST_PARTS] = [16 * 2 ** 20, 10_000];
/** Metadata with the SHA-256 of the whole file, which S3 itself does not keep of files in parts. */
export const WHOLE_DIGEST = 'x-amz-meta-sha256';

/**
 * Writes a file as an object: the old one or the whole new one is seen. S3 compares each part with its SHA-256.
 *
 * @throws {FileError} S3 does not take it, or the file changes meanwhile. The signal's reason.
 */
export async function uploadFile(
  place: S3Place,
  path: string,
  key: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = await openPlainFile(path);
  try {
    const { size } = await file.stat();
    const part = Math.max(LEAST_PART, Math.ceil(size / MOST_PARTS / 2 ** 20) * 2 ** 20);
    const whole = createHash('sha256');
    for (let at = 0; at < size; at += part)
      whole.update(await piece(file, path, at, Math.min(part, size - at)));
    const upload = { place, file, path, key, size, part, digest: whole.digest('hex'), signal };
    await (size <= part ? uploadWhole(upload) : uploadParts(upload));
  } finally {
    await file.close();
  }
}

interface Upload {
  readonly place: S3Place;
  readonly file: FileHandle;
  readonly path: string;
  readonly key: string;
  readonly size: number;
  readonly part: number;
  /** SHA-256 of all, in hexadecimal. */
  readonly digest: string;
  readonly signal: AbortSignal | undefined;
}

async function uploadWhole({ place, file, path, key, size, digest, signal }: Upload): Promise<void> {
  const body = await piece(file, path, 0, size);
  requireSame(digest, createHash('sha256').update(body).digest('hex'), path);
  const headers = {
    [WHOLE_DIGEST]: digest,
    'x-amz-checksum-sha256': Buffer.from(digest, 'hex').toString('base64'),
  };
  const answer = await askS3(place, { method: 'PUT', key, headers, body, action: `put ${key}`, signal });
  await requireFound(answer, place, key);
}

async function uploadParts({ place, file, path, key, size, part, digest, signal }: Upload): Promise<void> {
  const ask = { key, action: `put ${key}` } as const;
  const begun = await askS3(place, {
    ...{ ...ask, method: 'POST', query: { uploads: '' }, signal },
    headers: { [WHOLE_DIGEST]: digest, 'x-amz-checksum-algorithm': 'SHA256' },
  });
  const uploadId = tagged(await requireFound(begun, place, key), 'UploadId');
  if (uploadId === undefined) throw notUnderstood(place, key);
  try {
    const whole = createHash('sha256');
    const parts: string[] = [];
    for (let at = 0; at < size; at += part) {
      const body = await piece(file, path, at, Math.min(part, size - at));
      whole.update(body);
      const checksum = createHash('sha256').update(body).digest('base64');
      const number = parts.length + 1;
      const answer = await askS3(place, {
        ...{ ...ask, method: 'PUT', body, signal },
        query: { partNumber: String(number), uploadId },
        headers: { 'x-amz-checksum-sha256': checksum },
      });
      await requireFound(answer, place, key);
      const tag = answer.headers.get('etag') ?? '';
      parts.push(
        `<Part><PartNumber>${number}</PartNumber><ETag>${tag.replaceAll('"', '&quot;')}</ETag><ChecksumSHA256>${checksum}</ChecksumSHA256></Part>`,
      );
    }
    requireSame(digest, whole.digest('hex'), path);
    const answer = await askS3(place, {
      ...{ ...ask, method: 'POST', query: { uploadId }, signal },
      body: `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`,
    });
    // It answers 200 before it knows whether it can.
    const text = await requireFound(answer, place, key);
    if (tagged(text, 'ETag') === undefined)
      throw new FileError(
        `Cannot put ${key} into ${place.url}: ${tagged(text, 'Message') ?? 'S3 refuses its parts'}.`,
      );
  } catch (error) {
    // Parts that nobody puts together are paid for.
    await askS3(place, { ...ask, method: 'DELETE', query: { uploadId } }).catch(() => undefined);
    throw error;
  }
}

async function piece(
  file: FileHandle,
  path: string,
  at: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) throw changed(path);
    done += bytesRead;
  }
  return bytes;
}

function requireSame(before: string, now: string, path: string): void {
  if (before !== now) throw changed(path);
}

const changed = (path: string) =>
  new FileError(`${path} has changed while it was copied; run it again when it is whole.`);

const notUnderstood = ({ url }: S3Place, key: string) =>
  new FileError(`Cannot put ${key} into ${url}: what the server answers is not S3's.`);

/** The answer's text. @throws {FileError} the bucket is not there. */
async function requireFound(answer: Response, { url }: S3Place, key: string): Promise<string> {
  const text = await answer.text();
  if (answer.status === 404)
    throw new FileError(
      `Cannot put ${key} into ${url}: ${tagged(text, 'Message') ?? 'there is no such bucket'}.`,
    );
  return text;
}
