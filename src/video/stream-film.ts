import { RAW_INPUT } from '../data/video/codecs.ts';
import { FrameWriter } from '../data/video/frame-writer.ts';
import { type Container, FFMPEG_FORMAT } from '../data/video/output.ts';
import type { FilmPlan } from './film-plan.ts';
import { StreamSink } from './film-sink.ts';
import { openFrames } from './film-source.ts';
import type { FilmOutcome, MakeOptions } from './make-film.ts';
import { paintFilm } from './paint-film.ts';

/** MP4 and MOV that need not be gone back in. */
const IN_PIECES = ['-movflags', 'frag_keyframe+empty_moov+default_base_moof'];

/** ffmpeg's arguments for a film to standard output, with what comes along straight from its source. */
function streaming({ source, side, encoding, output }: FilmPlan, offset: number): readonly string[] {
  const container = output.container as Exclude<Container, 'pictures'>;
  return [
    ...(offset === 0 ? [] : ['-itsoffset', offset.toFixed(6)]),
    ...RAW_INPUT,
    ...source,
    ...encoding,
    ...(source.length === 0 ? [] : [...side.args, '-map_metadata', '1', '-map_chapters', '1']),
    ...(container === 'mp4' || container === 'mov' ? IN_PIECES : []),
    ...['-f', FFMPEG_FORMAT[container], 'pipe:1'],
  ];
}

/** Paints a film into standard output while it is painted; what is stopped ends there. Throws as `makeFilm`. */
export async function streamFilm(
  plan: FilmPlan,
  { painter: open, signal, onBegin, onFrame }: MakeOptions,
): Promise<FilmOutcome> {
  const { timeBase, stream, usual, end, width, height } = plan;
  const writer = new FrameWriter();
  const source = openFrames(plan);
  const sink = new StreamSink((offset) => streaming(plan, offset), {
    ...{ writer, stream, timeBase, target: 'standard output' },
  });
  const painter = await open();
  try {
    onBegin(0);
    const done = { frames: 0, until: undefined };
    const film = { width, height, timeBase, usual, end, done, onFrame, signal };
    const { frames, isStopped } = await paintFilm(source, painter, sink, film);
    if (isStopped) await sink.finish();
    return { frames, kept: frames, isStopped: false, ...(isStopped ? {} : { decoded: source.end }) };
  } finally {
    await Promise.all([painter.dispose(), source.close(), writer.close()]);
  }
}
