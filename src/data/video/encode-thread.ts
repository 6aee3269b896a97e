/** A thread that hands painted frames to ffmpeg, one run after the other. */

import type { ChildProcess } from 'node:child_process';
import { parentPort } from 'node:worker_threads';
import { interleaved } from '../../picture.ts';
import { startChild } from '../ffmpeg.ts';
import { frameHead, type RawStream, streamHead } from './raw-matroska.ts';

/** To the thread; `run` numbers ffmpeg's runs. Times in nanoseconds. */
export type EncodeRequest =
  | {
      readonly kind: 'open';
      readonly run: number;
      readonly args: readonly string[];
      readonly stream: RawStream;
      readonly toStandardOutput: boolean;
    }
  | {
      readonly kind: 'frame';
      readonly run: number;
      readonly pixels: ArrayBuffer;
      readonly alpha?: ArrayBuffer | undefined;
      readonly time: bigint;
      readonly duration: bigint;
    }
  | { readonly kind: 'close'; readonly run: number }
  | { readonly kind: 'stop' };
/** From the thread: room for one frame more; a run's end. */
export type EncodeReply =
  | { readonly kind: 'taken'; readonly run: number }
  | {
      readonly kind: 'ended';
      readonly run: number;
      readonly code: number | null;
      readonly complaint: string;
    };

const port = parentPort!;
const children = new Map<number, ChildProcess>();
const reply = (message: EncodeReply) => port.postMessage(message);

function open(run: number, args: readonly string[], toStandardOutput: boolean): ChildProcess {
  const child = startChild(
    ['-loglevel', 'error', ...args],
    ['pipe', toStandardOutput ? 'inherit' : 'ignore', 'pipe'],
  );
  children.set(run, child);
  let complaint = '';
  child.stderr!.setEncoding('utf8').on('data', (part: string) => {
    complaint = `${complaint}${part}`.slice(-2000);
  });
  // Its early end shows as an error of the pipe, too; the exit code says more.
  child.stdin!.on('error', () => undefined);
  const ended = (code: number | null, text: string) => {
    children.delete(run);
    reply({ kind: 'ended', run, code, complaint: text });
  };
  child.once('error', (error) => ended(null, error.message));
  child.once('close', (code) => ended(code, complaint));
  return child;
}

async function write(child: ChildProcess, ...parts: Uint8Array[]): Promise<void> {
  const input = child.stdin!;
  let isFull = false;
  for (const part of parts) if (input.writable) isFull = !input.write(part);
  if (!isFull || !input.writable) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      input.off('drain', done).off('close', done);
      resolve();
    };
    input.on('drain', done).on('close', done);
  });
}

async function serve(request: EncodeRequest): Promise<void> {
  if (request.kind === 'stop') {
    for (const child of children.values()) child.kill('SIGKILL');
    port.close();
    return;
  }
  const { kind, run } = request;
  if (kind === 'open') {
    await write(open(run, request.args, request.toStandardOutput), streamHead(request.stream));
    return;
  }
  const child = children.get(run);
  if (kind === 'close') child?.stdin?.end();
  else {
    const { pixels, alpha, time, duration } = request;
    const samples = interleaved(new Uint8Array(pixels), alpha && new Uint8Array(alpha)) as Uint8Array;
    if (child !== undefined) await write(child, frameHead(samples.length, time, duration), samples);
    reply({ kind: 'taken', run });
  }
}

let turn = Promise.resolve();
port.on('message', (request: EncodeRequest) => {
  // To stop is a matter of now; all else goes in order.
  if (request.kind === 'stop') void serve(request);
  else turn = turn.then(() => serve(request));
});
