/** `video`: what can fail is tried before the first frame is painted. */
import { ffmpegAbilities } from '../../data/ffmpeg.ts';
import { STANDARD } from '../../data/photo/source.ts';
import { type OpenedVideo, openVideo } from '../../data/video/open-video.ts';
import { refuseToReplace, videoOutput } from '../../data/video/output.ts';
import { parseTime } from '../../data/video/probe.ts';
import { workingSize } from '../../infer/finish/look.ts';
import { requireWhole } from '../../infer/require-whole.ts';
import { ConfigError, expected, FastStyleError } from '../../system/errors.ts';
import { type FilmPlan, planFilm } from '../../video/film-plan.ts';
import { type FilmOutcome, makeFilm, partsFolder } from '../../video/make-film.ts';
import { streamFilm } from '../../video/stream-film.ts';
import { catchInterruption, InterruptedError } from '../shared/interruption.ts';
import { openLook } from '../shared/look-options.ts';
import { say } from '../shared/say.ts';
import { parseRate, scaledSize, type VideoArguments } from './options.ts';
import {
  checkpointsOf,
  type FilmManner,
  type NamedFilmStyle,
  openFilmStyles,
  openVideoPainter,
  painterKey,
} from './painter.ts';
import { VideoReport } from './report.ts';

/** The video ends before its end, or was damaged beyond decoding: what there is has been painted. */
export class VideoCutError extends FastStyleError {}

/** Stands for --out where there is but a preview. */
const NOWHERE = 'preview.mkv';

export async function runVideo(args: VideoArguments): Promise<void> {
  const { video, out, json, overwrite, preview } = args;
  refuseOddPairs(args);
  const report = new VideoReport(json);
  const rate = args.fps === undefined ? undefined : parseRate(args.fps);
  const look = await openLook(args);
  const output = videoOutput(out ?? NOWHERE, args.codec, args.format);
  if (out !== undefined && out !== STANDARD && !overwrite) await refuseToReplace(output);
  const styles = await openFilmStyles(args);
  const abilities = await ffmpegAbilities();
  const opened = await openVideo(video, { format: args.inputFormat, rate });
  try {
    const plan = await planFilm({ ...requestOf(args, opened), output }, abilities);
    if (preview !== undefined) {
      const { requirePreview } = await import('./preview.ts');
      await requirePreview(preview, plan, overwrite);
    }
    if (out !== undefined) for (const word of plan.words) report.say(word);
    for (const { style } of styles)
      for (const checkpoint of checkpointsOf(style))
        requireWhole(checkpoint, workingSize(plan, look ?? {}), 'choose a smaller --scale');
    const { choosePrecision } = await import('../../engine/precision.ts');
    const manner = { look, precision: await choosePrecision(args.precision), steady: args.steady };
    if (preview !== undefined) {
      const { writePreview } = await import('./preview.ts');
      await writePreview(preview, plan, styles, manner);
      if (!json) say(`${preview} shows some frames.`);
    }
    if (out !== undefined) await paint(plan, styles[0]!, manner, report, args);
  } finally {
    await opened.dispose();
  }
}

/** What is to be painted, as the options have it. */
function requestOf(args: VideoArguments, { input, facts }: OpenedVideo) {
  const { crf, preset, audio } = args;
  const start = args.start === undefined ? undefined : parseTime(args.start, '--start');
  const duration = args.duration === undefined ? undefined : parseTime(args.duration, '--duration');
  if (duration === 0) throw new ConfigError(expected('a --duration of more than nothing', args.duration));
  // Of pictures in a row it is the rate at which they are read.
  const rate = args.fps === undefined || input.kind === 'pictures' ? undefined : parseRate(args.fps);
  return { input, facts, ...scaledSize(facts, args.scale), rate, start, duration, crf, preset, audio };
}

async function paint(
  plan: FilmPlan,
  { style }: NamedFilmStyle,
  manner: FilmManner,
  report: VideoReport,
  { overwrite, verbose }: Pick<VideoArguments, 'overwrite' | 'verbose'>,
): Promise<void> {
  const { path } = plan.output;
  const interruption = catchInterruption(() =>
    report.say('Stopping after this frame; Ctrl-C again stops at once.'),
  );
  const started = performance.now();
  try {
    const make = path === STANDARD ? streamFilm : makeFilm;
    const outcome = await make(plan, {
      key: await painterKey(style, manner),
      overwrite,
      signal: interruption.signal,
      painter: () => openVideoPainter(style, manner),
      onBegin: (done) => {
        if (done > 0) report.say(`Continuing after ${done} finished frames.`);
        report.begin(plan.frames, done);
      },
      onFrame: (done) => report.progress(done),
      onSeekRefused: () => {
        if (verbose) report.say('Seeking does not lead to the same frames; decoding from the beginning.');
      },
    });
    if (outcome.isStopped) throw stopped(outcome, partsFolder(path));
    const seconds = (performance.now() - started) / 1000;
    report.finish(path, { frames: outcome.frames, width: plan.width, height: plan.height, seconds });
    tellFaults(outcome, plan, report);
  } finally {
    report.stop();
    interruption.release();
  }
}

function refuseOddPairs({ out, preview, json, style, blend }: VideoArguments): void {
  const refuse = (what: string, got: unknown, remedy?: string): never => {
    throw new ConfigError(expected(what, got, remedy));
  };
  const styles = style === undefined ? [] : [style].flat();
  if (out === undefined && preview === undefined) refuse('a file for --out', 'none', 'as --out painted.mp4');
  if (styles.length > 1 && blend !== undefined) refuse('one --style with --blend', styles.length);
  if (styles.length > 1 && out !== undefined)
    refuse('one --style with --out', styles.length, 'omit --out for --preview alone');
  if (out !== STANDARD) return;
  if (json) refuse('a file for --out with --json', out);
  if (process.stdout.isTTY)
    refuse('a file or a program as standard output', 'a terminal', 'put | ffplay - after the command');
}

function stopped({ frames, kept }: FilmOutcome, folder: string): InterruptedError {
  return new InterruptedError(
    `Stopped after ${frames} frames; the same command continues after ${kept}, which are kept in ${folder}.`,
  );
}

/** @throws {VideoCutError} the video was not whole. */
function tellFaults({ frames, decoded }: FilmOutcome, plan: FilmPlan, report: VideoReport): void {
  if (decoded === undefined) return;
  const { damaged, fitted, isCut, code, complaint } = decoded;
  const { name, width, height } = plan.facts;
  if (damaged > 0)
    report.say(`${damaged} damaged ${damaged === 1 ? 'frame was' : 'frames were'} repaired while decoding.`);
  if (fitted > 0)
    report.say(
      `${fitted} ${fitted === 1 ? 'frame was' : 'frames were'} not ${width}×${height} like the first and were fitted in.`,
    );
  if (!isCut && code === 0) return;
  const reason = complaint === '' ? '' : ` (${complaint})`;
  throw new VideoCutError(
    `${name} ends early${reason}: its ${frames} frames are painted into ${plan.output.path}.`,
  );
}
