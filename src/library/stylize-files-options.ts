import type { STYLIZE_SETTINGS } from '../paint/stylize-settings.ts';
import type { GivenSettings } from '../system/settings.ts';
import type { PhotoSourceInput } from './options.ts';

type Stylizing = GivenSettings<typeof STYLIZE_SETTINGS>;

/** What painting photos into files takes, however the photos are found; options of `fast-style stylize` by their names in camelCase. */
export interface IntoFilesOptions
  extends Omit<Stylizing, 'photo' | 'out' | 'mask' | 'painting' | 'skipExisting' | 'sheet' | 'watch'> {
  /** A folder; of a single painting also the file to write. */
  readonly out: string;
  /** Where to paint: white is painted, black stays the photo. Stretched over each photo. */
  readonly mask?: PhotoSourceInput;
  /** The painting of the style, for `refine`: the style's file holds a thumbnail only. */
  readonly painting?: PhotoSourceInput;
}

export interface StylizeFilesOptions extends IntoFilesOptions, Pick<Stylizing, 'skipExisting' | 'sheet'> {
  /** Files, folders (with the folders in them) and patterns such as `in/**\/*.jpg`. */
  readonly photo: string | readonly string[];
}

export interface WatchFolderOptions extends IntoFilesOptions {
  /** The folder that photos come into. */
  readonly watch: string;
}

/** What has become of one photo in one style. */
export interface StylizedFile {
  readonly photo: string;
  /** Name of the style, as it is in the file's name. */
  readonly style: string;
  readonly file: string;
  /** Why it was not painted. What follows is then 0. */
  readonly error?: unknown;
  readonly width: number;
  readonly height: number;
  /** From the start of painting to the file in its place. */
  readonly seconds: number;
}

/** All photos of a call. */
export interface StylizedFiles {
  /** One for each photo and style, in the order of the photos; without those that were kept. */
  readonly files: readonly StylizedFile[];
  /** Files that existed and were kept. */
  readonly skipped: number;
  /** Folders that could not be read; `onNote` has had their names. */
  readonly unread: number;
}

export interface StylizeFilesCallbacks {
  /** Called before the first painting and after each. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Called with each painting, once its file is in its place, and each failure. */
  readonly onPainted?: (painted: StylizedFile) => void;
  /** Takes a line on what is not kept of a photo, or what is amiss, as the command line says it. */
  readonly onNote?: (note: string) => void;
  /** Stops after the current photo, or between the bands or frames of a large one. */
  readonly signal?: AbortSignal;
}

export interface WatchFolderCallbacks extends Omit<StylizeFilesCallbacks, 'onProgress'> {
  /** Ends it. */
  readonly signal: AbortSignal;
}
