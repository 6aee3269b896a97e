/** Whether an ffmpeg is too old for films. */

/** libavutil's number in 4.4, which has all that films are written with: builds of the day have no other. */
const OLDEST = { name: '4.4', major: 56, minor: 70 } as const;

/**
 * What to say of an ffmpeg that is too old, or undefined.
 *
 * @param told by `ffmpeg -version`.
 */
export function oldFfmpeg(told: string): string | undefined {
  const [, major, minor] = (/libavutil\s+(\d+)\.\s*(\d+)/.exec(told) ?? []).map(Number);
  if (major === undefined || minor === undefined) return undefined;
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return undefined;
  const version = /^ffmpeg version (\S+)/.exec(told)?.[1] ?? `with libavutil ${major}.${minor}`;
  return `ffmpeg ${version} is too old for films, which need ${OLDEST.name} or newer`;
}
