/** What a worker does with a photo of a comparison. */
import { rm } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import type { Judged, NamedParity } from '../../compare/figures.ts';
import { writePicture } from '../../data/image-file.ts';
import { arithmeticOf } from '../../engine/arithmetic.ts';
import { openStyle } from '../../infer/open-style.ts';
import { shownPictures } from '../../judge/comparison-report.ts';
import { StyleComparison } from '../../judge/style-comparison.ts';
import type { Picture, PictureSize } from '../../picture.ts';
import {
  type ComparedPhoto,
  checkComparisonTask,
  comparisonFolder,
  comparisonSettings,
} from './compare-job.ts';
import { fetchInto } from './fetch-into.ts';
import { styleFetcher } from './fetched-styles.ts';
import type { TaskContext } from './kind.ts';

/**
 * Compares a photo at one size. Its pictures are put into the store first; done twice, they are the same.
 *
 * @throws {ConfigError} the task is none of ours, or the photo is too small. {FastStyleError} a file cannot be used, or the store fails.
 */
export async function comparePhoto(task: unknown, context: TaskContext): Promise<ComparedPhoto> {
  const { job, id, round, name, place, photos } = checkComparisonTask(task);
  const { store, scratch, signal } = context;
  const folder = job.photos === '/' ? '' : job.photos;
  const path = await fetchInto(context, `${folder}${name}`, `photo${posix.extname(name)}`);
  const { checkpoint } = await openStyle(await styleFetcher(context)(job.style));
  const { lossNetwork } = job;
  const comparison = await StyleComparison.open(checkpoint, {
    ...comparisonSettings(job),
    painting: await fetchInto(context, job.painting, `painting/${basename(job.painting)}`),
    lossNetwork: lossNetwork?.includes('/')
      ? await fetchInto(context, lossNetwork, `loss/${basename(lossNetwork)}`)
      : lossNetwork,
  });
  try {
    const { perPhoto, style, precision } = comparison;
    const compared = await comparison.compare(round, { photo: { path, name }, place }, signal, (iteration) =>
      context.onProgress(iteration, perPhoto),
    );
    signal.throwIfAborted();
    const pictures = `${comparisonFolder(id)}${round.size}-${round.lineSearch}-${place}.png`;
    const strip = join(scratch, 'pictures.png');
    await writePicture(strip, below(await shownPictures(compared)), { overwrite: true });
    await store.put(strip, pictures, signal);
    await rm(strip);
    return {
      ...{ id, round, pictures, style, precision, arithmetic: arithmeticOf(precision) },
      figures: withoutPixels(compared),
      conditions: comparison.conditions(photos, folder === '' ? 'photos' : folder),
    };
  } finally {
    comparison.dispose();
  }
}

/** Pictures of one size, one below the other. */
function below(pictures: readonly Picture[]): Picture {
  const [{ width, height }] = pictures as [Picture];
  return {
    pixels: Buffer.concat(pictures.map(({ pixels }) => pixels)),
    width,
    height: height * pictures.length,
  };
}

function withoutPixels({ photo, network, milestones, ...rest }: NamedParity): NamedParity<PictureSize> {
  const sized = <One extends Judged>({ picture: { width, height }, ...one }: One) => ({
    ...one,
    picture: { width, height },
  });
  return { ...rest, photo: sized(photo), network: sized(network), milestones: milestones.map(sized) };
}
