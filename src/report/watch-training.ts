import { portable } from '../train/run/description.ts';
import { previewsOf } from '../train/run/previews.ts';
import type { RunWatcher } from '../train/run/run-news.ts';
import type { TrainSetup } from '../train/run/setup.ts';
import type { TrainSubject } from '../train/run/subject.ts';
import { sideBySide } from './side-by-side.ts';

export interface WatchOptions {
  readonly subject: TrainSubject;
  /** Writes event files for TensorBoard, too. */
  readonly tensorboard: boolean;
  /** What goes on with the run, as the report says it. */
  readonly command: string;
  readonly say: (line: string) => void;
}

/**
 * Whatever looks at a run while it goes on: its report, and TensorBoard's event files where they are asked for.
 * What cannot be written is said once, and the run goes on without.
 */
export async function watchTraining(
  { config, trainer, precision, paintings, previewPhotos, photos, description }: TrainSetup,
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
    await writeRunDescription(runFolder, {
      ...{ name, style, lossNetwork, software, precision, photos, command },
      config: portable(config),
      legs: trainer.legs.map((leg) => ({ ...leg, config: portable(leg.config) })),
      painting: await reportPicture(await sideBySide(paintings.map(({ painting }) => painting))),
      originals: await Promise.all(originals),
    });
    // A run that goes on has its log cut back first.
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
