/** Films: taken apart into stretches that many workers paint, and joined to the bytes that one machine makes. */
import { createHash } from 'node:crypto';
import { segmentFormat } from '../../data/video/codecs.ts';
import type { DecodeEnd } from '../../data/video/complaints.ts';
import type { Segment } from '../../data/video/join.ts';
import { wholeBytes } from '../../infer/choose-plan.ts';
import { workingSize } from '../../infer/finish/look.ts';
import { ConfigError, expected, FileError } from '../../system/errors.ts';
import { isCount, isRecord } from '../../system/json-text.ts';
import { difference, type FilmKey } from '../../video/film-parts.ts';
import { type FilmPosition, openRest } from '../../video/film-source.ts';
import { filmKey, joinFilm, noFrame } from '../../video/make-film.ts';
import { paintSegments } from '../../video/paint-segments.ts';
import { faultsOf } from '../../video/run/film-run.ts';
import { mannerOf } from '../../video/run/open-film.ts';
import { checkpointsOf, type FilmManner, openVideoPainter, painterKey } from '../../video/run/painter.ts';
import { type FilmStretch, scanFilm } from '../../video/scan-film.ts';
import { arithmeticNotes } from './arithmetic-notes.ts';
import { type FetchedFilm, fetchFilm } from './fetched-film.ts';
import type { JoinedJob, Kind, Needs, Task, TaskContext } from './kind.ts';
import { StoredSegments } from './stored-segments.ts';
import { checkFilm, type FilmJob } from './video-call.ts';

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
  join: joinStretches,
};

/** What a worker gets: a stretch, and what all stretches must have been painted with. */
interface StretchTask {
  readonly job: FilmJob;
  readonly id: string;
  readonly key: FilmKey;
  readonly stretch: Omit<FilmStretch, 'from'> & { readonly from?: Readonly<Record<string, string | number>> };
}

/** What it answers. */
interface PaintedStretch {
  readonly id: string;
  readonly ffmpeg: string;
  readonly segments: number;
  readonly frames: number;
  /** What the bits depend on (`arithmeticOf`). */
  readonly arithmetic: string;
  readonly decoded?: DecodeEnd;
}

async function admit({ out, overwrite = false }: FilmJob, { store }: TaskContext): Promise<void> {
  if (!overwrite && (await store.exists(out)))
    throw new FileError(`${out} exists already in ${store.url}; choose another name or pass --overwrite.`);
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

/** All that segments depend on, wherever the film lies. */
async function keyOf(
  { plan, styles, sha256 }: FetchedFilm,
  manner: FilmManner,
  job: FilmJob,
): Promise<FilmKey> {
  const painter = await painterKey(styles[0]!.style, manner);
  return { ...(await filmKey(plan)), ...painter, source: job.video, 'source file': sha256 };
}

const idOf = (key: FilmKey, { video, out, audio = true }: FilmJob): string =>
  createHash('sha256')
    .update(JSON.stringify([key, video, out, audio]))
    .digest('hex')
    .slice(0, 32);

const formatOf = ({ plan }: FetchedFilm): string => segmentFormat(plan.output.codec, plan.stream.alpha);

async function paintStretch(task: unknown, context: TaskContext): Promise<PaintedStretch> {
  const { job, id, key, first, segments, frames, lead, from, decoded } = checkTask(task);
  const { signal } = context;
  const film = await fetchFilm({ ...job, overwrite: true }, context);
  const { plan, call } = film;
  try {
    const manner = await mannerOf(film, call);
    const changed = difference(key, await keyOf(film, manner, job));
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
      const source = await openRest(plan, begin.from);
      const painter = await openVideoPainter(film.styles[0]!.style, manner);
      try {
        if (done.memory !== undefined) painter.recall(done.memory);
        const { isStopped } = await paintSegments(plan, source, painter, keeper, {
          ...begin,
          segments: last + 1 - begin.first,
          target: context.scratch,
          onFrame: (count) => context.onProgress(Math.max(0, count - before), frames),
          signal,
        });
        if (isStopped) signal.throwIfAborted();
      } finally {
        await Promise.all([painter.dispose(), source.close()]);
      }
    }
    const { arithmeticOf } = await import('../../engine/arithmetic.ts');
    const made = {
      id,
      ffmpeg: plan.abilities.version,
      segments,
      frames,
      arithmetic: arithmeticOf(manner.precision),
    };
    return { ...made, ...(decoded === undefined ? {} : { decoded }) };
  } catch (error) {
    throw film.told(error);
  } finally {
    await film.dispose();
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
  for await (const result of results) painted.push(checkResult(result));
  const [{ id, ffmpeg }] = painted as [PaintedStretch];
  const film = await fetchFilm({ ...job, overwrite: true }, context);
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
    const sum = (of: (one: PaintedStretch) => number) => painted.reduce((total, one) => total + of(one), 0);
    const count = sum(({ segments }) => segments);
    const segments: Segment[] = [];
    for (let number = 0; number < count; number++) {
      segments.push(await keeper.fetch(number));
      context.onProgress(number + 1, count);
    }
    const { path } = plan.output;
    await joinFilm(plan, { segments, folder: context.scratch }, { overwrite: true, signal });
    await store.put(path, job.out, signal);
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
    await film.dispose();
  }
}

