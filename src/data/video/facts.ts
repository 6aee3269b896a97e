/** How a video's numbers stand for colours, in ffprobe's words; undefined where the file does not say. */
export interface VideoColour {
  readonly range?: string | undefined;
  readonly matrix?: string | undefined;
  readonly primaries?: string | undefined;
  readonly transfer?: string | undefined;
  readonly isRgb: boolean;
  readonly hasAlpha: boolean;
}

/** A stream that is not painted. */
export interface SideStream {
  readonly index: number;
  readonly kind: 'audio' | 'subtitle' | 'video' | 'data' | 'attachment';
  readonly codec: string;
  /** What to call the codec: where ffmpeg does not know it, as the container does. */
  readonly label: string;
  /** A picture that stands for the film. */
  readonly isCover: boolean;
  readonly language?: string | undefined;
}

/** What a video's file says of itself. Width and height are of a frame upright, in its own pixels. */
export interface VideoFacts {
  readonly name: string;
  /** ffmpeg's names of the container, with commas between. */
  readonly format: string;
  readonly codec: string;
  readonly pixelFormat: string;
  readonly width: number;
  readonly height: number;
  /** Width of a pixel by its height, upright. */
  readonly pixelAspect: Rational;
  /** How its frames are turned for display; they are decoded turned. */
  readonly orientation: Orientation;
  /** Of the frames' times. */
  readonly timeBase: Rational;
  /** Mean frames per second. */
  readonly rate: Rational;
  /** As the container has them, or undefined. */
  readonly frames: number | undefined;
  /** Of the whole file, seconds. */
  readonly seconds: number | undefined;
  /** Where the last frame ends, seconds after the file's beginning. */
  readonly end: number | undefined;
  readonly isInterlaced: boolean;
  readonly colour: VideoColour;
  /** The one decoder that sees its alpha, where ffmpeg would take another. */
  readonly alphaDecoder?: string | undefined;
  readonly others: readonly SideStream[];
  readonly chapters: number;
  /** Index of the video stream within the file. */
  readonly stream: number;
  /** What is odd about it, a line each. */
  readonly notes?: readonly string[];
}

/** A fraction as ffmpeg has them: rates, time bases, pixel aspects. */
export interface Rational {
  readonly num: number;
  readonly den: number;
}

/** `30000/1001` or `4:3`; undefined where it is no fraction of positive numbers. */
export function parseRational(text: string | undefined): Rational | undefined {
  const [, num = 0, den = 0] = (/^(\d+)[/:](\d+)$/.exec(text ?? '') ?? []).map(Number);
  return num > 0 && den > 0 ? { num, den } : undefined;
}

export const showRational = ({ num, den }: Rational): string => `${num}/${den}`;

export const quotient = ({ num, den }: Rational): number => num / den;

/** Ticks of a time base in nanoseconds, rounded to the nearest. */
export function toNanoseconds(ticks: bigint, { num, den }: Rational): bigint {
  const product = ticks * BigInt(num) * 2_000_000_000n;
  return (product / BigInt(den) + 1n) / 2n;
}

/** How frames are turned before they are shown, by the matrix of QuickTime's files (ISO/IEC 14496-12, §8.3.2) that ffprobe prints. */

/** Degrees clockwise, and whether frames are mirrored before they are turned. */
export interface Orientation {
  readonly degrees: number;
  readonly isMirrored: boolean;
}

export const UPRIGHT: Orientation = { degrees: 0, isMirrored: false };

/** Side data as ffprobe prints it. */
export interface SideData {
  readonly side_data_type?: string;
  readonly displaymatrix?: string;
  readonly rotation?: number;
}

/** What side data say; undefined where none is about it. */
export function orientationOf(sideData: readonly SideData[] | undefined): Orientation | undefined {
  const found = sideData?.find(({ displaymatrix, rotation }) => (displaymatrix ?? rotation) !== undefined);
  if (found === undefined) return undefined;
  const rows = (found.displaymatrix ?? '').trim().split('\n');
  const [[a = 0, b = 0] = [], [c = 0, d = 0] = []] = rows.map((row) =>
    row.replace(/^\w+:/, '').trim().split(/\s+/).map(Number),
  );
  const isMatrix = [a, b, c, d].every(Number.isFinite) && a * d !== b * c;
  if (!isMatrix) return turned(-(found.rotation ?? 0));
  const isMirrored = a * d < b * c;
  // A mirrored picture's left has become its right before it turned.
  return turned((Math.atan2(isMirrored ? -b : b, isMirrored ? -a : a) * 180) / Math.PI, isMirrored);
}

/** @param degrees clockwise, of any turn; what is no number is upright. */
export function turned(degrees: number, isMirrored = false): Orientation {
  const whole = Number.isFinite(degrees) ? Math.round(degrees) : 0;
  return { degrees: ((whole % 360) + 360) % 360, isMirrored };
}

/** Whether width and height change places. Of odd angles a frame keeps its size. */
export const swapsSides = ({ degrees }: Orientation): boolean => degrees === 90 || degrees === 270;

/** Filters that put frames upright. */
export function uprightFilters({ degrees, isMirrored }: Orientation): readonly string[] {
  const mirror = isMirrored ? ['hflip'] : [];
  if (degrees === 0) return mirror;
  if (degrees === 90) return [...mirror, 'transpose=clock'];
  if (degrees === 180) return [...mirror, 'hflip', 'vflip'];
  if (degrees === 270) return [...mirror, 'transpose=cclock'];
  return [...mirror, `rotate=${degrees}*PI/180`];
}
