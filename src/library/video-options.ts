/** What `video` takes and gives. Nothing here reaches TensorFlow's types, with which no strict compiler is content. */
import type { PictureSize } from '../picture.ts';
import type { GivenSettings } from '../system/settings.ts';
import type { VIDEO_SETTINGS } from '../video/run/call.ts';
import type { PhotoSourceInput } from './options.ts';

/**
 * A video: a file's path, pictures in a row as `in/%04d.png` or `in/*.png`, an address, a URL; or the bytes of a video, as a
 * Blob or a stream, too. What comes as bytes can be read once only: a film of it that is stopped ends there.
 */
export type VideoSourceInput = string | URL | Uint8Array | ArrayBuffer | Blob | AsyncIterable<Uint8Array>;

/** Options of `fast-style video` by their names in camelCase; docs/video.md says what each does. */
export interface VideoOptions
  extends Omit<GivenSettings<typeof VIDEO_SETTINGS>, 'video' | 'mask' | 'format'> {
  readonly video: VideoSourceInput;
  /** Where to paint: white is painted, black stays. Stretched over the frames. */
  readonly mask?: PhotoSourceInput;
}

/** State of a film after a frame. */
export interface VideoProgress {
  /** Frames painted, those of an earlier call included. */
  readonly frames: number;
  /** Frames in all, if they are known. */
  readonly total?: number;
}

export interface VideoCallbacks {
  /** Called after each frame. */
  readonly onProgress?: (progress: VideoProgress) => void;
  /** Takes a line on what is not as in the source, or what is amiss, as the command line says it. */
  readonly onNote?: (note: string) => void;
  /** Ends it after the current frame; the same call continues. */
  readonly signal?: AbortSignal;
}

/** A film that is through. */
export interface PaintedVideo extends PictureSize {
  readonly file: string;
  readonly frames: number;
  /** That painting took. */
  readonly seconds: number;
}
