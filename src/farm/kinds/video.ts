/** Films: taken apart into stretches that many workers paint, and joined to the bytes that one machine makes. */
import type { Segment } from '../../data/video/join.ts';
import { wholeBytes } from '../../infer/choose-plan.ts';
import { workingSize } from '../../infer/finish/look.ts';
import { expected, FileError } from '../../system/errors.ts';
import { difference } from '../../video/film-parts.ts';
import type { FilmPosition } from '../../video/film-source.ts';
import { joinFilm, noFrame } from '../../video/make-film.ts';
import { paintSegments } from '../../video/paint-segments.ts';
import { faultsOf } from '../../video/run/film-run.ts';
import { checkpointsOf, type FilmManner } from '../../video/run/painter.ts';
import { scanFilm } from '../../video/scan-film.ts';
import { existsAlready } from '../store/writable.ts';
import { arithmeticNotes } from './arithmetic-notes.ts';
import { type FetchedFilm, fetchFilm, formatOf, idOf, keyOf } from './fetched-film.ts';
import { keptFilm, releaseFilm } from './kept-film.ts';
import type { JoinedJob, Kind, Needs, Task, TaskContext } from './kind.ts';
import { StoredSegments } from './stored-segments.ts';
import {
  asTexts,
  checkFilm,
  checkPainted,
  checkStretch,
  type FilmJob,
  type PaintedStretch,
  type StretchTask,
} from './video-call.ts';

/** A process with TensorFlow, ffmpeg's decoder and its encoder. */
const RESIDENT = 512 * 2 ** 20;
/** Bytes per pixel of frames on their way and of what a steady painter remembers. */
const FRAMES = 100;

export const videoKind: Kind<FilmJob> = {
  name: 'video',
  check: checkFilm,
  admit,
  split,
  run: paintStretch,
  release: releaseFilm,
  join: joinStretches,
};

async function admit({ out, overwrite = false }: FilmJob, { store }: TaskContext): Promise<void> {
  if (!overwrite && (await store.exists(out))) throw existsAlready(out, store, '--out');
}

async function* split(job: FilmJob, context: TaskContext): AsyncGenerator<Task, void, void> {
  const { signal } = context;
  const film = await fetchFilm(job, context);
  const { plan, look, call } = film;
  try {
    // Measured, each machine might choose another.
    const precision: FilmManner['precision'] = job.precision === 'bf16' ? 'bf16' : 'f32';
    const key = await keyOf(film, { look, precision, steady: call.steady }, job);
    const shared = { job: { ...job, precision }, key, id: idOf(key, job) };
    await new StoredSegments(shared.id, formatOf(film), context).joined.begin();
    const scan = scanFilm(plan, call.steady !== 'off', signal);
    try {
      let isEmpty = true;
      for (let next = await scan.next(); ; next = await scan.next()) {
        if (next.done === true) {
          if (isEmpty) throw noFrame(plan, next.value);
          return;
        }
        isEmpty = false;
        const { from, ...stretch } = next.value;
        const { first, segments, frames } = stretch;
        const data: StretchTask = {
          ...shared,
          stretch: { ...stretch, ...(from === undefined ? {} : { from: asTexts(from) }) },
        };
        const name = `segments ${first} to ${first + segments - 1}`;
        yield {
          name,
          data,
          needs: { ...needsOf(film), ...(precision === 'bf16' && { bf16: true }) },
          items: frames,
        };
      }
    } finally {
      await scan.return({ code: null, damaged: 0, fitted: 0, isCut: false, complaint: '' });
    }
  } catch (error) {
    throw film.told(error);
  } finally {
    await film.dispose();
  }
}

/** Memory, by the plan of the painter. */
function needsOf({ plan, styles, look }: FetchedFilm): Needs {
  const checkpoints = styles.flatMap(({ style }) => checkpointsOf(style));
  const size = workingSize(plan, look ?? {});
  const painting = Math.max(...checkpoints.map((checkpoint) => wholeBytes(checkpoint, size)));
  return { bytes: RESIDENT + painting + FRAMES * plan.width * plan.height };
}

