/** What `report` is asked for, by the command line or the library, and what it writes. Loads nothing heavy. */
import { switchSetting } from '../system/setting-kinds.ts';

export const REPORT_SETTINGS = {
  tensorboard: switchSetting({ default: false, describe: "Also write TensorBoard's event files again" }),
} as const;

/** Files that show a run. */
export interface WrittenReport {
  readonly report: string;
  /** Folder of TensorBoard's event files, where they were written. */
  readonly tensorboard?: string;
}