/** What came of a film. */
interface JoinedFilm extends JoinedJob {
  readonly out: string;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
}

const asTexts = ({ frames, origin, last, end, mark }: FilmPosition) => ({
  ...{ frames, mark },
  ...{ origin: String(origin), last: String(last), end: String(end) },
});

function checkTask(task: unknown) {
  const { job, id, key, stretch } = isRecord(task) ? task : {};
  const { first, segments, frames, lead, from, decoded } = isRecord(stretch) ? stretch : {};
  const areCounts = [first, segments, frames, lead].every(isCount);
  if (
    !isId(id) ||
    !isRecord(key) ||
    !areCounts ||
    !(from === undefined || isRecord(from)) ||
    !isDecodeEnd(decoded)
  )
    throw new ConfigError(expected('a stretch of a film', task));
  return {
    ...{ job: checkFilm(job), id, key: key as FilmKey, decoded },
    ...({ first, segments, frames, lead } as Pick<FilmStretch, 'first' | 'segments' | 'frames' | 'lead'>),
    from: from === undefined ? undefined : positionOf(from),
  };
}

function positionOf({ frames, origin, last, end, mark }: Readonly<Record<string, unknown>>): FilmPosition {
  const areTicks = [origin, last, end].every((one) => typeof one === 'string' && /^-?\d{1,19}$/.test(one));
  if (!areTicks || !isCount(frames) || !isCount(mark))
    throw new ConfigError(expected('a place in a film', { frames, origin, last, end, mark }));
  const ticks = {
    origin: BigInt(origin as string),
    last: BigInt(last as string),
    end: BigInt(end as string),
  };
  return { frames, mark, ...ticks };
}

function checkResult(result: unknown): PaintedStretch {
  const { id, ffmpeg, segments, frames, arithmetic, decoded } = isRecord(result) ? result : {};
  const areTexts = typeof ffmpeg === 'string' && typeof arithmetic === 'string';
  if (!isId(id) || !areTexts || !isCount(segments) || !isCount(frames) || !isDecodeEnd(decoded))
    throw new ConfigError(expected('what has been painted of a film', result));
  return { id, ffmpeg, segments, frames, arithmetic, ...(decoded === undefined ? {} : { decoded }) };
}

const isId = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);

function isDecodeEnd(value: unknown): value is DecodeEnd | undefined {
  if (value === undefined) return true;
  if (!isRecord(value) || !isCount(value.damaged) || !isCount(value.fitted)) return false;
  const { code, isCut, complaint } = value;
  return (code === null || isCount(code)) && typeof isCut === 'boolean' && typeof complaint === 'string';
}
