import { resizePicture } from '../data/image-file.ts';
import type { Picture } from '../picture.ts';
import { portable } from '../train/run/description.ts';
import { previewsOf } from '../train/run/previews.ts';
import type { RunWatcher } from '../train/run/run-news.ts';
import type { TrainSetup } from '../train/run/setup.ts';
import type { TrainSubject } from '../train/run/subject.ts';

export interface WatchOptions {
  readonly subject: Pick<TrainSubject, 'name' | 'runFolder' | 'together'>;
  /** Writes event files for TensorBoard, too. */
  readonly tensorboard: boolean;
  /** What continues the run, as the report says it. */
  readonly command: string;
  readonly say: (line: string) => void;
}

/** What of a run is looked at. */
type WatchedSetup = Pick<
  TrainSetup,
  'config' | 'trainer' | 'precision' | 'paintings' | 'previewPhotos' | 'photos' | 'description'
>;

/**
 * Whatever looks at a run while it is in progress: its report, and TensorBoard's event files where they are asked for.
 * What cannot be written is said once, and the run continues without it.
 */
export async function watchTraining(
  { config, trainer, precision, paintings, previewPhotos, photos, description }: WatchedSetup,
  { subject, tensorboard, command, say }: WatchOptions,
): Promise<RunWatcher> {
  const { name, runFolder, together } = subject;
  const { stepsDone } = trainer;
  const { RunReport } = await import('./run-report.ts');
  const { reportPicture } = await import('./preview-pictures.ts');
  const { writeRunDescription } = await import('./run-description.ts');
  const report = new RunReport({ folder: runFolder, say });
  const watchers: RunWatcher[] = [(news) => report.watch(news)];
  await harmless('The report', say, async () => {
    const originals = previewsOf(previewPhotos, together ? paintings : undefined).map(async (preview) => ({
      name: preview.name,
      picture: await reportPicture(preview.picture),
    }));
    const { style, lossNetwork, software } = description;
    const own = trainer.terms.map((term) => [term.name, term.weight]);
    await writeRunDescription(runFolder, {
      ...{ name, style, lossNetwork, software, precision, photos, command },
      config: portable(config),
      legs: trainer.legs.map((leg) => ({ ...leg, config: portable(leg.config) })),
      ...(own.length > 0 && { ownWeights: Object.fromEntries(own) }),
      painting: await reportPicture(await sideBySide(paintings.map(({ painting }) => painting))),
      originals: await Promise.all(originals),
    });
    // A resumed run has its log cut back first.
    if (stepsDone === 0) await report.write(0);
  });
  if (tensorboard) {
    await harmless("TensorBoard's files", say, async () => {
      const { TensorBoardLog } = await import('./tensorboard.ts');
      const log = await TensorBoardLog.open(runFolder, stepsDone);
      let works = true;
      watchers.push(async (news) => {
        if (works) works = await harmless("TensorBoard's files", say, () => log.watch(news));
      });
    });
  }
  return async (news) => {
    for (const watch of watchers) await watch(news);
  };
}

/** Does what a run can do without; answers whether it worked. */
async function harmless(
  what: string,
  say: (line: string) => void,
  work: () => Promise<void>,
): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    say(`${what} cannot be written; training continues without it. ${(error as Error).message}`);
    return false;
  }
}

/** Pictures side by side, all of the height of the lowest; one alone stays as it is. */
async function sideBySide(pictures: readonly Picture[]): Promise<Picture> {
  if (pictures.length === 1) return pictures[0]!;
  const height = Math.min(...pictures.map((picture) => picture.height));
  const row = await Promise.all(
    pictures.map((picture) =>
      resizePicture(picture, Math.max(1, Math.round((picture.width * height) / picture.height)), height),
    ),
  );
  const width = row.reduce((sum, picture) => sum + picture.width, 0);
  const pixels = new Uint8Array(width * height * 3);
  let left = 0;
  for (const picture of row) {
    const line = picture.width * 3;
    for (let y = 0; y < height; y++)
      pixels.set(picture.pixels.subarray(y * line, (y + 1) * line), (y * width + left) * 3);
    left += picture.width;
  }
  return { pixels, width, height };
}
