/** The data of a job that paints a film (the options of `video`, with keys in place of paths), of its tasks, and of what they answer. */
import type { DecodeEnd } from '../../data/video/complaints.ts';
import { videoOutput } from '../../data/video/output.ts';
import { partsOfBlend } from '../../infer/blend.ts';
import { isOverTime, parseBlendOverTime } from '../../infer/blend-over-time.ts';
import { requireStyle } from '../../infer/open-style.ts';
import type { VideoOptions } from '../../library/video-options.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { isCount, isRecord } from '../../system/json-text.ts';
import { checkSettings, withoutRows } from '../../system/settings.ts';
import type { FilmKey } from '../../video/film-parts.ts';
import type { FilmPosition } from '../../video/film-source.ts';
import { VIDEO_SETTINGS } from '../../video/run/call.ts';
import type { FilmStretch } from '../../video/scan-film.ts';
import { requireKey, requireOutputKey } from '../store/key.ts';
import { isContentId } from './content-id.ts';
import { requireStyleKey } from './stylize-call.ts';

/** As `fast-style video` takes them, but for paths, which are keys. */
export interface FilmJob extends Omit<VideoOptions, 'preview' | 'inputFormat'> {
  readonly video: string;
  readonly out: string;
  readonly style?: string;
  readonly mask?: string;
}

/** What a worker gets: a stretch, and what all stretches must have been painted with. */
export interface StretchTask {
  readonly job: FilmJob;
  readonly id: string;
  readonly key: FilmKey;
  readonly stretch: Omit<FilmStretch, 'from'> & { readonly from?: Readonly<Record<string, string | number>> };
}

/** What it answers. */
export interface PaintedStretch {
  readonly id: string;
  /** The source's version. */
  readonly source: string;
  readonly ffmpeg: string;
  readonly segments: number;
  readonly frames: number;
  /** What the bits depend on (`arithmeticOf`). */
  readonly arithmetic: string;
  readonly decoded?: DecodeEnd;
}

const NOT_HERE: Readonly<Record<string, string>> = {
  preview: 'make it with fast-style video --preview on one machine',
  inputFormat: 'paint devices and streams with fast-style video on one machine',
};

const ROWS = withoutRows(VIDEO_SETTINGS, ['format']);

/** @throws {ConfigError} data that no command line could have made, or what is no file of the store. */
export function checkFilm(data: unknown): FilmJob {
  if (!isRecord(data)) throw new ConfigError(expected('options of video', data));
  for (const [name, remedy] of Object.entries(NOT_HERE))
    if (data[name] !== undefined) throw new ConfigError(expected('no such option for a farm', name, remedy));
  checkSettings(ROWS, data, 'a film');
  requireKey(data.video, 'a film');
  const out = requireOutputKey(data.out, 'the film to write');
  if (data.mask !== undefined) requireKey(data.mask, 'a mask');
  const { codec, blend } = data as Partial<FilmJob>;
  if (videoOutput(out, codec).container === 'pictures')
    throw new ConfigError(
      expected('a film as --out', out, 'paint pictures with fast-style video on one machine'),
    );
  const styles = [data.style ?? []].flat();
  if (styles.length > 1) throw new ConfigError(expected('one --style with --out', styles.length));
  if (blend === undefined || !isOverTime(blend)) requireStyle(styles[0] as string | undefined, blend);
  for (const style of styles) requireStyleKey(style);
  // Of a file that holds them all, a blend names styles.
  if (styles.length === 0) for (const style of stylesOf(blend!)) requireStyleKey(style);
  return { ...data, ...(styles.length === 0 ? {} : { style: styles[0] }) } as FilmJob;
}

function stylesOf(blend: string): readonly string[] {
  if (isOverTime(blend)) return parseBlendOverTime(blend).map(({ style }) => style);
  return partsOfBlend(blend).map(([style]) => style);
}

/** A place in a film as JSON has it. */
export const asTexts = ({ frames, origin, last, end, mark }: FilmPosition) => ({
  ...{ frames, mark },
  ...{ origin: String(origin), last: String(last), end: String(end) },
});

/** @throws {ConfigError} a task that was not split off a film. */
export function checkStretch(task: unknown) {
  const { job, id, key, stretch } = isRecord(task) ? task : {};
  const { first, segments, frames, lead, from, decoded } = isRecord(stretch) ? stretch : {};
  const areCounts = [first, segments, frames, lead].every(isCount);
  if (
    !isContentId(id) ||
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

/** @throws {ConfigError} what no task has answered. */
export function checkPainted(result: unknown): PaintedStretch {
  const { id, source, ffmpeg, segments, frames, arithmetic, decoded } = isRecord(result) ? result : {};
  const areTexts = [source, ffmpeg, arithmetic].every((text) => typeof text === 'string');
  if (!isContentId(id) || !areTexts || !isCount(segments) || !isCount(frames) || !isDecodeEnd(decoded))
    throw new ConfigError(expected('what has been painted of a film', result));
  return result as PaintedStretch;
}

function isDecodeEnd(value: unknown): value is DecodeEnd | undefined {
  if (value === undefined) return true;
  if (!isRecord(value) || !isCount(value.damaged) || !isCount(value.fitted)) return false;
  const { code, isCut, complaint } = value;
  return (code === null || isCount(code)) && typeof isCut === 'boolean' && typeof complaint === 'string';
}
