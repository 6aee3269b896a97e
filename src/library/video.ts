import { requireObject } from './option-rows.ts';
import type { PaintedVideo, VideoCallbacks, VideoOptions } from './video-options.ts';

/**
 * Paints a video frame by frame, as `fast-style video` does: same checks, same files, same frames. It needs ffmpeg. A frame is a
 * native call that blocks the event loop for as long as it takes. A film that was stopped, or whose process was killed, continues
 * when the same call is made again.
 *
 * @returns nothing for a preview alone.
 * @throws {ConfigError} an unknown or invalid option. {CheckpointError} the style does not exist.
 * {ImageError} the video or the mask cannot be read. {FileError} a file is not there, cannot be written, or is not to be replaced.
 * {VideoCutError} the video ends early; what there is has been painted. {RuntimeSetupError} TensorFlow is not set up.
 * {InterruptedError} the signal was aborted; its reason is the cause. Before the first frame, the signal's reason itself.
 */
export function video(
  options: VideoOptions & { readonly out: string },
  callbacks?: VideoCallbacks,
): Promise<PaintedVideo>;
export function video(
  options: VideoOptions & { readonly preview: string; readonly out?: never },
  callbacks?: VideoCallbacks,
): Promise<undefined>;
export async function video(
  options: VideoOptions,
  callbacks: VideoCallbacks = {},
): Promise<PaintedVideo | undefined> {
  requireObject(options);
  // Only now: importing the library loads nothing of films.
  const { filmByOptions } = await import('./filming.ts');
  return filmByOptions(options, callbacks);
}
