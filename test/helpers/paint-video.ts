/** The pipeline from a file to a file, in this process. */
import { ffmpegAbilities } from '../../src/data/ffmpeg-abilities.ts';
import type { VideoCodec } from '../../src/data/video/codecs.ts';
import type { Rational } from '../../src/data/video/facts.ts';
import { openVideo } from '../../src/data/video/open-video.ts';
import { videoOutput } from '../../src/data/video/output.ts';
import type { FilmPainter } from '../../src/video/film-painter.ts';
import { type FilmPlan, planFilm } from '../../src/video/film-plan.ts';
import { type FilmOutcome, makeFilm } from '../../src/video/make-film.ts';

/** Hands frames on as they are: what differs then is the pipeline's doing. */
export const asTheyAre: FilmPainter = {
  paint: (frame) => frame,
  memory: () => undefined,
  recall: () => {},
  dispose: () => {},
};

export interface PaintOptions {
  readonly codec?: VideoCodec;
  readonly crf?: number;
  readonly rate?: Rational;
  /** Of pictures in a row. */
  readonly rowRate?: Rational;
  readonly start?: number;
  readonly duration?: number;
  readonly width?: number;
  readonly height?: number;
  readonly audio?: boolean;
  readonly painter?: FilmPainter;
  readonly signal?: AbortSignal;
  readonly overwrite?: boolean;
  /** Frames of a segment. */
  readonly segment?: number;
  readonly onFrame?: (done: number) => void;
  readonly onSeekRefused?: () => void;
}

export interface Painted extends FilmOutcome {
  readonly plan: FilmPlan;
}

export async function paintVideo(from: string, to: string, options: PaintOptions = {}): Promise<Painted> {
  const { codec, crf, rate, start, duration, audio = true, painter = asTheyAre, segment } = options;
  const { input, facts, dispose } = await openVideo(from, { rate: options.rowRate });
  try {
    const { width = facts.width, height = facts.height } = options;
    const request = { input, facts, output: videoOutput(to, codec), width, height, rate, start, duration };
    const made = await planFilm({ ...request, crf, preset: 'ultrafast', audio }, await ffmpegAbilities());
    const plan = segment === undefined ? made : { ...made, segment };
    const outcome = await makeFilm(plan, {
      key: {},
      overwrite: options.overwrite ?? false,
      signal: options.signal ?? new AbortController().signal,
      painter: async () => painter,
      onBegin: () => {},
      onFrame: options.onFrame ?? (() => {}),
      onSeekRefused: options.onSeekRefused ?? (() => {}),
    });
    return { ...outcome, plan };
  } finally {
    await dispose();
  }
}
