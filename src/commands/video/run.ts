import { STANDARD } from '../../data/photo/source.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import type { VideoCall } from '../../video/run/call.ts';
import { type PaintedFilm, paintFilmOf } from '../../video/run/film-run.ts';
import { catchInterruption, InterruptedError, type Interruption } from '../shared/interruption.ts';
import { say } from '../shared/say.ts';
import { VideoReport } from './report.ts';

/** What is typed besides settings. */
export interface VideoArguments {
  readonly json: boolean;
  readonly verbose?: boolean | undefined;
}

/** Paints a video from the command line: shows progress, and says what came of it. */
export async function runVideo(call: VideoCall, { json, verbose }: VideoArguments): Promise<void> {
  refuseStandardOutput(call, json);
  const report = new VideoReport(json);
  let interruption: Interruption | undefined;
  try {
    const film = await paintFilmOf(call, {
      say: (line) => report.say(line),
      onPreview: (path) => {
        if (!json) say(`${path} shows some frames.`);
      },
      signal: () => {
        interruption = catchInterruption(() =>
          report.say('Stopping after this frame; Ctrl-C again stops at once.'),
        );
        return interruption.signal;
      },
      onBegin: (total, done) => report.begin(total, done),
      onFrame: (done) => report.progress(done),
      onSeekRefused: () => {
        if (verbose) report.say('Seeking does not lead to the same frames; decoding from the beginning.');
      },
    });
    if (film !== undefined) tellFilm(film, report);
  } finally {
    report.stop();
    interruption?.release();
  }
}

/** @throws {InterruptedError} it was stopped by Ctrl-C. {VideoCutError} the video was not whole. */
function tellFilm(
  { out, frames, width, height, seconds, isStopped, kept, parts, faults, cut }: PaintedFilm,
  report: VideoReport,
): void {
  if (isStopped)
    throw new InterruptedError(
      `Stopped after ${frames} frames; the same command continues after ${kept}, which are kept in ${parts}.`,
    );
  report.finish(out, { frames, width, height, seconds });
  for (const fault of faults) report.say(fault);
  if (cut !== undefined) throw cut;
}

/** @throws {ConfigError} standard output is wanted for what it cannot take. */
function refuseStandardOutput({ out }: VideoCall, json: boolean): void {
  if (out !== STANDARD) return;
  if (json) throw new ConfigError(expected('a file for --out with --json', out));
  if (process.stdout.isTTY)
    throw new ConfigError(
      expected('a file or a program as standard output', 'a terminal', 'put | ffplay - after the command'),
    );
}
