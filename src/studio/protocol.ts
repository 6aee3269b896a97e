/** What the page and the server say to each other, as JSON. The page's scripts read these types, too, so nothing is imported here. */

/** A file that was dropped: what is painted, trained on, or says where to paint. */
export interface StudioItem {
  readonly id: string;
  readonly kind: ItemKind;
  /** The file's own name. */
  readonly name: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly added: number;
  /** Size of a picture, upright, in px. */
  readonly width?: number;
  readonly height?: number;
}

/** `frame` is one picture of a film, called after its id: styles are tried on it. */
export type ItemKind = 'photo' | 'film' | 'frame' | 'painting' | 'mask';

/** A style that can be painted with. */
export interface StudioStyle {
  readonly name: string;
  /** Kept from a training of this studio. */
  readonly isOwn: boolean;
}

/** One style of a mixture: weights are divided by their sum. */
export interface StylePart {
  readonly style: string;
  readonly weight: number;
}

/** How styles are to look, as `fast-style stylize` has it. */
export interface StudioLook {
  readonly amount: number;
  readonly stroke: number;
  readonly colors: 'style' | 'photo' | 'histogram';
  /** Id of the picture that says where to paint. */
  readonly mask?: string;
  readonly invertMask?: boolean;
}

/** How a painted photo is written. */
export interface StudioFile {
  readonly format: 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif';
  readonly quality?: number;
  /** Leave out EXIF, IPTC and XMP. */
  readonly strip: boolean;
}

/** One photo at full size. */
export interface PhotoJobRequest {
  readonly kind: 'photo';
  readonly item: string;
  readonly parts: readonly StylePart[];
  readonly look: StudioLook;
  readonly file: StudioFile;
}

/** One photo at full size in each style. */
export interface StylesJobRequest {
  readonly kind: 'styles';
  readonly item: string;
  readonly styles: readonly string[];
  readonly look: StudioLook;
  readonly file: StudioFile;
}

export interface FilmJobRequest {
  readonly kind: 'film';
  readonly item: string;
  readonly parts: readonly StylePart[];
  readonly look: StudioLook;
  readonly steady: 'off' | 'light' | 'strong';
  readonly extension: 'mp4' | 'webm' | 'gif';
}

export interface TrainJobRequest {
  readonly kind: 'train';
  readonly item: string;
  readonly name: string;
  readonly quality: 'preview' | 'good' | 'best';
  /** 1 to 10. */
  readonly strength: number;
  /** In place of the quality's own. */
  readonly steps?: number;
  /** Photos to paint on the way. */
  readonly previews: readonly string[];
}

/** Short trainings of a painting, one for each strength: which is the one? Its results are `strength-<n>.jpg`. */
export interface StrengthsJobRequest {
  readonly kind: 'strengths';
  readonly item: string;
  /** Of each training, in place of the usual. */
  readonly steps?: number;
}

export type JobRequest =
  | PhotoJobRequest
  | StylesJobRequest
  | FilmJobRequest
  | TrainJobRequest
  | StrengthsJobRequest;

export type JobState = 'waiting' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled';

/** What is asked of a job that is running: it ends as soon as it can. */
export type JobWish = 'cancel' | 'pause';

export interface JobProgress {
  readonly done: number;
  /** Unknown of some films. */
  readonly total?: number;
  /** Weighted sum of the losses of a training, a mean over the last steps. */
  readonly loss?: number;
}

export interface StudioJob {
  readonly id: string;
  readonly request: JobRequest;
  readonly title: string;
  readonly state: JobState;
  readonly wish?: JobWish;
  readonly progress?: JobProgress;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly started?: number;
  readonly ended?: number;
  /** One line: why it failed. */
  readonly error?: string;
  /** Lines on what is not as one might expect. */
  readonly notes: readonly string[];
  /** Names of the files that it has made. */
  readonly results: readonly string[];
  /** Of a training: its report is there, and the name under which its style was kept. */
  readonly hasReport?: boolean;
  readonly kept?: string;
}

/** What the page shows first. */
export interface StudioState {
  readonly items: readonly StudioItem[];
  readonly styles: readonly StudioStyle[];
  readonly jobs: readonly StudioJob[];
  /** What the page has stored: what is chosen in it. */
  readonly choices: unknown;
  /** There is a photo of ours to begin with. */
  readonly hasSample: boolean;
}

/** News of the server, in the order in which things happened. */
export type StudioNews =
  | { readonly event: 'item'; readonly item: StudioItem }
  | { readonly event: 'item-removed'; readonly id: string }
  | { readonly event: 'job'; readonly job: StudioJob }
  | { readonly event: 'job-removed'; readonly id: string }
  | { readonly event: 'styles'; readonly styles: readonly StudioStyle[] };
