/** HEIC to pixels, in threads of their own. */
import type { Worker } from 'node:worker_threads';
import { ImageError } from '../../system/errors.ts';
import { readPlainFile } from '../../system/plain-file.ts';
import { startThread } from '../../system/thread.ts';
import { asImageError } from '../picture-errors.ts';
import { plainTiffBytes } from '../plain-tiff.ts';
import { readBytesAt } from '../read-at.ts';
import { boxAt } from './boxes.ts';
import type { HeifHead } from './heif-head.ts';
import type { HeifAnswer, HeifOrder } from './libheif-thread.ts';

/** Threads that have nothing to do; to start one takes a third of a second. They do not keep the process from ending. */
const idle: Worker[] = [];
const MOST_IDLE = 4;

/** libheif decodes this in the build that is used; pictures of other codecs in HEIF are named in the message. */
const HEVC: ReadonlySet<string> = new Set(['hvc1', 'hev1']);
const NAMES: Readonly<Record<string, string>> = {
  ...{
    avc1: 'H.264',
    vvc1: 'VVC',
    jpeg: 'JPEG',
    j2k1: 'JPEG 2000',
    unci: 'no codec',
    av01: 'AV1',
    mski: 'a mask',
  },
};

/** @throws {ImageError} the picture is coded otherwise than in HEVC. */
export function requireHevc({ codec }: HeifHead, name: string): void {
  if (HEVC.has(codec)) return;
  const coded = NAMES[codec] ?? (codec === '' ? 'an unknown codec' : codec);
  throw new ImageError(
    `${name} is a HEIF picture coded in ${coded}, of which only HEVC (HEIC) and AV1 (AVIF) are read; save it as JPEG, PNG or TIFF.`,
  );
}

/** Bytes of memory that decoding takes at its peak, for each pixel and 8 bit, as measured: in the decoder, and copies next to it. */
export const HEIF_BYTES_PER_PIXEL = 24;

/** Milliseconds after which a decoder has lost its way: twenty times what a slow machine takes. */
const [PATIENCE, PATIENCE_PER_PIXEL] = [30_000, 0.01];

/**
 * Decodes a HEIC picture whole, upright, to a plain TIFF with its profile, which sharp reads.
 *
 * @param content a file's path, or its bytes. @throws {ImageError} it is damaged, cut short, or too large for the decoder.
 */
export async function decodeHeif(
  content: string | Uint8Array,
  head: HeifHead,
  name: string,
): Promise<Uint8Array> {
  const file = asStill(typeof content === 'string' ? await readFile(content, name) : content);
  const depth = head.bits > 8 ? 16 : 8;
  const { alpha } = head;
  const patience = PATIENCE + PATIENCE_PER_PIXEL * head.width * head.height;
  const answer = await ordered({ file, alpha, depth }, patience);
  if ('fault' in answer) throw new ImageError(`${name} is damaged or cut short (${plainly(answer.fault)}).`);
  const { width, height, samples } = answer;
  if (width !== head.width || height !== head.height) {
    throw new ImageError(
      `${name} is damaged: it promises ${head.width}×${head.height} pixels and holds ${width}×${height}.`,
    );
  }
  const tiff = { width, height, bits: depth, channels: alpha ? 4 : 3 } as const;
  return plainTiffBytes(tiff, new Uint8Array(samples), { icc: head.icc });
}

/** A copy whose brands say that it is a still picture: where they speak of a sequence as well, libheif wants to see one. */
function asStill(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const file = Uint8Array.from(content);
  const { to } = boxAt(readBytesAt(file), 0, file.length);
  const brand = Buffer.from('heic');
  file.set(brand, 8);
  for (let at = 16; at + 4 <= to; at += 4) file.set(brand, at);
  return file;
}

async function readFile(path: string, name: string): Promise<Uint8Array> {
  try {
    return await readPlainFile(path);
  } catch (error) {
    throw asImageError(error, name);
  }
}

/** libheif's messages are 'kind: what: where'. */
function plainly(fault: string): string {
  const line = fault.trim().split('\n', 1)[0] ?? '';
  return line === '' ? 'it does not decode' : line;
}

async function ordered(order: HeifOrder, patience: number): Promise<HeifAnswer> {
  const worker = idle.pop() ?? startThread(new URL('./libheif-thread', import.meta.url), undefined);
  worker.ref();
  let timer: NodeJS.Timeout | undefined;
  const answer = await new Promise<HeifAnswer>((resolve, reject) => {
    timer = setTimeout(() => resolve({ fault: 'the decoder does not come to an end' }), patience);
    worker.once('message', resolve).once('error', reject);
    worker.once('exit', () => reject(new Error('The thread that decodes HEIC has ended.')));
    worker.postMessage(order, [order.file.buffer]);
  }).finally(() => clearTimeout(timer));
  // Not those of messages: without the ones that Node has for itself, none comes any more.
  worker.removeAllListeners('error').removeAllListeners('exit');
  worker.unref();
  // What a decoder has reserved it keeps; after a fault nobody knows what it holds.
  const isWorn = 'fault' in answer || answer.samples.byteLength > 2 ** 26;
  if (isWorn || idle.length >= MOST_IDLE) void worker.terminate();
  else idle.push(worker);
  return answer;
}
