/** A film through our own pipeline, with a given network: what `fast-style video --steady off` does with it. */
import { join } from 'node:path';
import { ffmpegAbilities } from '../../src/data/ffmpeg-abilities.ts';
import { openVideo } from '../../src/data/video/open-video.ts';
import { videoOutput } from '../../src/data/video/output.ts';
import type { StyleNetwork } from '../../src/infer/style-network.ts';
import { type FilmPlan, planFilm } from '../../src/video/film-plan.ts';
import { FramePainter } from '../../src/video/frame-painter.ts';
import { makeFilm } from '../../src/video/make-film.ts';

/** The cheapest preset that people use: the painting is what is measured. */
const PRESET = 'veryfast';

/** @param clip a video without sound. @returns how it is painted into an MP4 in the folder. */
export async function planOf(clip: string, folder: string): Promise<FilmPlan> {
  const { input, facts } = await openVideo(clip, {});
  const { width, height } = facts;
  const output = videoOutput(join(folder, 'painted.mp4'), undefined);
  const request = { input, facts, output, width, height, preset: PRESET, audio: false } as const;
  return planFilm(request, await ffmpegAbilities());
}

export interface PaintedFilm {
  /** Milliseconds from the beginning to the finished file. */
  readonly whole: number;
  /** Milliseconds from the first painted frame to the last. */
  readonly between: number;
}

/** Paints a film. @param stylizer has painted this size before. */
export async function paintFilmOnce(plan: FilmPlan, stylizer: StyleNetwork): Promise<PaintedFilm> {
  const began = performance.now();
  const times: number[] = [];
  await makeFilm(plan, {
    ...{ key: {}, overwrite: true, signal: new AbortController().signal },
    // The stylizer stays the caller's.
    painter: async () => Object.assign(new FramePainter(stylizer), { dispose: () => {} }),
    onBegin: () => {},
    onFrame: () => times.push(performance.now()),
  });
  return { whole: performance.now() - began, between: times.at(-1)! - times[0]! };
}

/** Milliseconds of passes over one picture of a size, from pixels to pixels, after two that compile and allocate. */
export function barePasses(stylizer: StyleNetwork, width: number, height: number, passes: number): number[] {
  const pixels = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 2654435761) >>> 24);
  const times: number[] = [];
  for (let i = -2; i < passes; i++) {
    const started = performance.now();
    stylizer.stylize({ pixels, width, height });
    if (i >= 0) times.push(performance.now() - started);
  }
  return times;
}
