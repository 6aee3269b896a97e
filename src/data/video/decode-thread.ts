/** A thread that lets ffmpeg decode and hands whole frames over, as many as are asked for. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { separated } from '../../picture.ts';
import { ownBuffer } from '../../system/thread.ts';
import { startChild } from '../ffmpeg.ts';
import { fillTransparent } from '../photo/colour-rows.ts';
import { Complaints, type DecodeEnd } from './complaints.ts';
import { HAS_PIXELS, LAST_NOTE, OTHER_SIZE } from './decode-arguments.ts';

export interface DecodeWork {
  readonly args: readonly string[];
  readonly width: number;
  readonly height: number;
  /** Whether frames are RGBA, not RGB. */
  readonly alpha: boolean;
  /** Frames that are skipped: here, as ffmpeg's filters count again where a film's frames change their size. */
  readonly skip: number;
  /** Whether only those frames come whole of which the notes say so. */
  readonly isSparse: boolean;
  /** Whether the video comes from the main thread, in pieces. */
  readonly isFed: boolean;
  /** Whether decoding begins in the midst, before the first frame wanted. */
  readonly isSought: boolean;
}

/** To the thread: more frames may come; a piece of the video; its end; enough. */
export type DecodeRequest =
  | { readonly kind: 'more'; readonly frames: number }
  | { readonly kind: 'piece'; readonly piece: Uint8Array }
  | { readonly kind: 'fed' }
  | { readonly kind: 'stop' };
/** From the thread. `time` in ticks; undefined where the frame has none. */
export type DecodeReply =
  | {
      readonly kind: 'frame';
      readonly pixels: ArrayBuffer;
      readonly alpha?: ArrayBuffer;
      readonly time: bigint | undefined;
    }
  | { readonly kind: 'eaten' }
  | { readonly kind: 'end'; readonly end: DecodeEnd };

const { args, width, height, alpha, skip, isSparse, isFed, isSought } = workerData as DecodeWork;
const bytes = (alpha ? 4 : 3) * width * height;
const port = parentPort!;
const child = startChild(args, [isFed ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe']);
const reply = (message: DecodeReply, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

let allowed = 0;
let allow = () => {};
port.on('message', (request: DecodeRequest) => {
  if (request.kind === 'more') {
    allowed += request.frames;
    allow();
  } else if (request.kind === 'stop') {
    // It ends what it copies, then itself, as soon as nobody reads what it writes.
    child.kill('SIGTERM');
    child.stdout!.destroy();
    port.close();
  } else if (request.kind === 'piece') child.stdin!.write(request.piece, () => reply({ kind: 'eaten' }));
  else child.stdin!.end();
});
child.stdin?.on('error', () => undefined);

const complaints = new Complaints();
child.stderr!.setEncoding('utf8').on('data', (part: string) => complaints.add(part));
const ended = once(child, 'close').then(
  ([code]) => code as number | null,
  (error: Error) => {
    complaints.add(`${error.message}\n`);
    return null;
  },
);

/** Times as they come, each on a line `frame:0 pts:512 pts_time:0.04`, and whether pixels come, too. */
const times: { readonly time: bigint | undefined; readonly hasPixels: boolean }[] = [];
let timed = () => {};
let isFirst = true;
let time: bigint | undefined;
let hasPixels = !isSparse;
let line = '';
let fitted = 0;
(child.stdio[3] as Readable).setEncoding('utf8').on('data', (part: string) => {
  line += part;
  const lines = line.split('\n');
  line = lines.pop()!;
  for (const one of lines) {
    // What follows a frame's time is about it.
    if (one.startsWith(OTHER_SIZE)) fitted++;
    else if (one.startsWith(HAS_PIXELS)) hasPixels = true;
    else if (one.startsWith(`${LAST_NOTE}=`)) {
      times.push({ time, hasPixels });
      hasPixels = !isSparse;
    }
    const [, pts] = /^frame:\d+\s+pts:(\S+)/.exec(one) ?? [];
    if (pts === undefined) continue;
    if (isFirst && isSought) complaints.forgetDamage();
    isFirst = false;
    time = /^-?\d+$/.test(pts) ? BigInt(pts) : undefined;
  }
  timed();
});
let areTimesOver = false;
child.stdio[3]!.once('close', () => {
  areTimesOver = true;
  timed();
});

/** What is known of the next frame besides its pixels; undefined after the last. */
async function nextTime(): Promise<(typeof times)[number] | undefined> {
  while (times.length === 0 && !areTimesOver) await new Promise<void>((resolve) => (timed = resolve));
  return times.shift();
}

async function toBeWanted(): Promise<void> {
  while (allowed === 0) await new Promise<void>((resolve) => (allow = resolve));
  allowed--;
}

/** Hands frames without pixels over, up to the next one that has them. @returns that one's time. */
async function handEmpty(): Promise<bigint | undefined> {
  for (let next = await nextTime(); next !== undefined; next = await nextTime()) {
    if (next.hasPixels) return next.time;
    await toBeWanted();
    reply({ kind: 'frame', pixels: new ArrayBuffer(0), time: next.time });
  }
}

function hand(frame: Uint8Array<ArrayBuffer>, time: bigint | undefined): void {
  if (!alpha) {
    reply({ kind: 'frame', pixels: frame.buffer, time }, [frame.buffer]);
    return;
  }
  const picture = { width, height, ...separated(frame, 4) };
  fillTransparent(picture);
  const [pixels, opacity] = [ownBuffer(picture.pixels as Uint8Array), ownBuffer(picture.alpha as Uint8Array)];
  reply({ kind: 'frame', pixels, alpha: opacity, time }, [pixels, opacity]);
}

let passed = 0;
let frame = new Uint8Array(bytes);
let filled = 0;
for await (const part of child.stdout! as AsyncIterable<Buffer>) {
  for (let taken = 0; taken < part.length; ) {
    const length = Math.min(bytes - filled, part.length - taken);
    frame.set(part.subarray(taken, taken + length), filled);
    taken += length;
    filled += length;
    if (filled < bytes) continue;
    filled = 0;
    if (passed < skip) {
      passed++;
      await nextTime();
      continue;
    }
    const shown = await handEmpty();
    await toBeWanted();
    hand(frame, shown);
    frame = new Uint8Array(bytes);
  }
}
await handEmpty();
const end = complaints.end(await ended);
reply({ kind: 'end', end: { ...end, fitted } });
