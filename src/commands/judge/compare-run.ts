import { STEPS } from '../../compare/parity-report.ts';
import type { CompareCall } from '../../judge/compare-call.ts';
import { compareStyle } from '../../judge/compare-style.ts';
import { catchInterruption, InterruptedError, type Interruption } from '../shared/interruption.ts';
import { type ProgressBar, progressBar } from '../shared/progress-bar.ts';
import { say, tell } from '../shared/say.ts';

/** Compares from the command line: shows progress, and says where the report is. */
export async function compareOnScreen(call: CompareCall): Promise<void> {
  const onScreen: { bar?: ProgressBar; interruption?: Interruption } = {};
  try {
    const { files, isStopped } = await compareStyle(call, {
      say,
      signal: () => {
        onScreen.interruption = catchInterruption();
        return onScreen.interruption.signal;
      },
      onBegin: (total) => {
        onScreen.bar = progressBar({ label: 'Comparing', total });
      },
      onIteration: ({ done, size, lineSearch, photo }) =>
        onScreen.bar?.update(done, `${size} px ${photo}, ${STEPS[lineSearch]} steps`),
    });
    onScreen.bar?.stop();
    for (const file of Object.values(files!)) tell(file);
    if (isStopped) throw new InterruptedError(`Stopped by Ctrl-C; the report has the finished photos.`);
  } finally {
    onScreen.bar?.stop();
    onScreen.interruption?.release();
  }
}
