/** `video`: what can fail is tried before the first frame is painted. */
import { refuseToOverwrite } from '../atomic-file.ts';
import { ffmpegAbilities } from '../data/ffmpeg.ts';
import { STANDARD } from '../data/photo/source.ts';
import { openVideo } from '../data/video/open-video.ts';
import { videoOutput } from '../data/video/output.ts';
import { parseTime } from '../data/video/probe.ts';
import { ConfigError, expected, FastStyleError } from '../errors.ts';
import { planFilm } from '../video/film-plan.ts';
import { type FilmOutcome, makeFilm, partsFolder } from '../video/make-film.ts';
import { streamFilm } from '../video/stream-film.ts';
import { catchInterruption, InterruptedError } from './interruption.ts';
import { openLook } from './look-options.ts';
import { parseRate, scaledSize, type VideoArguments } from './video-options.ts';
import { oneStyle, openFilmStyle, openVideoPainter, painterKey } from './video-painter.ts';
import { VideoReport } from './video-report.ts';

/** The video ends before its end, or was damaged beyond decoding: what there is has been painted. */
export class VideoCutError extends FastStyleError {}

export async function runVideo(args: VideoArguments): Promise<void> {
  const { video, out, crf, preset, audio, overwrite, blend } = args;
  const report = new VideoReport(args.json);
  const reference = oneStyle(args);
  if (out === undefined && args.preview === undefined)
    throw new ConfigError(expected('a file for --out', 'none', 'as --out painted.mp4'));
  const rate = args.fps === undefined ? undefined : parseRate(args.fps);
  const start = args.start === undefined ? undefined : parseTime(args.start, '--start');
  const duration = args.duration === undefined ? undefined : parseTime(args.duration, '--duration');
  if (duration === 0) throw new ConfigError(expected('a --duration of more than nothing', args.duration));
  const look = await openLook(args);
  const path = out ?? 'preview.mkv';
  const output = videoOutput(path, args.codec, args.format);
  if (out !== undefined && out !== STANDARD && !overwrite) await refuseToOverwrite(out);
  const style = await openFilmStyle(reference, blend);
  const abilities = await ffmpegAbilities();
  const { input, facts, dispose } = await openVideo(video, { format: args.inputFormat, rate });
  try {
    const size = scaledSize(facts, args.scale);
    const request = { input, facts, output, ...size, start, duration, crf, preset, audio };
    const plan = planFilm(input.kind === 'pictures' ? request : { ...request, rate }, abilities);
    for (const word of plan.words) report.say(word);

    const interruption = catchInterruption(() =>
      report.say('Stopping after this frame; Ctrl-C again stops at once.'),
    );
    const started = performance.now();
    try {
      const { choosePrecision } = await import('../engine/precision.ts');
      const precision = await choosePrecision(args.precision);
      const outcome = await (path === STANDARD ? streamFilm : makeFilm)(plan, {
        key: painterKey(style, look, precision),
        overwrite,
        signal: interruption.signal,
        painter: () => openVideoPainter(style, look, precision),
        onBegin: (done) => {
          if (done > 0) report.say(`Going on after ${done} frames, which are finished.`);
          report.begin(plan.frames, done);
        },
        onFrame: (done) => report.progress(done),
      });
      if (outcome.isStopped) throw stopped(outcome, partsFolder(path));
      const seconds = (performance.now() - started) / 1000;
      report.finish(path, { frames: outcome.frames, width: plan.width, height: plan.height, seconds });
      tellFaults(outcome, input.name, path, report);
    } finally {
      report.stop();
      interruption.release();
    }
  } finally {
    await dispose();
  }
}

function stopped({ frames, kept }: FilmOutcome, folder: string): InterruptedError {
  return new InterruptedError(
    `Stopped after ${frames} frames; the same command goes on after ${kept}, which are kept in ${folder}.`,
  );
}

/** @throws {VideoCutError} the video was not whole. */
function tellFaults({ frames, decoded }: FilmOutcome, name: string, out: string, report: VideoReport): void {
  if (decoded === undefined) return;
  const { damaged, isCut, code, complaint } = decoded;
  if (damaged > 0)
    report.say(
      `${damaged} damaged ${damaged === 1 ? 'frame was' : 'frames were'} patched up while decoding.`,
    );
  if (!isCut && code === 0) return;
  const reason = complaint === '' ? '' : ` (${complaint})`;
  throw new VideoCutError(`${name} ends early${reason}: its ${frames} frames are painted into ${out}.`);
}
