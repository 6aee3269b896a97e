import type { RunDescription } from '../../report/run-description.ts';
import type { RunWatcher } from '../../train/run/run-news.ts';
import { jsonWatcher } from '../shared/json-lines.ts';
import type { TrainCall } from './inputs.ts';
import type { PreviewPhoto } from './previews.ts';
import { sideBySide } from './side-by-side.ts';

export interface TrainWatchOptions {
  readonly args: Pick<TrainCall, 'json' | 'tensorboard'>;
  readonly runFolder: string;
  readonly description: Omit<RunDescription, 'painting' | 'originals'>;
  /** One, or those of the styles that share the network. */
  readonly paintings: readonly PreviewPhoto['picture'][];
  readonly photos: readonly PreviewPhoto[];
  /** Steps of the whole run, and those done. */
  readonly steps: number;
  readonly stepsDone: number;
  readonly say: (line: string) => void;
}

/**
 * Whatever looks at a run while it goes on: its report, TensorBoard's event files and JSON lines where they are asked for.
 * What cannot be written is said once, and the run goes on without.
 */
export async function watchTraining(options: TrainWatchOptions): Promise<RunWatcher> {
  const { args, runFolder, description, paintings, photos, steps, stepsDone, say } = options;
  const { RunReport } = await import('../../report/run-report.ts');
  const { reportPicture } = await import('../../report/preview-pictures.ts');
  const { writeRunDescription } = await import('../../report/run-description.ts');
  const report = new RunReport({ folder: runFolder, say });
  const watchers: RunWatcher[] = [(news) => report.watch(news)];
  await harmless('The report', say, async () => {
    const originals = photos.map(async ({ name, picture }) => ({
      name,
      picture: await reportPicture(picture),
    }));
    await writeRunDescription(runFolder, {
      ...description,
      painting: await reportPicture(await sideBySide(paintings)),
      originals: await Promise.all(originals),
    });
    // A run that goes on has its log cut back first.
    if (stepsDone === 0) await report.write(0);
  });
  if (args.tensorboard) {
    await harmless("TensorBoard's files", say, async () => {
      const { TensorBoardLog } = await import('../../report/tensorboard.ts');
      const log = await TensorBoardLog.open(runFolder, stepsDone);
      let works = true;
      watchers.push(async (news) => {
        if (works) works = await harmless("TensorBoard's files", say, () => log.watch(news));
      });
    });
  }
  if (args.json) watchers.push(jsonWatcher(steps));
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
    say(`${what} cannot be written; training goes on without. ${(error as Error).message}`);
    return false;
  }
}
