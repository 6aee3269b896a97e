/** What `video` says: words on the way, a bar with frames per second and the time left, the end. */

import { printableLine } from '../../system/printable.ts';
import { printJson } from '../shared/json-lines.ts';
import { type ProgressBar, progressBar } from '../shared/progress-bar.ts';
import { say, tell } from '../shared/say.ts';

/** Milliseconds over which frames per second are measured. */
const WINDOW = 5000;

export class VideoReport {
  readonly #json: boolean;
  #bar: ProgressBar | undefined;
  #total: number | undefined;
  readonly #marks: { readonly at: number; readonly frames: number }[] = [];

  constructor(json: boolean) {
    this.#json = json;
  }

  /** @param total frames, if they are known. @param done those of them that were there before. */
  begin(total: number | undefined, done: number): void {
    this.#total = total;
    this.#marks.push({ at: performance.now(), frames: done });
    const isSilent = this.#json;
    this.#bar = progressBar({ label: 'Painting', total: total ?? 0, initial: done, isSilent });
  }

  progress(frames: number): void {
    const now = performance.now();
    if (this.#total === undefined || frames > this.#total) this.#bar?.setTotal(frames);
    this.#bar?.update(frames, `${this.#rate(now, frames).toFixed(1)} fps`);
    if (now - this.#marks.at(-1)!.at < 1000) return;
    this.#marks.push({ at: now, frames });
    if (this.#marks.length > WINDOW / 1000) this.#marks.shift();
    if (this.#json)
      printJson({ event: 'progress', frames, total: this.#total, fps: this.#rate(now, frames) });
  }

  say(line: string): void {
    if (this.#bar === undefined) say(line);
    else this.#bar.say(line);
  }

  stop(): void {
    this.#bar?.stop();
  }

  /** @param out what is written now. */
  finish(out: string, details: Readonly<Record<string, number>>): void {
    this.stop();
    if (this.#json) printJson({ event: 'written', out, ...details });
    else if (out !== '-') {
      const { frames, width, height, seconds } = details;
      tell(`${printableLine(out)} (${width}×${height}, ${frames} frames, ${seconds!.toFixed(1)} s)`);
    }
  }

  #rate(now: number, frames: number): number {
    const since = this.#marks[0]!;
    return now > since.at ? ((frames - since.frames) * 1000) / (now - since.at) : 0;
  }
}
