/** What the studio's server has done by a process of its own, as both sides know it. Loads nothing. */
import type { CalibrateOptions, TrainOptions } from '../index.ts';
import type { JobProgress, StudioFile, StudioLook } from './protocol.ts';

/** A style's file and its weight. */
interface EnginePart {
  readonly file: string;
  readonly weight: number;
}

/** A look whose mask is a file. */
export type EngineLook = StudioLook;

export type EngineTask =
  | {
      readonly kind: 'paint';
      readonly photo: string;
      readonly parts: readonly EnginePart[];
      readonly look: EngineLook;
      readonly file: StudioFile;
      /** File to write. */
      readonly out: string;
    }
  | {
      readonly kind: 'film';
      readonly film: string;
      readonly parts: readonly EnginePart[];
      readonly look: EngineLook;
      readonly steady: 'off' | 'light' | 'strong';
      readonly out: string;
    }
  | { readonly kind: 'train'; readonly options: TrainOptions }
  | {
      readonly kind: 'strengths';
      readonly options: CalibrateOptions;
      /** A picture is written for each cell: names in the order of `options.strengths`. */
      readonly out: readonly string[];
    };

/** What the server sends: something to do, or that it is not wanted any more. */
export type EngineRequest =
  | { readonly id: number; readonly task: EngineTask }
  | { readonly id: number; readonly abort: true };

/** What comes back. */
export type EngineReply =
  | { readonly id: number; readonly progress: JobProgress }
  | { readonly id: number; readonly note: string }
  | { readonly id: number; readonly done: true }
  | { readonly id: number; readonly failed: EngineFailure };

export interface EngineFailure {
  readonly message: string;
  /** A user can fix it; anything else is a bug. */
  readonly isUserError: boolean;
  /** It was asked to end, and ended with everything saved. */
  readonly isStopped: boolean;
}
