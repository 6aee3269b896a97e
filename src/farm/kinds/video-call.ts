/** The data of a job that paints a film: the options of `video`, with keys in place of paths. */
import { videoOutput } from '../../data/video/output.ts';
import { partsOfBlend } from '../../infer/blend.ts';
import { isOverTime, parseBlendOverTime } from '../../infer/blend-over-time.ts';
import { requireStyle } from '../../infer/open-style.ts';
import type { VideoOptions } from '../../library/video-options.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { isRecord } from '../../system/json-text.ts';
import { checkSettings, withoutRows } from '../../system/settings.ts';
import { VIDEO_SETTINGS } from '../../video/run/call.ts';
import { requireKey, requireOutputKey } from '../store/key.ts';
import { requireStyleKey } from './stylize-call.ts';

/** As `fast-style video` takes them, but for paths, which are keys. */
export interface FilmJob extends Omit<VideoOptions, 'preview' | 'inputFormat'> {
  readonly video: string;
  readonly out: string;
  readonly style?: string;
  readonly mask?: string;
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