async function paintStretch(task: unknown, context: TaskContext): Promise<PaintedStretch> {
  const { job, id, key, first, segments, frames, lead, from, decoded } = checkStretch(task);
  const { signal } = context;
  const kept = await keptFilm(job, context);
  const { film } = kept;
  const { plan } = film;
  try {
    const { manner, key: own } = await kept.painting(job);
    const changed = difference(key, own);
    if (changed !== undefined)
      throw new FileError(
        expected(
          'a worker that paints as the one that took the film apart, and the same film',
          changed,
          'use one version of each program, and submit a film that has changed again',
        ),
      );
    const last = first + segments - 1;
    const keeper = new StoredSegments(id, formatOf(film), context, last);
    const before = first * plan.segment;
    const done = await finishedOf(keeper, first, last, from, before);
    const begin =
      done.position === undefined
        ? { from, lead, first }
        : { from: done.position, lead: 0, first: done.next };
    context.onProgress((done.position?.frames ?? before) - before, frames);
    if (done.next <= last) {
      const { source, painter } = await kept.begin(begin.from, manner);
      if (done.memory !== undefined) painter.recall(done.memory);
      const { isStopped } = await paintSegments(plan, source, painter, keeper, {
        ...begin,
        segments: last + 1 - begin.first,
        target: context.scratch,
        onFrame: (count) => context.onProgress(Math.max(0, count - before), frames),
        signal,
      });
      if (isStopped) signal.throwIfAborted();
      await kept.leave(keeper.end(before + frames));
    }
    const { arithmeticOf } = await import('../../engine/arithmetic.ts');
    const made = {
      id,
      source: film.version,
      ffmpeg: plan.abilities.version,
      segments,
      frames,
      arithmetic: arithmeticOf(manner.precision),
    };
    return { ...made, ...(decoded === undefined ? {} : { decoded }) };
  } catch (error) {
    // Painter and source are in the midst of something.
    await releaseFilm();
    throw film.told(error);
  }
}

/** What of a stretch an earlier try has finished. */
interface FinishedPart {
  /** Number of the first segment that is not. */
  readonly next: number;
  /** Where that begins, and the painter's memory there; undefined where the stretch has to be begun. */
  readonly position?: FilmPosition;
  readonly memory?: Uint8Array;
}

/** @param from where the stretch begins. @param before frames of the film before it. */
async function finishedOf(
  keeper: StoredSegments,
  first: number,
  last: number,
  from: FilmPosition | undefined,
  before: number,
): Promise<FinishedPart> {
  let [next, frames] = [first, before];
  let origin = from?.origin;
  let found: FilmPosition | undefined;
  let hasMemory = false;
  for (; next <= last; next++) {
    const record = await keeper.record(next);
    if (record === undefined) break;
    frames += record.frames;
    origin ??= BigInt(record.start);
    hasMemory = record.hasMemory;
    found = { frames, origin, last: BigInt(record.last), end: BigInt(record.end), mark: record.mark };
  }
  if (found === undefined) return { next: first };
  if (!hasMemory || next > last) return { next, position: found };
  const memory = await keeper.memory(next - 1);
  return memory === undefined ? { next: first } : { next, position: found, memory };
}

async function joinStretches(
  job: FilmJob,
  results: AsyncIterable<unknown>,
  context: TaskContext,
): Promise<JoinedFilm> {
  const { store, signal } = context;
  const painted: PaintedStretch[] = [];
  for await (const result of results) painted.push(checkPainted(result));
  const [{ id, ffmpeg }] = painted as [PaintedStretch];
  const { film } = await keptFilm(job, context);
  const { plan } = film;
  try {
    const keeper = new StoredSegments(id, formatOf(film), context);
    const before = await keeper.joined.find();
    if (before !== undefined) return before as JoinedFilm;
    if (plan.abilities.version !== ffmpeg)
      throw new FileError(
        expected(
          `ffmpeg ${ffmpeg}, which the film was painted with`,
          plan.abilities.version,
          'use one version',
        ),
      );
    if (painted.some(({ source }) => source !== film.version))
      throw new FileError(
        expected(
          `${job.video} as it was when it was painted`,
          'another file',
          'submit it again when it is whole',
        ),
      );
    const sum = (of: (one: PaintedStretch) => number) => painted.reduce((total, one) => total + of(one), 0);
    const count = sum(({ segments }) => segments);
    const segments: Segment[] = [];
    for (let number = 0; number < count; number++) {
      segments.push(await keeper.fetch(number));
      context.onProgress(number + 1, count);
    }
    const { path } = plan.output;
    await joinFilm(plan, { segments, folder: context.scratch }, { overwrite: true, signal });
    if ((await store.path(job.out)) === undefined) await store.put(path, job.out, signal);
    const frames = sum((one) => one.frames);
    const decoded = painted.find((one) => one.decoded !== undefined)?.decoded;
    const { faults, cut } = faultsOf({ frames, ...(decoded && { decoded }) }, plan);
    const computed = arithmeticNotes(painted.map(({ arithmetic }) => arithmetic));
    const said = [...plan.words, ...faults, ...(cut ? [cut.message] : []), ...computed];
    const { width, height } = plan;
    const answer: JoinedFilm = { out: job.out, frames, width, height, notes: said.map(film.inKeys) };
    await keeper.joined.finish(answer);
    return answer;
  } catch (error) {
    throw film.told(error);
  } finally {
    // Nothing more is to be done of it.
    await releaseFilm();
  }
}

/** What came of a film. */
interface JoinedFilm extends JoinedJob {
  readonly out: string;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
}
