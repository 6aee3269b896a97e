/** A style's network against the optimisation of its training loss: each photo at each size is a task, and all are one report. */
import { drawPhotos, isPhotoName, type PhotoFile } from '../../data/photo-files.ts';
import { roundsOf } from '../../judge/compare-call.ts';
import { REPORT_NAMES } from '../../judge/comparison-report.ts';
import { DatasetError } from '../../system/errors.ts';
import { existsAlready } from '../store/writable.ts';
import {
  type CompareJob,
  type ComparisonTask,
  checkComparison,
  comparisonFolder,
  comparisonSettings,
} from './compare-job.ts';
import { contentId } from './content-id.ts';
import { joinComparison } from './join-comparison.ts';
import { JoinedMark } from './joined-mark.ts';
import type { Kind, Task, TaskContext } from './kind.ts';

/** TensorFlow and the loss network; and for each pixel VGG19's feature maps, with their gradients. */
const [RESIDENT, PER_PIXEL] = [2 ** 30, 3500];

export const compareKind: Kind<CompareJob> = {
  name: 'compare',
  check: checkComparison,
  async admit(data, { store }) {
    if (comparisonSettings(data).overwrite || data.out === undefined) return;
    const place = data.out === '/' ? '' : data.out;
    for (const name of Object.values(REPORT_NAMES))
      if (await store.exists(place + name)) throw existsAlready(place + name, store, '--out');
  },
  split,
  run: async (task, context) => {
    // TensorFlow comes with it.
    const { comparePhoto } = await import('./compare-photo.ts');
    return comparePhoto(task, context);
  },
  join: joinComparison,
};

/** The photos that a job draws, in the order of the report. @throws {DatasetError} there are none. */
async function* split(data: CompareJob, { store, scratch, signal }: TaskContext): AsyncGenerator<Task> {
  const settings = comparisonSettings(data);
  const found: (PhotoFile & { readonly version: string })[] = [];
  for await (const { key, bytes, version } of store.list(data.photos === '/' ? '' : data.photos)) {
    const name = data.photos === '/' ? key : key.slice(data.photos.length);
    const isHidden = name.split('/').some((part) => part.startsWith('.'));
    if (!isHidden && isPhotoName(name)) found.push({ path: key, name, bytes, version });
  }
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  const photos = drawPhotos(found, settings.limit, settings.seed);
  if (photos.length === 0) throw new DatasetError(`There are no pictures in ${data.photos} of ${store.url}.`);
  // Measured, each machine might choose another.
  const job: CompareJob = { ...data, precision: settings.precision === 'bf16' ? 'bf16' : 'f32' };
  const id = contentId(JSON.stringify([job, photos]));
  await new JoinedMark(comparisonFolder(id), { store, scratch, signal }).begin();
  for (const round of roundsOf(settings)) {
    const needs = {
      bytes: RESIDENT + PER_PIXEL * round.size ** 2,
      ...(settings.precision === 'bf16' && { bf16: true }),
    };
    for (const [place, { name }] of photos.entries()) {
      const task: ComparisonTask = { job, id, round, name, place, photos: photos.length };
      yield { name: `${name} at ${round.size} px`, data: task, needs };
    }
  }
}
