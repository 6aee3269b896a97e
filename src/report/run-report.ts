import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../system/atomic-file.ts';
import { expected, FileError } from '../system/errors.ts';
import type { SettingValues } from '../system/settings.ts';
import { LOG, REPORT } from '../train/run/run-folder.ts';
import type { RunNews } from '../train/run/run-news.ts';
import { PreviewPictures } from './preview-pictures.ts';
import type { REPORT_SETTINGS, WrittenReport } from './report-call.ts';
import { gatherReport, type LiveFigures } from './report-data.ts';
import { REFRESH_SECONDS, reportPage } from './report-page.ts';

/** Share of the time that writing reports may take. */
const SHARE = 0.01;
/** Where steps are slow, the count of them goes on between the lines of the log. */
const UPDATE_MS = 60_000;

/** Writes a run's report from what its folder holds. Answers its path. @throws {FileError} it cannot be written. */
export async function writeReport(
  folder: string,
  pictures = new PreviewPictures(),
  live?: LiveFigures,
): Promise<string> {
  const path = join(folder, REPORT);
  const page = reportPage(await gatherReport(folder, pictures, live), live !== undefined);
  await writeFileAtomically(path, page, { overwrite: true });
  return path;
}

/**
 * Writes a run's report again from its log and previews, and with `tensorboard` its event files.
 *
 * @throws {FileError} the folder is none of a run, or a file cannot be written.
 */
export async function rewriteReport(
  run: string,
  { tensorboard }: SettingValues<typeof REPORT_SETTINGS>,
): Promise<WrittenReport> {
  if (!(await stat(join(run, LOG)).catch(() => undefined))?.isFile())
    throw new FileError(expected(`a training run's folder with its ${LOG}`, run));
  const report = await writeReport(run);
  if (!tensorboard) return { report };
  const { rewriteTensorBoard } = await import('./tensorboard.ts');
  return { report, tensorboard: await rewriteTensorBoard(run) };
}

export interface RunReportOptions {
  readonly folder: string;
  /** Called once if the report cannot be written; the run continues. */
  readonly say: (line: string) => void;
  /** Least seconds between two writings. Defaults to those between two looks. */
  readonly everySeconds?: number;
}

/** Keeps a run's report up to date while it runs. */
export class RunReport {
  readonly #folder: string;
  readonly #say: (line: string) => void;
  readonly #every: number;
  readonly #pictures = new PreviewPictures();
  #isBehind = true;
  #written = Number.NEGATIVE_INFINITY;
  #cost = 0;
  #hasFailed = false;

  constructor({ folder, say, everySeconds = REFRESH_SECONDS }: RunReportOptions) {
    this.#folder = folder;
    this.#say = say;
    this.#every = everySeconds * 1000;
  }

  /** Takes all news of the run: `RunWatcher`. Never fails. */
  async watch(news: RunNews): Promise<void> {
    if (news.event !== 'step' && news.event !== 'saved') this.#isBehind = true;
    const isTurn = news.event === 'ended' || news.event === 'resumed';
    const pause = Math.max(this.#isBehind ? this.#every : UPDATE_MS, this.#cost / SHARE);
    if (isTurn || performance.now() - this.#written >= pause) await this.write(news.step);
  }

  /** Writes it now. Never fails. @param step steps done. */
  async write(step: number): Promise<void> {
    const started = performance.now();
    const live = { step, memory: process.memoryUsage.rss() };
    try {
      await writeReport(this.#folder, this.#pictures, live);
    } catch (error) {
      if (!this.#hasFailed)
        this.#say(`The report cannot be written; training continues without it. ${(error as Error).message}`);
      this.#hasFailed = true;
    }
    this.#isBehind = false;
    this.#written = performance.now();
    this.#cost = this.#written - started;
  }
}
