import type { NamedParity } from '../compare/figures.ts';
import type { SizeSummary } from '../compare/parity-report.ts';
import type { COMPARE_SETTINGS } from '../judge/compare-call.ts';
import type { ComparisonProgress } from '../judge/compare-style.ts';
import type { ReportFiles } from '../judge/comparison-report.ts';
import type { SettingValues } from '../system/settings.ts';
import type { PhotoSourceInput } from './options.ts';

/** Options of `fast-style compare` by their names in camelCase. */
export interface CompareOptions extends Partial<SettingValues<typeof COMPARE_SETTINGS>> {
  /** As `Stylizer.load` takes it. */
  readonly style: string;
  /** A folder of photos. */
  readonly photos: string;
  /** The painting that the style was trained on. */
  readonly painting: PhotoSourceInput;
  /** Folder for report.md, report.json and sheet.jpg; without it the answer alone has what they say. */
  readonly out?: string;
  /** Name or file of the loss network to judge with. The style's own where it is stored, unless given. */
  readonly lossNetwork?: string;
}

export interface CompareCallbacks {
  /** Called after each iteration. */
  readonly onProgress?: (progress: ComparisonProgress) => void;
  /** Takes a line on what judges, or cannot be read, as the command line says it. */
  readonly onNote?: (note: string) => void;
  /** Ends it after the current iteration; `out` has the photos that were finished. */
  readonly signal?: AbortSignal;
}

/** All photos at one size against one optimiser: means and medians, and each photo with its pictures. */
export interface ComparedSize extends SizeSummary {
  readonly each: readonly NamedParity[];
}

/** What report.json says, with the pictures. */
export interface Comparison {
  readonly style: string;
  /** What objective and times belong to, one line each. */
  readonly conditions: readonly string[];
  /** Iterations that the optimisation is shown at, ascending. */
  readonly at: readonly number[];
  readonly sizes: readonly ComparedSize[];
  /** Where `out` was given. */
  readonly files?: ReportFiles;
}
