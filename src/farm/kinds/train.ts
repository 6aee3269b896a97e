/** Trainings: one task for each network; a worker that dies is followed by another, from the last state in the store. */
import { join } from 'node:path';
import { ConfigError, expected, FastStyleError, FileError } from '../../system/errors.ts';
import { sha256OfFile } from '../../system/file-digest.ts';
import { isRecord } from '../../system/json-text.ts';
import { planRun } from '../../train/plan/plan.ts';
import type { TrainCall } from '../../train/run/inputs.ts';
import { planOptionsOf, readTraining } from '../../train/run/read-training.ts';
import type { RunWatcher } from '../../train/run/run-news.ts';
import { subjectsOf, type TrainSubject } from '../../train/run/subject.ts';
import { type TrainedRun, trainSubject } from '../../train/run/train-subject.ts';
import { existsAlready } from '../store/writable.ts';
import { contentId, isContentId } from './content-id.ts';
import { fetchTraining } from './fetched-training.ts';
import type { Kind, Task, TaskContext } from './kind.ts';
import { type RunOwner, type RunPlaces, StoredRun } from './stored-run.ts';
import { checkTrain, placesOf, type TrainJob } from './train-call.ts';

export const trainKind: Kind<TrainJob> = { name: 'train', check: checkTrain, admit, split, run };

/** What a worker gets: a job of one network. */
interface TrainTask {
  readonly job: TrainJob;
  /** Of this training; in the store it says whose a run is, and in the checkpoint of which run it is. */
  readonly id: string;
}

async function admit(job: TrainJob, context: TaskContext): Promise<void> {
  for (const subject of subjectsOf(job)) {
    const stored = new StoredRun(runPlaces(subject, context.scratch), context);
    if (job.overwrite) await stored.clear();
    else if (await stored.isTaken()) {
      const { run, checkpoint } = placesOf(subject);
      const taken = `${checkpoint} or a run in ${run}`;
      throw existsAlready(taken, context.store, '--name, --run or --out');
    }
  }
}

async function* split(job: TrainJob, context: TaskContext): AsyncGenerator<Task, void, void> {
  for (const subject of subjectsOf(job)) {
    const one = jobOf(job, subject);
    const scratch = join(context.scratch, subject.name);
    // How many photos there are decides nothing but the number of steps.
    const { epochs: _, ...call } = await fetchTraining(one, { ...context, scratch }, { withData: false });
    const read = await readTraining(call, subjectsOf(call)[0]!, undefined, { say: () => undefined });
    const { config } = read;
    const { memory } = planRun(planOptionsOf(read, call, config.steps));
    const paintings: string[] = [];
    for (const file of call.style) paintings.push(await sha256OfFile(file));
    const task: TrainTask = {
      id: contentId(JSON.stringify(one), ...paintings),
      // Without, each worker might choose another.
      job: { ...one, settings: { ...one.settings, lossNetwork: config.lossNetwork } },
    };
    const bf16 = job.precision === 'bf16' ? { bf16: true } : {};
    yield {
      name: `training ${subject.name}`,
      data: task,
      needs: { bytes: memory, ...bf16 },
      items: config.steps,
    };
  }
}

/** The job of one of the networks that a job asks for. */
function jobOf(job: TrainJob, subject: TrainSubject): TrainJob {
  const style = subject.paintings.map(({ file }) => file);
  if (style.length === job.style.length) return job;
  return { ...job, style, styleName: undefined, name: subject.name, run: subject.runFolder };
}

/** Where a run is in the store, and where it is on this machine. */
function runPlaces(subject: TrainSubject, scratch: string): RunPlaces {
  const checkpointPath = join(scratch, 'out', `${subject.name}.safetensors`);
  return { ...placesOf(subject), runFolder: join(scratch, 'run'), checkpointPath };
}

/** What came of a training. */
interface TrainedTask extends Pick<TrainedRun, 'steps' | 'images'> {
  readonly name: string;
  readonly checkpoint: string;
  /** What is not as on one machine, a line each. */
  readonly notes: readonly string[];
}

async function run(task: unknown, context: TaskContext): Promise<TrainedTask> {
  const { job, id } = checkTask(task);
  const { scratch, signal, store } = context;
  const subject = subjectsOf(job)[0]!;
  const { name } = subject;
  const places = runPlaces(subject, scratch);
  const local = { runFolder: places.runFolder, checkpointPath: places.checkpointPath };
  const stored = new StoredRun(places, context);
  const owner = await stored.owner();
  if (owner !== undefined && owner.job !== id)
    throw new FileError(
      expected(
        `this training in ${places.run} of ${store.url}`,
        'another',
        'choose another --run, or pass --overwrite',
      ),
    );
  try {
    const resume = owner !== undefined && (await stored.fetch());
    const fetched = await fetchTraining(job, context, { withData: true });
    const precision = precisionOf(job, owner);
    const ways = { run: local.runFolder, out: join(scratch, 'out'), plan: false, overwrite: false };
    const call: TrainCall = { ...fetched, ...ways, precision, resume, id };
    const notes: string[] = [];
    const trained = await trainSubject(
      call,
      { ...subjectsOf(call)[0]!, ...local },
      {
        say: () => undefined,
        onStep: ({ step }, { config }) => context.onProgress(step, config.steps),
        watch: async (setup) => {
          const { arithmeticOf } = await import('../../engine/arithmetic.ts');
          const now = { step: setup.trainer.stepsDone, arithmetic: arithmeticOf(setup.precision) };
          const before = owner?.computed ?? [];
          const isSame = before.at(-1)?.arithmetic === now.arithmetic;
          const computed = isSame ? before : [...before, now];
          await stored.own({ job: id, computed });
          notes.push(...mixedWords(computed));
          const { watchTraining } = await import('../../report/watch-training.ts');
          const watcher = await watchTraining(setup, {
            ...{ subject: { ...subject, ...local }, tensorboard: false },
            ...{ command: 'a farm, which goes on by itself', say: (line) => notes.push(line) },
          });
          return savedBy(watcher, stored);
        },
        signal,
      },
    );
    const { steps, wanted, images } = trained!;
    if (steps < wanted) signal.throwIfAborted();
    // With the log's last line.
    await stored.save();
    return { name, checkpoint: places.checkpoint, steps, images, notes };
  } catch (error) {
    if (error instanceof FastStyleError)
      error.message = error.message.replaceAll(local.runFolder, places.run).replaceAll(scratch, store.url);
    throw error;
  }
}

/** A choice by measuring is made once: by the first worker. */
function precisionOf({ precision }: TrainJob, owner: RunOwner | undefined): TrainCall['precision'] {
  const isInF32 = owner?.computed[0]?.arithmetic.startsWith('f32');
  return precision === 'auto' && isInF32 ? 'f32' : precision;
}

/** Puts the run into the store whenever it is saved here. */
function savedBy(watcher: RunWatcher, stored: StoredRun): RunWatcher {
  return async (news) => {
    await watcher(news);
    if (news.event === 'saved') await stored.save();
  };
}

function mixedWords(computed: RunOwner['computed']): readonly string[] {
  return computed.slice(1).map(({ step, arithmetic }) => {
    const from = `From step ${step} on it was computed on a processor, or with a number of threads, that may differ in the last bits`;
    return `${from} (${arithmetic}; at first ${computed[0]!.arithmetic}): one machine alone may make other weights.`;
  });
}

function checkTask(task: unknown): TrainTask {
  const { job, id } = isRecord(task) ? task : {};
  if (!isContentId(id)) throw new ConfigError(expected('a training', task));
  return { id, job: checkTrain(job) };
}
