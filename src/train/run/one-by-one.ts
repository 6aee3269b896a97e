/** Several paintings, each in a network of its own, one after the other. */
import { stat } from 'node:fs/promises';
import { FastStyleError, InterruptedError, TrainingStoppedError } from '../../system/errors.ts';
import { countPictures } from './data.ts';
import { configOf, openRun, type TrainCall } from './inputs.ts';
import { hasRunState, loadRunState } from './run-state.ts';
import type { TrainSubject } from './subject.ts';

/** Who trains the paintings of a list, and says how it goes. */
export interface OneByOneHooks {
  /** Trains one. Throws as `trainSubject`; {InterruptedError} ends the list. */
  readonly train: (call: TrainCall, subject: TrainSubject) => Promise<void>;
  /** Called where `resume` finds a painting trained already. */
  readonly onTrained: (subject: TrainSubject) => void | Promise<void>;
  /** Called where one failed. */
  readonly onFailed: (subject: TrainSubject, error: FastStyleError) => void;
  readonly say: (line: string) => void;
}

/**
 * Trains paintings one after the other. What would fail at once (a painting that cannot be read, a run or checkpoint in
 * the way) fails before the first is begun; what fails later does not stop the rest.
 *
 * @throws {InterruptedError} Ctrl-C; `--resume` continues the whole list.
 */
export async function trainOneByOne(
  args: TrainCall,
  subjects: readonly TrainSubject[],
  { train, onTrained, onFailed, say }: OneByOneHooks,
): Promise<void> {
  const calls = await Promise.all(subjects.map((subject) => callFor(args, subject, say)));
  await checkPaintings(args, subjects);
  for (const [i, subject] of subjects.entries()) {
    const place = `${i + 1} of ${subjects.length}, ${subject.name}`;
    const call = calls[i];
    if (call === undefined) {
      say(`Painting ${place}: already trained, ${subject.checkpointPath}`);
      await onTrained(subject);
      continue;
    }
    say(`Painting ${place}`);
    try {
      await train(call, subject);
    } catch (error) {
      const endsAll = error instanceof InterruptedError || error instanceof TrainingStoppedError;
      if (endsAll || !(error instanceof FastStyleError)) throw error;
      say(`Painting ${place}: ${error.message}`);
      onFailed(subject, error);
    }
  }
}

/**
 * The call for one painting of a list: with `--resume` it continues where a state is, starts where none is, and is
 * undefined where the run is through.
 */
async function callFor(
  args: TrainCall,
  subject: TrainSubject,
  say: OneByOneHooks['say'],
): Promise<TrainCall | undefined> {
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
  const { readPreviewPhotos } = await import('./previews.ts');
  for (const { paintings } of subjects)
    for (const { file, bytes } of paintings)
      await readPicture(bytes === undefined ? file : { name: file, bytes }, { longSide: 64 });
  if (args.previewEvery > 0) await readPreviewPhotos(args.previewPhoto, 1);
}
