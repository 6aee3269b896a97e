/** What `video` takes and gives. Nothing here reaches TensorFlow's types, with which no strict compiler is content. */
import type { PictureSize } from '../picture.ts';
import type { PhotoSourceInput, StylizeOptions } from './options.ts';

/**
 * A video: a file's path, pictures in a row as `in/%04d.png` or `in/*.png`, an address, a URL; or the bytes of a video, as a
 * Blob or a stream, too. What comes as bytes can be read once only: a film of it that is stopped ends there.
 */
export type VideoSourceInput = string | URL | Uint8Array | ArrayBuffer | Blob | AsyncIterable<Uint8Array>;

/** Options of `fast-style video` by their names in camelCase; docs/video.md says what each does. */
export interface VideoOptions extends Pick<StylizeOptions, 'stroke' | 'amount' | 'colors' | 'invertMask'> {
  readonly video: VideoSourceInput;
  /** Name of a style or a .safetensors file; of several in one file, file:style. For a preview alone several. */
  readonly style?: string | readonly string[];
  /** Mix styles of one architecture, as `wave:0.7,scream:0.3`; over time as `wave@0s,scream@10s`. */
  readonly blend?: string;
  /** The film: .mp4, .mov, .mkv, .webm, .gif, or pictures as `out/%05d.png`. */
  readonly out?: string;
  /** A picture on which to show some frames first. */
  readonly preview?: string;
  /** Where to paint: white is painted, black stays. Stretched over the frames. */
  readonly mask?: PhotoSourceInput;
  /** Against flicker. Defaults to `strong`. */
  readonly steady?: 'off' | 'light' | 'strong';
  readonly codec?: 'h264' | 'hevc' | 'vp9' | 'av1' | 'prores';
  /** Quality in the codec's own scale; lower is better and larger. */
  readonly crf?: number;
  /** Time that the encoder takes for small files. Defaults to `veryfast`. */
  readonly preset?:
    | 'ultrafast'
    | 'superfast'
    | 'veryfast'
    | 'faster'
    | 'fast'
    | 'medium'
    | 'slow'
    | 'slower'
    | 'veryslow';
  /** Size to paint and write: 0.5, `640x`, `x360` or `1280x720`. */
  readonly scale?: number | string;
  /** Frames per second; of pictures in a row, their rate. */
  readonly fps?: number | string;
  /** Where to begin, and how much to paint: seconds, or as `1:30`. */
  readonly start?: number | string;
  readonly duration?: number | string;
  /** Copy the sound. Defaults to true. */
  readonly audio?: boolean;
  /** ffmpeg's name of a device or format to read, as `v4l2`. */
  readonly inputFormat?: string;
  /** Defaults to `auto`, which measures once what this machine is fast in. */
  readonly precision?: 'auto' | 'f32' | 'bf16';
  /** Replace existing files. */
  readonly overwrite?: boolean;
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
