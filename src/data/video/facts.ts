import type { Orientation } from './orientation.ts';
import type { Rational } from './rational.ts';

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
