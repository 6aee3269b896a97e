/** What `stylize` says of its photos: a line for each painting, a bar with the time left, failures at the end. */

import type { FileOutcome } from '../../paint/paint-files.ts';
import { DamagedImageError, FastStyleError } from '../../system/errors.ts';
import { printableLine } from '../../system/printable.ts';
import { printJson } from '../shared/json-lines.ts';
import { type ProgressBar, progressBar } from '../shared/progress-bar.ts';
import { say, tell } from '../shared/say.ts';

/** Some photos could not be painted; the others are. */
export class PhotosFailedError extends FastStyleError {
  override readonly hasLines = true;
}

export interface PaintedReportOptions {
  readonly json: boolean;
  /** Failures are also reported as they occur, since the end may be far. */
  readonly atOnce: boolean;
}

const MEGA = 1e6;

export class StylizeReport {
  readonly #options: PaintedReportOptions;
  readonly #failures: { readonly photo: string; readonly error: unknown }[] = [];
  #bar: ProgressBar | undefined;
  #done = 0;
  #painted = 0;

  constructor(options: PaintedReportOptions) {
    this.#options = options;
  }

  get painted(): number {
    return this.#painted;
  }

  /** @param pixels to paint in all. */
  begin(pixels: number): void {
    if (this.#bar === undefined) {
      const show = (value: number) => `${(value / MEGA).toFixed(1)} MP`;
      this.#bar = progressBar({ label: 'Painting', total: pixels, show, isSilent: this.#options.json });
    } else this.#bar.setTotal(this.#done + pixels);
  }

  /** @param pixels of the current photo that are done. */
  progress(pixels: number, note: string): void {
    this.#bar?.update(this.#done + pixels, note);
  }

  /** @param pixels that this photo was counted with. */
  add(outcome: FileOutcome, pixels: number): void {
    const { json, atOnce } = this.#options;
    const { photo, target, styleName: style, width, height, seconds } = outcome;
    const error = withRemedy(outcome.error);
    this.#done += pixels;
    if (error === undefined) this.#painted++;
    else this.#failures.push({ photo, error });
    if (error !== undefined && atOnce && !json) this.say(lineOf(photo, error));
    const failures = this.#failures.length > 0 ? `, ${this.#failures.length} failed` : '';
    this.#bar?.update(this.#done, `${photo}${failures}`);
    if (json) {
      const about = { photo, style, out: target.path };
      if (error === undefined) printJson({ event: 'painted', ...about, width, height, seconds });
      else printJson({ event: 'failed', ...about, message: messageOf(error) });
    } else if (error === undefined && target.path !== '-') {
      // The bar is in the line that a terminal would write this into.
      if (this.#bar !== undefined && process.stderr.isTTY) process.stderr.write('\r\x1b[K');
      tell(`${printableLine(target.path)} (${width}×${height}, ${seconds.toFixed(1)} s)`);
    }
  }

  say(line: string): void {
    if (this.#bar === undefined) say(line);
    else this.#bar.say(line);
  }

  stop(): void {
    this.#bar?.stop();
  }

  /**
   * Tells the failures.
   *
   * @param all how many pictures were to be painted. @param unread how many folders could not be read; their names have been reported.
   * @throws {PhotosFailedError} some failed, or a folder could not be read. The error itself where there was but one picture, or where it is a bug.
   */
  finish(all: number, unread = 0): void {
    const first = this.#failures[0];
    const closed = unread === 0 ? [] : [unreadLine(unread)];
    if (first === undefined) {
      if (closed.length > 0) throw new PhotosFailedError(closed[0]!);
      return;
    }
    const bug = this.#failures.find(({ error }) => !(error instanceof FastStyleError));
    if (bug !== undefined) throw bug.error;
    if (all === 1 && unread === 0) throw first.error;
    const lines = this.#failures.map(({ photo, error }) => lineOf(photo, error));
    const count = `${this.#failures.length} of ${all} pictures could not be painted`;
    const summary =
      lines.length === 1
        ? `${count}: ${lines[0]}`
        : `${count}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
    throw new PhotosFailedError([summary, ...closed].join('\n'), { cause: first.error });
  }
}

function withRemedy(error: unknown): unknown {
  if (!(error instanceof DamagedImageError)) return error;
  const fault = error.message.replace(/\.$/, '');
  return new DamagedImageError(`${fault}; --damaged accept paints what can be read of it.`, { cause: error });
}

function unreadLine(count: number): string {
  const [folders, them] = count === 1 ? ['A folder', 'it'] : [`${count} folders`, 'them'];
  return `${folders} could not be read (above); the photos in ${them} are not painted.`;
}

function lineOf(photo: string, error: unknown): string {
  const message = messageOf(error);
  return printableLine(message.includes(photo) ? message : `${photo}: ${message}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
