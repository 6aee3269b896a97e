/** Signed requests to S3, tried again where that helps. */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import { expected, FileError } from '../../system/errors.ts';
import { printableLine } from '../../system/printable.ts';
import type { S3Place } from './s3-address.ts';

export interface S3Ask {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** The whole key, prefix included; the bucket itself unless given. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  /** What is done, for messages: `fetch a/b`. */
  readonly action: string;
  readonly signal?: AbortSignal | undefined;
}

/** Tries in all, and milliseconds before the second, doubled with each. */
const [TRIES, PAUSE] = [5, 200];
/** Minutes by which a signature's time may be off, by S3's rules. */
const MOST_SKEW = 15;

/**
 * Asks once or, where the server or the network is at fault, again.
 *
 * @returns a good answer, or one of 404. @throws {FileError} any other, or none at all. The signal's reason.
 */
export async function askS3(place: S3Place, ask: S3Ask): Promise<Response> {
  for (let tries = 1; ; tries++) {
    const answer = await askOnce(place, ask).catch((error: unknown) => noAnswer(place, ask, error));
    const isPassing = answer instanceof FileError || answer.status >= 500 || answer.status === 429;
    if (!isPassing || tries === TRIES) {
      if (answer instanceof FileError) throw answer;
      if (answer.ok || answer.status === 404) return answer;
      throw await refused(place, ask, answer);
    }
    // Its connection is free again only when it has been read.
    if (answer instanceof Response) await answer.arrayBuffer().catch(() => undefined);
    await pause(tries, ask.signal);
  }
}

/** Waits before another try. @throws the signal's reason. */
export async function pause(tries: number, signal: AbortSignal | undefined): Promise<void> {
  // Not all workers at once.
  const milliseconds = PAUSE * 2 ** (tries - 1) * (0.5 + Math.random());
  await delay(milliseconds, undefined, { signal }).catch(() => signal?.throwIfAborted());
}

async function askOnce(
  place: S3Place,
  { method, key, query, headers, body, signal }: S3Ask,
): Promise<Response> {
  const url = new URL(key === undefined ? place.bucket : `${place.bucket}/${encoded(key)}`);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  const sent = body === undefined ? undefined : Buffer.from(body as Uint8Array);
  // Signed, so that what arrives is what was sent, without TLS too.
  const digest = createHash('sha256')
    .update(sent ?? '')
    .digest('hex');
  const signed = await new AwsV4Signer({
    ...{ ...place.credentials, method, service: 's3', region: place.region },
    url: url.href,
    headers: { ...headers, 'x-amz-content-sha256': digest },
  }).sign();
  return fetch(signed.url, {
    ...{ method, headers: signed.headers, redirect: 'manual' },
    ...(sent && { body: sent }),
    ...(signal && { signal }),
  });
}

/** As S3 signs it: all but letters, digits and `-._~/`. */
const encoded = (key: string): string =>
  encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

/** @throws the signal's reason, where that is why. */
function noAnswer({ url, bucket }: S3Place, { action, signal }: S3Ask, error: unknown): FileError {
  signal?.throwIfAborted();
  const { message, cause } = error as Error;
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : message;
  return new FileError(
    `Cannot ${action} in ${url}: ${new URL(bucket).host} does not answer (${printableLine(reason)}).`,
    { cause: error },
  );
}

async function refused({ url, region }: S3Place, { action }: S3Ask, answer: Response): Promise<FileError> {
  const text = await answer.text().catch(() => '');
  return new FileError(
    expected(
      `a store that lets this program ${action} in ${url}`,
      `${answer.status} ${tagged(text, 'Code') ?? ''} ${tagged(text, 'Message') ?? ''}`.trim(),
      remedyFor(answer, region),
    ),
  );
}

/** By what servers say in their headers: the answer to a HEAD has no other text. */
function remedyFor({ status, headers }: Response, region: string): string | undefined {
  const theirs = headers.get('x-amz-bucket-region') ?? region;
  if (theirs !== region) return `set AWS_REGION to ${theirs}`;
  if (status >= 300 && status < 400) return 'check AWS_REGION and AWS_ENDPOINT_URL';
  if (status !== 403) return undefined;
  const ahead = (Date.now() - Date.parse(headers.get('date') ?? '')) / 60_000;
  if (Math.abs(ahead) < MOST_SKEW || Number.isNaN(ahead)) return 'check the credentials and what they allow';
  return `set the clock of this machine: it is ${Math.abs(ahead).toFixed(0)} minutes ${ahead > 0 ? 'fast' : 'slow'}`;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The text of the first element of a name in an answer of S3's. */
export function tagged(xml: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? [];
  return text?.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
  });
}
