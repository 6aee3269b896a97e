import { appendFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pictureSize } from '../data/image-file.ts';
import { frameRecord } from '../data/tfrecord-file.ts';
import { asFileError } from '../system/atomic-file.ts';
import { readPlainFile } from '../system/plain-file.ts';
import { ProtobufMessage } from '../system/protobuf-message.ts';
import { eventFile, eventFiles, PREVIEW_FILE, PREVIEWS, readLogText } from '../train/run/run-folder.ts';
import type { RunNews } from '../train/run/run-news.ts';
import { type LogPoint, numbersOf, readLog, standing } from './read-log.ts';

/** The tag by which TensorBoard groups curves: those of `styleLayers` under `style`. */
const groupOf = (group: string) => (group === 'heldOut' ? 'held-out' : group.replace(/Layers$/, ''));

/** Adds to the event files of a run. */
export class TensorBoardLog {
  readonly #folder: string;
  readonly #path: string;

  private constructor(folder: string, path: string) {
    this.#folder = folder;
    this.#path = path;
  }

  /**
   * Begins a file after those that are there. The first of a run is given what the log holds already; later ones say
   * that the run continues after `step`, so that nothing of steps that are done again stays.
   *
   * @throws {FileError} it cannot be written.
   */
  static async open(folder: string, step: number): Promise<TensorBoardLog> {
    const earlier = await eventFiles(folder);
    const newest = Number(/tfevents\.(\d+)/.exec(earlier.at(-1) ?? '')?.[1] ?? 0);
    // A clock that was put back must not change the order.
    const name = eventFile(Math.max(newest, Math.floor(now())), earlier.length);
    const log = new TensorBoardLog(folder, join(folder, name));
    await mkdir(dirname(log.#path), { recursive: true }).catch((error: unknown) => {
      throw asFileError(error, `make the folder ${dirname(log.#path)}`);
    });
    await log.#append(versionRecord(now()));
    if (earlier.length > 0) await log.#append(restartRecord(now(), step));
    else await log.#past(step);
    return log;
  }

  /** Takes all news of the run: `RunWatcher`. @throws {FileError} it cannot be written. */
  async watch(news: RunNews): Promise<void> {
    if (news.event === 'losses') {
      const { event: _, step, time, ...values } = news;
      await this.#append(scalars({ step, values: numbersOf({ ...values }) }, Date.parse(time) / 1000));
    } else if (news.event === 'preview') {
      await this.#previews(({ step }) => step === news.step);
    } else if (news.event === 'rolled back') {
      await this.#append(restartRecord(now(), news.to));
    }
  }

  /** What the folder holds up to a step. */
  async #past(last: number): Promise<void> {
    const log = readLog(await readLogText(this.#folder));
    const points = log.points.filter(({ step }) => step <= last);
    // Some at a time: to open the file for each of a hundred thousand takes long, to hold them all much memory.
    for (let start = 0; start < points.length; start += POINTS_AT_ONCE) {
      const some = points.slice(start, start + POINTS_AT_ONCE);
      const records = some.map((point) => scalars(point, (Date.parse(point.time) || Date.now()) / 1000));
      await this.#append(Buffer.concat(records));
    }
    const stands = standing(log);
    await this.#previews(({ step, written }) => step <= last && stands(step, written));
  }

  async #previews(isWanted: (file: { step: number; written: number }) => boolean): Promise<void> {
    const folder = join(this.#folder, PREVIEWS);
    for (const name of (await readdir(folder).catch(() => [])).sort()) {
      const [, photo, digits] = PREVIEW_FILE.exec(name) ?? [];
      if (photo === undefined) continue;
      const path = join(folder, name);
      const [step, written] = [Number(digits), (await stat(path)).mtimeMs];
      if (!isWanted({ step, written })) continue;
      const bytes = await readPlainFile(path);
      const size = await pictureSize(bytes, path);
      await this.#append(imageRecord(written / 1000, step, `preview/${photo}`, { ...size, bytes }));
    }
  }

  async #append(record: Buffer): Promise<void> {
    await appendFile(this.#path, record).catch((error: unknown) => {
      throw asFileError(error, `write ${this.#path}`);
    });
  }
}

const POINTS_AT_ONCE = 1000;

/** A line's numbers under the tags by which TensorBoard groups them. @param seconds since 1970. */
function scalars({ step, values }: Pick<LogPoint, 'step' | 'values'>, seconds: number): Buffer {
  const tagged = Object.entries(values).map(([name, value]) => {
    const [group = '', part] = name.split('/');
    if (part !== undefined) return [`${groupOf(group)}/${part}`, value] as const;
    return [`${OWN_FIGURES.has(name) ? 'run' : 'loss'}/${name}`, value] as const;
  });
  return scalarsRecord(seconds, step, Object.fromEntries(tagged));
}

/** Numbers of a log line that are no losses. */
const OWN_FIGURES: ReadonlySet<string> = new Set(['learningRate', 'imagesPerSecond', 'memory']);
const now = () => Date.now() / 1000;

/** Writes a run's event files again from its log and previews. Answers their folder. @throws {FileError} it cannot be. */
export async function rewriteTensorBoard(folder: string): Promise<string> {
  for (const name of await eventFiles(folder)) await rm(join(folder, name), { force: true });
  await TensorBoardLog.open(folder, Number.POSITIVE_INFINITY);
  return dirname(join(folder, eventFile(0, 0)));
}

/**
 * TensorBoard's event files: TFRecord files of `tensorflow.Event` messages
 * (tensorboard/compat/proto/event.proto and summary.proto):
 *
 *   Event: double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; SessionLog session_log = 7
 *   Summary: repeated Value value = 1    Value: string tag = 1; float simple_value = 2; Image image = 4
 *   Image: int32 height = 1, width = 2, colorspace = 3; bytes encoded_image_string = 4
 *   SessionLog: SessionStatus status = 1 (START = 1)
 */

/** A picture file (JPEG or PNG) in RGB. */
interface EventImage {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

const RGB = 3;
const START = 1;

/** The record with which every file begins: from version 2 on, readers go by `restart`. */
function versionRecord(seconds: number): Buffer {
  return frameRecord(new ProtobufMessage().double(1, seconds).text(3, 'brain.Event:2').encode());
}

/** Numbers of a step by their tags. @param seconds since 1970. */
function scalarsRecord(seconds: number, step: number, values: Readonly<Record<string, number>>): Buffer {
  const summary = new ProtobufMessage();
  for (const [tag, value] of Object.entries(values))
    summary.message(1, new ProtobufMessage().text(1, tag).float(2, value));
  return summaryRecord(seconds, step, summary);
}

function imageRecord(seconds: number, step: number, tag: string, image: EventImage): Buffer {
  const { width, height, bytes } = image;
  const picture = new ProtobufMessage().integer(1, height).integer(2, width).integer(3, RGB).bytes(4, bytes);
  const value = new ProtobufMessage().text(1, tag).message(4, picture);
  return summaryRecord(seconds, step, new ProtobufMessage().message(1, value));
}

/** The run continues after a step: readers drop what they have of later ones, in files before this as well. */
function restartRecord(seconds: number, step: number): Buffer {
  const session = new ProtobufMessage().integer(1, START);
  const event = new ProtobufMessage()
    .double(1, seconds)
    .integer(2, step + 1)
    .message(7, session);
  return frameRecord(event.encode());
}

function summaryRecord(seconds: number, step: number, summary: ProtobufMessage): Buffer {
  return frameRecord(new ProtobufMessage().double(1, seconds).integer(2, step).message(5, summary).encode());
}
