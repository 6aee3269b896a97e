/** What comes along with a painted video: sound, subtitles, attachments, as its container can hold them. */
import type { SideStream, VideoFacts } from './facts.ts';
import type { Container } from './output.ts';

export interface SidePlan {
  /** ffmpeg's arguments that take the streams from its input of that number. */
  readonly args: readonly string[];
  /** What is changed or left out. */
  readonly words: readonly string[];
}

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
  mkv: { audio: /./, audioCodec: [], subtitle: /^(?!mov_text$|eia_608$)/, textCodec: 'subrip' },
  webm: {
    audio: /^(opus|vorbis)$/,
    audioCodec: ['libopus', '-b:a', '128k'],
    subtitle: /^webvtt$/,
    textCodec: 'webvtt',
  },
};

const TEXT = /^(subrip|srt|ass|ssa|webvtt|mov_text|text|eia_608)$/;

/** @param input ffmpeg's number of the source. @param wanted false leaves sound out. */
export function sidePlan(
  { others }: Pick<VideoFacts, 'others'>,
  container: Container,
  input: number,
  wanted: { readonly audio: boolean },
): SidePlan {
  const holds = HOLDS[container];
  const args: string[] = [];
  const words: string[] = [];
  const counts = { audio: 0, subtitle: 0 };
  const leftOut = (stream: SideStream) =>
    words.push(`${nameOf(stream)} is left out: ${container} cannot hold it.`);
  if (holds === undefined) {
    const sound = others.filter(({ kind }) => kind === 'audio');
    return {
      args,
      words:
        sound.length > 0 && wanted.audio
          ? [`Sound is left out: ${container === 'gif' ? 'a GIF has' : 'pictures have'} none.`]
          : [],
    };
  }
  for (const stream of others) {
    const { index, kind, codec } = stream;
    if (kind === 'video') words.push(`${nameOf(stream)} is left out: one video is painted.`);
    if (kind === 'attachment' && container === 'mkv') args.push('-map', `${input}:${index}`, '-c:t', 'copy');
    if (kind !== 'audio' && kind !== 'subtitle') continue;
    if (kind === 'audio' && !wanted.audio) continue;
    const isHeld = (kind === 'audio' ? holds.audio : holds.subtitle).test(codec);
    if (!isHeld && kind === 'subtitle' && !TEXT.test(codec)) {
      leftOut(stream);
      continue;
    }
    const place = `${kind[0]}:${counts[kind]++}`;
    args.push('-map', `${input}:${index}`);
    if (isHeld) args.push(`-c:${place}`, 'copy');
    else {
      const [encoder = '', , rate] = kind === 'audio' ? holds.audioCodec : [holds.textCodec];
      args.push(`-c:${place}`, encoder);
      if (rate !== undefined) args.push(`-b:${place}`, rate);
      words.push(
        `${nameOf(stream)} becomes ${encoder.replace(/^lib/, '')}: ${container} cannot hold it as it is.`,
      );
    }
  }
  return { args, words };
}

function nameOf({ kind, codec, language }: SideStream): string {
  const what =
    kind === 'audio' ? 'Sound' : kind === 'subtitle' ? 'A subtitle stream' : 'A second video stream';
  const tongue = language === undefined || language === 'und' ? '' : `, ${language}`;
  return `${what} (${codec}${tongue})`;
}
