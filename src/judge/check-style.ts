/** A style checked for faults, from the call to the figures: paints even pictures and photos and measures what should not be there. Prints nothing. */
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { requireMargin } from '../networks/margin.ts';
import type { Picture } from '../picture.ts';
import { asFileError } from '../system/atomic-file.ts';
import { CheckpointError, expected, ImageError } from '../system/errors.ts';
import type { CheckCall, StyleCheck } from './check-call.ts';
import { chooseJudge, judgedMeasures, openJudge } from './strokes-and-photo.ts';

/** Photos are shrunk to this short side, so that crops show scenes and not details. */
const SHORT_SIDE = 400;
/** Crops in which steadiness is measured, and their side: each is painted once and once more for every change. */
const STEADINESS_CROPS = 4;
const STEADINESS_SIDE = 256;

/** Whoever has a style checked, as it goes on. */
export interface CheckHooks {
  /** Takes a line for the user. */
  readonly say: (line: string) => void;
  /** Nothing is left to fail before the first picture is painted. */
  readonly onBegin?: () => void;
  /** After each picture painted, of those of one part of the check; part by part. What it throws ends the check. */
  readonly onPainted: (done: number, total: number) => void;
}

/**
 * @throws {ConfigError} an option that cannot be used. {CheckpointError} the style does not exist, or no picture of the painting in it.
 * {ImageError} a picture cannot be read, or there are no photos. {WeightsError} the loss network cannot. {FileError} a folder cannot.
 */
export async function styleCheck(call: CheckCall, hooks: CheckHooks): Promise<StyleCheck> {
  const { style, painting, lossNetwork, crops, margin } = call;
  if (margin !== undefined) requireMargin(margin);
  const { openStyle } = await import('../infer/open-style.ts');
  const { checkpoint } = await openStyle(style);
  const { readPicture, decodePicture } = await import('../data/image-file.ts');
  const photos: Picture[] = [];
  const paths = await photosIn(call.photos);
  for (const path of paths) photos.push(await readPicture(path, { shortSide: SHORT_SIDE }));
  const { requireWhole } = await import('../infer/choose-plan.ts');
  for (const photo of photos) requireWhole(checkpoint, photo, 'the style cannot be checked here');
  const judging = await chooseJudge(lossNetwork, painting, hooks.say);
  const { thumbnail } = checkpoint;
  if (painting === undefined && thumbnail === undefined)
    throw new CheckpointError(
      expected(`a picture of the painting in ${style}`, 'none', 'give the painting with --painting'),
    );
  const colours =
    painting === undefined
      ? await decodePicture(Buffer.from(thumbnail!, 'base64'), `the painting in ${style}`)
      : await readPicture(painting, { longSide: 512 });
  const { StyleNetwork } = await import('../infer/style-network.ts');
  const { measureFaults } = await import('../quality/faults.ts');
  const { steadiness } = await import('../quality/steadiness.ts');
  const { randomWindows } = await import('../quality/test-pictures.ts');
  const network = new StyleNetwork(margin === undefined ? checkpoint : { ...checkpoint, margin });
  const stylize = (picture: Picture) => network.stylize(picture);
  const { onBegin, onPainted: progress } = hooks;
  onBegin?.();
  try {
    const painted = await measureFaults({ stylize, photos, painting: colours, crops, progress });
    const windows = randomWindows(photos, STEADINESS_SIDE, Math.min(crops, STEADINESS_CROPS));
    const steady = await steadiness({ stylize, photos: windows, progress });
    const judge = judging && (await openJudge(judging));
    const judged = await judge?.judge(stylize, paths, progress).finally(judge.dispose);
    const measures = [...painted, ...(judged ? await judgedMeasures(judged) : [])];
    return { style, measures, ...(judged && { judged }), steadiness: steady };
  } finally {
    network.dispose();
  }
}

async function photosIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw asFileError(error, `read the folder ${folder}`);
  });
  const { PICTURE_EXTENSIONS } = await import('../data/image-file.ts');
  const photos = names.filter((name) => PICTURE_EXTENSIONS.includes(extname(name).slice(1).toLowerCase()));
  if (photos.length === 0) throw new ImageError(expected(`photos in ${folder}`, 'none'));
  return photos.sort().map((name) => join(folder, name));
}
