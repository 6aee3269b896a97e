/** A style's flicker, or a painted video's: paints or reads frames and measures them, from the call to the figures. Prints nothing. */
import type { Picture } from '../picture.ts';
import type { ExactFlicker } from '../quality/exact-motion.ts';
import { ConfigError, expected, FastStyleError, ImageError } from '../system/errors.ts';
import type { FlickerCall, FlickerReport, MeasuredFilm } from './flicker-call.ts';

/** Whoever has flicker measured, as it goes on. */
export interface FlickerHooks {
  /** Nothing is left to fail before the first frame. */
  readonly onBegin?: () => void;
  /** @param done frames that are measured. What it throws ends it. */
  readonly onFrame?: (done: number) => void;
}

/** One way of painting. */
interface Way {
  readonly name: string;
  paint(frame: Picture): Picture;
  restart(): void;
  dispose(): void;
}

/**
 * @throws {ConfigError} neither or both of `style` and `painted`. {CheckpointError} the style does not exist. {FileError} a video is not
 * there. {ImageError} it cannot be read, or the painted one is of another size. {FastStyleError} there are too few frames.
 */
export async function flickerOf(call: FlickerCall, hooks: FlickerHooks): Promise<FlickerReport> {
  const { video, style, painted, scale, start, frames } = call;
  if ((style === undefined) === (painted === undefined))
    throw new ConfigError(
      expected('either --style or --painted', style === undefined ? 'neither' : 'both', 'give one of them'),
    );
  const { ffmpegAbilities } = await import('../data/ffmpeg-abilities.ts');
  const { videoFrames } = await import('../data/video/open-video.ts');
  const options = { longSide: scale, start, frames, abilities: await ffmpegAbilities() };
  const film = videoFrames(video, options);
  const ways = style === undefined ? [] : await openWays(style, call);
  const other = painted === undefined ? undefined : videoFrames(painted, options);
  try {
    return await measure(call, hooks, film, ways, other);
  } finally {
    for (const way of ways) way.dispose();
    await film.return(undefined);
    await other?.return(undefined);
  }
}

async function measure(
  { video, style, painted }: FlickerCall,
  { onBegin, onFrame }: FlickerHooks,
  film: AsyncGenerator<Picture>,
  ways: readonly Way[],
  other: AsyncGenerator<Picture> | undefined,
): Promise<FlickerReport> {
  const { FlickerMeter } = await import('../quality/film-flicker.ts');
  const { exactFlicker } = await import('../quality/exact-motion.ts');
  const meter = new FlickerMeter();
  onBegin?.();
  let first: Picture | undefined;
  let count = 0;
  const exact = new Map<string, readonly ExactFlicker[]>();
  for await (const frame of film) {
    if (first === undefined) {
      first = frame;
      for (const way of ways) exact.set(way.name, await exactFlicker(frame, way.paint, way.restart));
      for (const way of ways) way.restart();
    }
    const versions = [frame, ...ways.map((way) => way.paint(frame))];
    if (other !== undefined) {
      const { value } = (await other.next()) as { value: Picture | undefined };
      // The shorter film tells how far both go.
      if (value === undefined) break;
      if (value.width !== frame.width || value.height !== frame.height)
        throw new ImageError(
          expected(
            `frames of ${frame.width}×${frame.height} in ${painted}`,
            `${value.width}×${value.height}`,
            `give the painted version of ${video}`,
          ),
        );
      versions.push(value);
    }
    meter.add(frame, versions);
    onFrame?.(++count);
  }
  if (first === undefined || count < 2)
    throw new FastStyleError(expected(`at least 2 frames in ${video}`, count, 'choose another --start'));
  const names = ['film', ...ways.map(({ name }) => name), ...(painted === undefined ? [] : [painted])];
  const films = meter.results().map((found, i): MeasuredFilm => {
    const known = exact.get(names[i]!);
    return { name: names[i]!, ...found, ...(known === undefined ? {} : { exact: known }) };
  });
  const { width, height } = first;
  return { video, ...(style && { style }), width, height, frames: count, cuts: meter.cuts, films };
}

async function openWays(style: string, { steady, precision }: FlickerCall): Promise<readonly Way[]> {
  const { openStyle } = await import('../infer/open-style.ts');
  const { requireWhole } = await import('../infer/choose-plan.ts');
  const { checkpoint } = await openStyle(style);
  const { choosePrecision } = await import('../engine/precision.ts');
  const { openSyncFilmPainter } = await import('../video/steady/open-film-painter.ts');
  const chosen = await choosePrecision(precision);
  return steady.map((name): Way => {
    const painter = openSyncFilmPainter(checkpoint, name, undefined, { precision: chosen });
    const fresh = painter.memory();
    let fits = 0;
    return {
      name,
      paint: (frame) => {
        if (fits !== frame.width * frame.height) requireWhole(checkpoint, frame, 'choose a smaller --scale');
        fits = frame.width * frame.height;
        return painter.paint(frame, 0);
      },
      restart: () => {
        if (fresh !== undefined) painter.recall(fresh);
      },
      dispose: () => painter.dispose(),
    };
  });
}
