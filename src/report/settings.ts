/** What `report` is asked for, as rows of settings. Loads nothing heavy. */
import { switchSetting } from '../system/settings.ts';

export const REPORT_SETTINGS = {
  tensorboard: switchSetting({ default: false, describe: "Also write TensorBoard's event files again" }),
} as const;
