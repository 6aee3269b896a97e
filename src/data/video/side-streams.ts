/** What is copied with a painted video: sound, subtitles, attachments, as its container can hold them. */

import { once } from 'node:events';
import { startChild } from '../ffmpeg.ts';
import type { SideStream, VideoFacts } from './facts.ts';
import { type Container, FFMPEG_FORMAT } from './output.ts';

export interface SidePlan {
  /** ffmpeg's arguments that take the streams from its input of that number. */
  readonly args: readonly string[];
  /** The streams that are copied. */
  readonly streams: readonly number[];
  /** What is changed or left out. */
  readonly words: readonly string[];
}

/** What a trial has shown that a stream cannot be: copied as it is, or taken along at all. By its index. */
export type Refusals = ReadonlyMap<number, 'copy' | 'all'>;

interface Holds {
  readonly audio: RegExp;
  /** What other sound becomes. */
  readonly audioCodec: readonly string[];
  /** Subtitles that stay as they are, and what texts become. */
  readonly subtitle: RegExp;
  readonly textCodec: string;
}

const AAC = ['aac', '-b:a', '192k'] as const;
const MP4_TEXT = { subtitle: /^mov_text$/, textCodec: 'mov_text' } as const;

const HOLDS: Readonly<Partial<Record<Container, Holds>>> = {
  mp4: { audio: /^(aac|mp3|mp2|ac3|eac3|alac|opus|flac|dts)$/, audioCodec: AAC, ...MP4_TEXT },
  mov: { audio: /^(aac|mp3|ac3|eac3|alac|pcm_\w+)$/, audioCodec: AAC, ...MP4_TEXT },
  mkv: { audio: /./, audioCodec: AAC, subtitle: /^(?!mov_text$|eia_608$)/, textCodec: 'subrip' },
  webm: {
    audio: /^(opus|vorbis)$/,
    audioCodec: ['libopus', '-b:a', '128k'],
    subtitle: /^webvtt$/,
    textCodec: 'webvtt',
  },
};

const TEXT = /^(subrip|srt|ass|ssa|webvtt|mov_text|text|eia_608)$/;

/**
 * @param input ffmpeg's number of the source. @param wanted false leaves sound out. @param refusals what else than the container's rules
 *   speaks against it.
 */
export function sidePlan(
  { others }: Pick<VideoFacts, 'others'>,
  container: Container,
  input: number,
  wanted: { readonly audio: boolean },
  refusals: Refusals = new Map(),
): SidePlan {
  const holds = HOLDS[container];
  if (holds === undefined) {
    const sound = others.filter(({ kind }) => kind === 'audio');
    const isTold = sound.length > 0 && wanted.audio;
    const what = container === 'gif' ? 'a GIF has' : 'pictures have';
    return { args: [], streams: [], words: isTold ? [`Sound is left out: ${what} none.`] : [] };
  }
  const args: string[] = [];
  const streams: number[] = [];
  const words: string[] = [];
  const counts = { audio: 0, subtitle: 0 };
  const take = (index: number, ...how: string[]) => {
    streams.push(index);
    args.push('-map', `${input}:${index}`, ...how);
  };
  for (const stream of others) {
    const { index, kind, codec } = stream;
    const refusal = refusals.get(index);
    const leftOut = (reason: string) => words.push(`${nameOf(stream)} is left out: ${reason}.`);
    if (kind === 'video') leftOut('one video is painted');
    if (kind === 'attachment' && container === 'mkv') {
      if (refusal === undefined) take(index, '-c:t', 'copy');
      else leftOut(`${container} cannot hold it`);
    }
    if (kind !== 'audio' && kind !== 'subtitle') continue;
    if (kind === 'audio' && !wanted.audio) continue;
    if (codec === 'unknown') {
      leftOut('ffmpeg does not know its codec');
      continue;
    }
    const isHeld = (kind === 'audio' ? holds.audio : holds.subtitle).test(codec) && refusal === undefined;
    const isConvertible = refusal !== 'all' && (kind === 'audio' || TEXT.test(codec));
    if (!isHeld && !isConvertible) {
      leftOut(`${container} cannot hold it${kind === 'audio' ? ', nor can it be converted' : ''}`);
      continue;
    }
    const place = `${kind[0]}:${counts[kind]++}`;
    if (isHeld) {
      take(index, `-c:${place}`, 'copy');
      continue;
    }
    const [encoder = '', , rate] = kind === 'audio' ? holds.audioCodec : [holds.textCodec];
    take(index, `-c:${place}`, encoder, ...(rate === undefined ? [] : [`-b:${place}`, rate]));
    words.push(
      `${nameOf(stream)} becomes ${encoder.replace(/^lib/, '')}: ${container} cannot hold it as it is.`,
    );
  }
  return { args, streams, words };
}

