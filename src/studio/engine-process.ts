/**
 * The process that paints and trains for the studio, by the library alone: a native call blocks its event loop, and where it
 * runs out of memory the server and its records live on. It ends when the server has ended, with everything saved.
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import {
  calibrate,
  FastStyleError,
  InterruptedError,
  Stylizer,
  shrinkPhoto,
  train,
  video,
} from '../index.ts';
import type { EngineFailure, EngineReply, EngineRequest, EngineTask } from './engine-task.ts';

type PaintTask = Extract<EngineTask, { kind: 'paint' }>;
type FilmTask = Extract<EngineTask, { kind: 'film' }>;
type TrainTask = Extract<EngineTask, { kind: 'train' }>;
type StrengthsTask = Extract<EngineTask, { kind: 'strengths' }>;

/** Styles that are kept loaded: as many as one looks at on one page. */
const MOST_STYLES = 16;
/** Least milliseconds between two reports on progress. */
const REPORT_MS = 200;

const under = new Map<number, AbortController>();
const styles = new Map<string, Stylizer>();
let last: Promise<unknown> = Promise.resolve();

function send(reply: EngineReply): void {
  if (process.connected) process.send?.(reply);
}

async function loadStyle(parts: PaintTask['parts']): Promise<Stylizer> {
  const key = JSON.stringify(parts);
  const loaded = styles.get(key);
  if (loaded !== undefined) {
    // The one used last is the last to go.
    styles.delete(key);
    styles.set(key, loaded);
    return loaded;
  }
  const [only, second] = parts;
  const stylizer =
    second === undefined
      ? await Stylizer.load(only!.file)
      : await Stylizer.blend(parts.map(({ file, weight }) => ({ style: file, weight })));
  styles.set(key, stylizer);
  const [oldest] = styles;
  if (styles.size > MOST_STYLES && oldest !== undefined) {
    styles.delete(oldest[0]);
    await oldest[1].dispose();
  }
  return stylizer;
}

async function paint({ photo, parts, look, file, out }: PaintTask, hooks: Hooks): Promise<void> {
  const stylizer = await loadStyle(parts);
  const { onNote, signal } = hooks;
  // `damaged: 'accept'`: whoever has dropped a photo wants to see what can be saved of it, and is told by a note.
  const bytes = await stylizer.stylize(photo, { ...look, ...file, damaged: 'accept', onNote, signal });
  await replaced(out, (path) => writeFile(path, bytes));
}

async function film({ film: from, parts, look, steady, out }: FilmTask, hooks: Hooks): Promise<void> {
  const [only, second] = parts;
  const blend = parts.map(({ file, weight }) => `${file}:${weight}`).join(',');
  const style = second === undefined ? { style: only!.file } : { blend };
  // The same call continues what was interrupted.
  const options = { ...look, ...style, steady, video: from, out, overwrite: true };
  await video(options, {
    ...hooks,
    onProgress: ({ frames, total }) =>
      hooks.onProgress({ done: frames, ...(total === undefined ? {} : { total }) }),
  });
}

async function trainStyle({ options }: TrainTask, hooks: Hooks): Promise<void> {
  await train(options, {
    ...hooks,
    onProgress: ({ step, steps, losses }) =>
      hooks.onProgress({ done: step, total: steps, loss: losses.total }),
  });
}

async function tryStrengths({ options, out }: StrengthsTask, hooks: Hooks): Promise<void> {
  const { cells } = await calibrate(options, {
    ...hooks,
    onProgress: ({ done, cells: total }) => hooks.onProgress({ done, total }),
  });
  for (const [i, { pictures }] of cells.entries()) {
    const [picture] = pictures as readonly [(typeof pictures)[number]];
    const { bytes } = await shrinkPhoto(picture, { side: Math.max(picture.width, picture.height) });
    await replaced(out[i]!, (path) => writeFile(path, bytes));
  }
}

async function replaced(out: string, write: (path: string) => Promise<void>): Promise<void> {
  const part = `${out}.part`;
  try {
    await write(part);
    await rename(part, out);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

interface Hooks {
  readonly onProgress: (progress: { done: number; total?: number; loss?: number }) => void;
  readonly onNote: (note: string) => void;
  readonly signal: AbortSignal;
}

async function work(id: number, task: EngineTask, signal: AbortSignal): Promise<void> {
  let reported = Number.NEGATIVE_INFINITY;
  const hooks: Hooks = {
    onProgress: (progress) => {
      const now = performance.now();
      if (now - reported < REPORT_MS && progress.done !== progress.total) return;
      reported = now;
      send({ id, progress });
    },
    onNote: (note) => send({ id, note }),
    signal,
  };
  try {
    signal.throwIfAborted();
    if (task.kind === 'paint') await paint(task, hooks);
    else if (task.kind === 'film') await film(task, hooks);
    else if (task.kind === 'train') await trainStyle(task, hooks);
    else await tryStrengths(task, hooks);
    send({ id, done: true });
  } catch (error) {
    send({ id, failed: failureOf(error, signal) });
  } finally {
    under.delete(id);
  }
}

function failureOf(error: unknown, { aborted }: AbortSignal): EngineFailure {
  const isStopped = error instanceof InterruptedError || aborted;
  if (error instanceof FastStyleError) return { message: error.message, isUserError: true, isStopped };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message, isUserError: false, isStopped };
}

process.on('message', (request: EngineRequest) => {
  if ('abort' in request) return under.get(request.id)?.abort();
  const { id, task } = request;
  const stop = new AbortController();
  under.set(id, stop);
  last = last.then(() => work(id, task, stop.signal));
});

// The server was closed or killed: what is under way saves and ends, and nothing else begins.
process.once('disconnect', () => {
  for (const stop of under.values()) stop.abort();
  void last.then(async () => {
    for (const stylizer of styles.values()) await stylizer.dispose();
  });
});

// Ctrl-C reaches all processes of a terminal: the server decides what becomes of it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
