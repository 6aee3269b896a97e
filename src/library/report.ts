import type { REPORT_SETTINGS, WrittenReport } from '../report/report-call.ts';
import type { SettingValues } from '../system/settings.ts';
import { checkOptions, givenOf } from './option-rows.ts';

/** Options of `fast-style report`. */
export interface ReportOptions extends Partial<SettingValues<typeof REPORT_SETTINGS>> {}

/**
 * Writes a training run's report again from its log and previews, as `fast-style report` does. `train` keeps its own up to date.
 *
 * @param run folder of the run. @returns the files. @throws {ConfigError} an unknown or invalid option. {FileError} the folder is none of a
 * run, or a file cannot be written.
 */
export async function report(run: string, options: ReportOptions = {}): Promise<WrittenReport> {
  const { REPORT_SETTINGS: settings } = await import('../report/report-call.ts');
  checkOptions(settings, options, 'report');
  const { valuesOf } = await import('../system/settings.ts');
  const { rewriteReport } = await import('../report/run-report.ts');
  return rewriteReport(run, valuesOf(settings, givenOf(options)));
}
