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
