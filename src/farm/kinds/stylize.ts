/** Photos: painted in batches of some seconds' work, each photo whole or not at all. */
import { posix } from 'node:path';
import { isPhotoName } from '../../data/photo-files.ts';
import { COMPILED, untiledBytes } from '../../infer/bands/memory-plan.ts';
import { stagesOf } from '../../infer/bands/stages.ts';
import { checkedPhotoOptions } from '../../paint/photo-call.ts';
import { requireAbilities } from '../../paint/photo-output.ts';
import { existsAlready } from '../store/writable.ts';
import { fetchStyles } from './fetched-styles.ts';
import type { Kind, Task, TaskContext } from './kind.ts';
import { PaintedNames, type PlacedPhoto, paintedAs } from './painted-names.ts';
import { checkStylize, type StylizeCall } from './stylize-call.ts';

/** A batch ends with as many photos, or as many bytes in their files: some seconds for one core. */
const [MOST_PHOTOS, MOST_BYTES] = [64, 8 * 2 ** 20];
/** Pixels that a byte of a photo's file may hold, as of a JPEG of low quality. */
const PIXELS_PER_BYTE = 5;
/** A process with TensorFlow before it paints. */
const RESIDENT = 400 * 2 ** 20;
/** No photo waits for a machine with more: what is larger is painted in bands. */
const MOST_MEMORY = 8 * 2 ** 30;

/** What a worker gets: a batch of photos, and how they are painted. */
export interface StylizeTask {
  readonly call: StylizeCall;
  readonly photos: readonly PlacedPhoto[];
}

export const stylizeKind: Kind<StylizeCall> = {
  name: 'stylize',
  check: checkStylize,
  admit,
  split,
  run: async (task, context) => {
    // TensorFlow comes with it.
    const { paintBatch } = await import('./paint-batch.ts');
    return paintBatch(task, context);
  },
  release: async () => {
    const { releaseStyles } = await import('./paint-batch.ts');
    await releaseStyles();
  },
};

/** @throws {FileError} there is something where the paintings go, and the call says neither to keep nor to replace it. */
async function admit({ out, overwrite, skipExisting }: StylizeCall, { store }: TaskContext): Promise<void> {
  if (overwrite || skipExisting) return;
  const place = out === '/' ? '' : out;
  for await (const { key } of store.list(place)) {
    if (key !== out && !out.endsWith('/')) continue;
    if (key.startsWith('.')) continue;
    throw existsAlready(key, store, '--out', ', or --skip-existing for what is missing');
  }
}

async function* split(call: StylizeCall, context: TaskContext): AsyncGenerator<Task, void, void> {
  const options = await checkedPhotoOptions(call);
  const styles = await fetchStyles(call, context);
  const stages = styles.map(({ checkpoint }) => stagesOf(checkpoint.layers));
  /** What painting the largest photo in one piece takes, as far as its file's length tells. */
  const bytesFor = (file: number): number => {
    if (call.memory !== undefined) return call.memory;
    const side = Math.ceil(Math.sqrt(file * PIXELS_PER_BYTE));
    const untiled = stages.map((one) => untiledBytes(one, { width: side, height: side }));
    return Math.min(MOST_MEMORY, RESIDENT + COMPILED + Math.max(...untiled));
  };
  // Photos and settings are said to every task: all that one needs is in it.
  let batch: PlacedPhoto[] = [];
  let [bytes, largest] = [0, 0];
  const packed = (): Task => {
    const task: StylizeTask = { call: { ...call, photo: [] }, photos: batch };
    const items = batch.length * styles.length;
    return { name: `${batch[0]!.key} …`, data: task, needs: { bytes: bytesFor(largest) }, items };
  };
  const labels = styles.map(({ label }) => label);
  for await (const { bytes: length, ...photo } of placedPhotos(call, labels, context)) {
    requireAbilities(paintedAs(photo.key, options.format).format, options);
    if (batch.length === MOST_PHOTOS || (batch.length > 0 && bytes + length > MOST_BYTES)) {
      yield packed();
      [batch, bytes, largest] = [[], 0, 0];
    }
    batch.push(photo);
    bytes += length;
    largest = Math.max(largest, length);
  }
  if (batch.length > 0) yield packed();
}

/** The photos that a call means, each once, without what lies in the folder written to or is a painting of these styles there. */
async function* placedPhotos(
  { photo, out, format }: StylizeCall,
  labels: readonly string[],
  { store }: TaskContext,
): AsyncGenerator<PlacedPhoto & { readonly bytes: number }, void, void> {
  const names = new PaintedNames(format);
  const named = new Set(photo.filter((key) => !key.endsWith('/')));
  for (const key of named) {
    const stem = out.endsWith('/') ? names.stemOf(out, posix.basename(key), false) : out;
    yield { key, stem, bytes: (await store.find(key))?.bytes ?? 0 };
  }
  const folders = [...new Set(photo.filter((key) => key.endsWith('/')))];
  const isWithin = (key: string, folder: string) => folder === '/' || key.startsWith(folder);
  for (const folder of folders) {
    for await (const { key, bytes } of store.list(folder === '/' ? '' : folder)) {
      const isHidden = key.split('/').some((part) => part.startsWith('.'));
      if (isHidden || !isPhotoName(key) || named.has(key)) continue;
      if (isWithin(key, out)) {
        const stem = posix.basename(key, posix.extname(key));
        if (!isWithin(folder, out) || labels.some((label) => stem.endsWith(`-${label}`))) continue;
      }
      const below = folder === '/' ? key : key.slice(folder.length);
      const name = folders.length > 1 && folder !== '/' ? posix.join(posix.basename(folder), below) : below;
      yield { key, stem: names.stemOf(out, name, true), bytes };
    }
  }
}
