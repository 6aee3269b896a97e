import type { DecodeEnd } from '../data/video/complaints.ts';
import type { DecodeOptions, Seek } from '../data/video/decode-arguments.ts';
import { quotient } from '../data/video/facts.ts';
import { type DecodedFrame, type FrameSource, markOf } from '../data/video/frame-reader.ts';
import { openFrameSource } from '../data/video/open-video.ts';
import type { FilmPlan } from './film-plan.ts';

/** Which of a film's frames are wanted. */
export interface FrameRange {
  /** Frames of its beginning that are passed over. Defaults to 0. */
  readonly skip?: number;
  /** Which frames have their pixels, where not all do. Not with `skip`. */
  readonly looked?: DecodeOptions['looked'];
  /** Where to begin in its midst, in place of `skip`. */
  readonly seek?: Seek;
  /** Where the sound goes of what can be read once only. */
  readonly sound?: DecodeOptions['sound'];
}

/** Where a film is gone on with: what is known of the frames before. Times in ticks of the film's time base. */
export interface FilmPosition {
  /** How many there are. */
  readonly frames: number;
  /** When the first of them begins. */
  readonly origin: bigint;
  /** When the last of them begins, and when it gives way to the next. */
  readonly last: bigint;
  readonly end: bigint;
  /** A checksum of the last one as it was decoded. */
  readonly mark: number;
}

/** Opens the frames of a film. */
export function openFrames(
  { facts, input, abilities, decoding }: FilmPlan,
  range: FrameRange = {},
): FrameSource {
  return openFrameSource(input, facts, abilities, { ...decoding, ...range });
}

/**
 * Seconds before the first frame wanted at which a keyframe is looked for. Where a container has an index, the keyframe before is
 * found; elsewhere (MPEG-TS) decoding begins anywhere, and the next keyframe should come soon enough.
 */
const LEAD = 10;

/**
 * Opens the frames of a film that come after a position. After seeking, not all containers give times and pictures as a decoding
 * from the beginning does; so decoding begins at the last frame before, which has to be there at its time with its very pixels, and
 * the next has to follow at the time that was seen then. Otherwise all is decoded from the beginning.
 *
 * @param onRefusal called when seeking did not lead to the expected frame.
 */
export async function openRest(
  plan: FilmPlan,
  from: FilmPosition | undefined,
  onRefusal: () => void = () => {},
): Promise<FrameSource> {
  if (from === undefined) return openFrames(plan);
  const { frames: skip, mark, end } = from;
  const seek = seekBehind(plan, from);
  if (seek === undefined) return openFrames(plan, { skip });
  const source = openFrames(plan, { seek });
  const known = await source.next();
  const first = await source.next();
  const isKnown = known?.time === seek.first && markOf(known) === mark;
  if (isKnown && (first === undefined || first.time === end)) return behind(source, first);
  await source.close();
  onRefusal();
  return openFrames(plan, { skip });
}

/** Where to seek to; undefined where it cannot be done or gains nothing. */
function seekBehind(
  { input, rate, duration, timeBase }: FilmPlan,
  { origin, last }: FilmPosition,
): Seek | undefined {
  // Pictures in a row are passed over without being read.
  if (input.kind !== 'file') return undefined;
  // Where a part ends depends on its first frame's time before the rate was changed.
  if (rate !== undefined && duration !== undefined) return undefined;
  const seconds = Number(last) * quotient(timeBase) - LEAD;
  return seconds > LEAD ? { seconds, first: last, origin } : undefined;
}

/** Frames of which the last one that was read can be read once more: who paints a part of a film reads a frame more than it has. */
export class RereadSource implements FrameSource {
  readonly #source: FrameSource;
  #last: DecodedFrame | undefined;
  #isBack = false;

  /** @param source becomes its own. */
  constructor(source: FrameSource) {
    this.#source = source;
  }

  async next(): Promise<DecodedFrame | undefined> {
    if (!this.#isBack) this.#last = await this.#source.next();
    this.#isBack = false;
    return this.#last;
  }

  /** Has `next` answer once more what it has answered last. */
  back(): void {
    this.#isBack = true;
  }

  get waiting(): DecodedFrame | undefined {
    return this.#isBack ? this.#last : this.#source.waiting;
  }

  get end(): DecodeEnd {
    return this.#source.end;
  }

  close(): Promise<void> {
    this.#last = undefined;
    return this.#source.close();
  }
}

/** The rest of a source of which a frame has been taken. */
function behind(source: FrameSource, taken: DecodedFrame | undefined): FrameSource {
  let first = taken;
  return {
    next: async () => {
      const frame = first ?? (await source.next());
      first = undefined;
      return frame;
    },
    get waiting() {
      return first ?? source.waiting;
    },
    get end() {
      return source.end;
    },
    close: () => source.close(),
  };
}
