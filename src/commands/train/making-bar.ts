import { type ProgressBar, progressBar } from '../shared/progress-bar.ts';

/** A bar for synthetic pictures that are made where no data is given: it is there from the first of them on. */
export function makingBar({ isSilent = false } = {}) {
  let bar: ProgressBar | undefined;
  return {
    onMaking(done: number, total: number): void {
      bar ??= progressBar({ label: 'Making pictures', total, isSilent });
      bar.update(done);
      if (done === total) bar.stop();
    },
    /** To be called whatever came of it; idempotent. */
    stop(): void {
      bar?.stop();
    },
  };
}