function nameOf({ kind, label, language, isCover }: SideStream): string {
  const ofVideo = isCover ? 'A cover' : 'A second video stream';
  const what =
    kind === 'audio'
      ? 'Sound'
      : kind === 'subtitle'
        ? 'A subtitle stream'
        : kind === 'attachment'
          ? 'An attachment'
          : ofVideo;
  const tongue = language === undefined || language === 'und' ? '' : `, ${language}`;
  return `${what} (${label}${tongue})`;
}

/**
 * Whether what should come along can be written, found out before hours of painting: ffmpeg is let begin with it, until it has
 * written the container's head, and so has agreed with all streams.
 */

interface TrialOptions {
  readonly container: Container;
  /** Arguments that open the source. */
  readonly source: readonly string[];
  readonly audio: boolean;
}

/** A stream whose first packet lies deep in the file is not waited for longer, ms. */
const PATIENCE = 20_000;

/** Plans what comes along from a source that can be opened now, without what ffmpeg refuses. */
export async function triedSidePlan(
  facts: Pick<VideoFacts, 'others'>,
  { container, source, audio }: TrialOptions,
): Promise<SidePlan> {
  const planned = sidePlan(facts, container, 1, { audio });
  if (container === 'gif' || container === 'pictures' || planned.streams.length === 0) return planned;
  const isTaken = async (others: VideoFacts['others'], refusals: Refusals) => {
    const { args, streams } = sidePlan({ others }, container, 0, { audio }, refusals);
    return streams.length > 0 && (await begins([...source, ...args], FFMPEG_FORMAT[container]));
  };
  if (await isTaken(facts.others, new Map())) return planned;
  const refusals = new Map<number, 'copy' | 'all'>();
  for (const stream of facts.others) {
    if (!planned.streams.includes(stream.index) || (await isTaken([stream], refusals))) continue;
    refusals.set(stream.index, 'copy');
    if (!(await isTaken([stream], refusals))) refusals.set(stream.index, 'all');
  }
  return sidePlan(facts, container, 1, { audio }, refusals);
}

/** What ffmpeg says when the head is written. */
const AGREED = /^Output #0/m;

/** Lets ffmpeg begin to write, and stops it. */
async function begins(args: readonly string[], format: string): Promise<boolean> {
  const isMp4 = format === 'mp4' || format === 'mov';
  // A pipe cannot be gone back in.
  const inPieces = isMp4
    ? ['-strict', '-2', '-movflags', 'frag_keyframe+empty_moov+delay_moov+default_base_moof']
    : [];
  const child = startChild(
    ['-nostdin', '-nostats', '-loglevel', 'info', ...args, ...inPieces, '-f', format, 'pipe:1'],
    ['ignore', 'ignore', 'pipe'],
  );
  const ended = once(child, 'close').then(
    ([code]) => code === 0,
    () => false,
  );
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), PATIENCE);
  });
  let said = '';
  const agreed = new Promise<boolean>((resolve) => {
    child.stderr!.setEncoding('utf8').on('data', (part: string) => {
      said = `${said}${part}`.slice(-4000);
      if (AGREED.test(said)) resolve(true);
    });
  });
  const isTaken = await Promise.race([agreed, ended, waited]);
  clearTimeout(timer);
  child.kill('SIGKILL');
  await ended;
  return isTaken;
}
