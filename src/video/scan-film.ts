/** A film looked through before it is painted: where it can be taken apart so that each part is painted as in the whole. */
import type { DecodeEnd } from '../data/video/complaints.ts';
import { type DecodedFrame, markOf } from '../data/video/frame-reader.ts';
import type { Picture } from '../picture.ts';
import { FileError } from '../system/errors.ts';
import type { FilmPlan } from './film-plan.ts';
import { type FilmPosition, openFrames } from './film-source.ts';
import { type FrameInOrder, nextTimed } from './paint-film.ts';
import { beginsScene } from './steady/steady-film.ts';

/** Segments of a film that follow one another, and where painting has to begin for them. */
export interface FilmStretch {
  /** Number of the first segment, and how many there are. */
  readonly first: number;
  readonly segments: number;
  readonly frames: number;
  /** Where decoding begins; undefined at the film's beginning. */
  readonly from: FilmPosition | undefined;
  /** Frames from there up to the first segment. */
  readonly lead: number;
  /** How decoding has ended; of the last stretch. */
  readonly decoded?: DecodeEnd;
}

/** Segments of a stretch at least, where frames are painted each by itself or depend on those before. */
const [LEAST_APART, LEAST_STEADY] = [4, 2];
/** Frames of a lead, at most: a share of a segment, so one for every sixteen of a stretch. */
const MOST_LEAD = 1 / 8;

/**
 * Takes a film apart into stretches of whole segments. Where frames depend on those before, a stretch has a lead, from the last frame with
 * which a scene begins: there the painter starts afresh, so it paints from there on what it paints in the whole film. A film without cuts is
 * one stretch.
 *
 * Only frames at which a stretch or its lead may begin are looked at; of the others, ffmpeg but decodes that they are there, and when.
 *
 * Cuts are looked for where a frame differs much more from the one before than frames do around it; one that is missed makes a stretch or a lead
 * longer, no more.
 *
 * @param isSteady whether a painted frame depends on those before. @throws the signal's reason. {ImageError} the film cannot be read.
 * {FileError} it changes meanwhile.
 * @yields stretches as soon as they are known; none of a film without frames, whose `DecodeEnd` is returned.
 */
export async function* scanFilm(
  plan: FilmPlan,
  isSteady: boolean,
  signal: AbortSignal,
): AsyncGenerator<FilmStretch, DecodeEnd, void> {
  const { segment, usual, abilities } = plan;
  const least = segment * (isSteady ? LEAST_STEADY : LEAST_APART);
  const mostLead = isSteady ? Math.floor(segment * MOST_LEAD) : 0;
  // Besides those of a lead, the one before them.
  const looked = { every: isSteady ? segment : least, last: mostLead + 1 };
  let source = openFrames(plan, abilities.notesFrames ? { looked } : {});
  const cuts = new CutFinder(plan);
  try {
    let frame = await nextTimed(source, undefined, usual);
    const origin = frame?.time ?? 0n;
    let before: FrameInOrder | undefined;
    /** Where painting may begin, for the segment that begins next. */
    let from: FilmPosition | undefined;
    let stretch: Pick<FilmStretch, 'first' | 'from' | 'lead'> = { first: 0, from: undefined, lead: 0 };
    let frames = 0;
    while (frame !== undefined) {
      signal.throwIfAborted();
      if (before !== undefined) {
        const { time: last } = before;
        const { time: end } = frame;
        const here = (one: DecodedFrame) => ({ frames, origin, last, end, mark: markOf(one) });
        if (isSteady && frame.pixels.length > 0 && before.pixels.length > 0 && cuts.isAt(frame, before))
          from = here(before);
        const done = frames - stretch.first * segment;
        if (frames % segment === 0 && done >= least) {
          if (!isSteady && before.pixels.length === 0) {
            // Where frames have changed their size or format, ffmpeg counts anew: from here on all are looked at.
            await source.close();
            source = openFrames(plan, { skip: frames - 1 });
            const again = await source.next();
            frame = await nextTimed(source, last + 1n, usual);
            if (again === undefined || frame?.time !== end)
              throw new FileError(`${plan.input.name} has changed meanwhile; run it again when it is whole.`);
            before = { ...again, time: last };
          }
          const start = isSteady ? from : here(before);
          const lead = frames - (start?.frames ?? 0);
          if (lead <= mostLead) {
            yield { ...stretch, segments: done / segment, frames: done };
            stretch = { first: frames / segment, from: start, lead };
          }
        }
      }
      frames++;
      before = frame;
      frame = await nextTimed(source, frame.time + 1n, usual);
    }
    const rest = frames - stretch.first * segment;
    if (rest > 0)
      yield { ...stretch, segments: Math.ceil(rest / segment), frames: rest, decoded: source.end };
    return source.end;
  } finally {
    await source.close();
  }
}

/** Places at which frames are compared, at most. */
const PLACES = 4096;
/** Of a cut, at least: root mean square of the differences in grey levels, and how much more that is than around it. */
const [LEAST_DIFFERENCE, MORE] = [8, 2];

/** Finds most cuts at little cost: motion is looked for only between frames that hardly resemble each other. */
class CutFinder {
  readonly #width: number;
  readonly #height: number;
  readonly #step: number;
  /** Mean of the differences, of the last few frames above all. */
  #usual = 0;

  constructor({ width, height }: FilmPlan) {
    this.#width = width;
    this.#height = height;
    this.#step = Math.max(1, Math.round((width * height) / PLACES));
  }

  isAt({ pixels }: FrameInOrder, { pixels: before }: FrameInOrder): boolean {
    const difference = this.#difference(pixels, before);
    const isOdd = difference > LEAST_DIFFERENCE && difference > MORE * this.#usual;
    this.#usual += (difference - this.#usual) / 8;
    return isOdd && beginsScene(this.#picture(pixels), this.#picture(before));
  }

  /** Root mean square over some places, of their greens. */
  #difference(now: Uint8Array, then: Uint8Array): number {
    let [squares, count] = [0, 0];
    for (let at = 1; at < now.length; at += 3 * this.#step) {
      squares += (now[at]! - then[at]!) ** 2;
      count++;
    }
    return Math.sqrt(squares / count);
  }

  #picture(pixels: Uint8Array): Picture {
    return { pixels, width: this.#width, height: this.#height };
  }
}
