/** `train` with everything that it can be given: one painting, several one after the other, several in one network. */
import { stat } from 'node:fs/promises';
import { FastStyleError, TrainingStoppedError } from '../../system/errors.ts';
import { countPictures } from '../../train/run/data.ts';
import { checkNumbers, configOf, openRun, type TrainCall } from '../../train/run/inputs.ts';
import { hasRunState, loadRunState } from '../../train/run/run-state.ts';
import { subjectsOf, type TrainSubject } from '../../train/run/subject.ts';
import { InterruptedError } from '../shared/interruption.ts';
import { say, tell } from '../shared/say.ts';
import type { ShownAs } from './call.ts';
import { trainOnScreen } from './style.ts';

/** Not all paintings of a list came through: the message says which. */
class ListFailedError extends FastStyleError {}

/** Runs what a call asks for. */
export async function trainPaintings(args: TrainCall, shown: ShownAs): Promise<void> {
  checkNumbers(args);
  const subjects = subjectsOf(args);
  if (subjects.length === 1) return trainOnScreen(args, subjects[0]!, shown);
  return trainOneByOne(args, subjects, shown);
}

/**
 * Trains paintings one after the other. What would fail at once (a painting that cannot be read, a run or checkpoint in
 * the way) fails before the first is begun; what fails later is reported at the end and does not stop the rest.
 *
 * @throws {ListFailedError} some failed. {InterruptedError} Ctrl-C; `--resume` continues the whole list.
 */
async function trainOneByOne(
  args: TrainCall,
  subjects: readonly TrainSubject[],
  shown: ShownAs,
): Promise<void> {
  const calls = await Promise.all(subjects.map((subject) => callFor(args, subject)));
  await checkPaintings(args, subjects);
  const failed: string[] = [];
  for (const [i, subject] of subjects.entries()) {
    const place = `${i + 1} of ${subjects.length}, ${subject.name}`;
    const call = calls[i];
    if (call === undefined) {
      say(`Painting ${place}: already trained, ${subject.checkpointPath}`);
      tell(subject.checkpointPath);
      continue;
    }
    say(`Painting ${place}`);
    try {
      await trainOnScreen(call, subject, shown);
    } catch (error) {
      const endsAll = error instanceof InterruptedError || error instanceof TrainingStoppedError;
      if (endsAll || !(error instanceof FastStyleError)) throw error;
      say(`Painting ${place}: ${error.message}`);
      failed.push(`${subject.name}: ${error.message}`);
    }
  }
  if (failed.length > 0)
    throw new ListFailedError(
      `${failed.length} of ${subjects.length} paintings failed; the others are trained. ${failed.join(' ')}`,
    );
}

/**
 * The call for one painting of a list: with `--resume` it continues where a state is, starts where none is, and is
 * undefined where the run is through.
 */
async function callFor(args: TrainCall, subject: TrainSubject): Promise<TrainCall | undefined> {
  const { runFolder, checkpointPath } = subject;
  if (!args.resume) {
    await openRun(args, subject, say);
    return args;
  }
  if (!(await hasRunState(runFolder))) {
    const fresh = { ...args, resume: false };
    await openRun(fresh, subject, say);
    return fresh;
  }
  const { state } = await loadRunState(runFolder);
  const { config } = await configOf(
    { ...args, style: subject.paintings.map(({ file }) => file) },
    state,
    await countPictures(args.data),
    { say },
  );
  const hasCheckpoint = await stat(checkpointPath).then(
    () => true,
    () => false,
  );
  return state.step >= config.steps && hasCheckpoint ? undefined : args;
}

/** @throws {ImageError} one cannot be read. */
async function checkPaintings(args: TrainCall, subjects: readonly TrainSubject[]): Promise<void> {
  const { readPicture } = await import('../../data/image-file.ts');
  const { readPreviewPhotos } = await import('../../train/run/previews.ts');
  for (const { paintings } of subjects)
    for (const { file } of paintings) await readPicture(file, { longSide: 64 });
  if (args.previewEvery > 0) await readPreviewPhotos(args.previewPhoto, 1);
}
