import type { OptimizeProgress, OptimizeResult } from '../../optimize/progress.ts';
import { runOptimization, setUpOptimization } from '../../optimize/run/optimization-run.ts';
import { printableLine } from '../../system/printable.ts';
import { catchInterruption, InterruptedError } from '../shared/interruption.ts';
import { progressBar } from '../shared/progress-bar.ts';
import { say, tell } from '../shared/say.ts';
import { type OptimizeSettings, optimizeCall } from './options.ts';

/** Optimises one picture from the command line: shows progress, and says what came of it. */
export async function optimizePicture(given: OptimizeSettings): Promise<void> {
  const setup = await setUpOptimization(optimizeCall(given), say);
  const { iterations } = setup.config;
  const { signal, release } = catchInterruption();
  const bar = progressBar({ label: 'Optimising', total: iterations });
  const onResult = (result: OptimizeResult) => {
    bar.stop();
    tellResult(result, given.out!, iterations);
  };
  try {
    for await (const progress of runOptimization(setup, signal, onResult))
      bar.update(progress.iteration, noteOf(progress));
  } finally {
    bar.stop();
    release();
  }
}

/** Says what came of a run. @throws {InterruptedError} it was stopped by Ctrl-C. */
function tellResult(result: OptimizeResult, out: string, wanted: number): void {
  for (const note of result.notes) say(note);
  const { picture, iterations, evaluations, seconds, total, undone, stopped, message } = result;
  if (undone > 0) process.stderr.write(`${undone} steps were undone and shortened.\n`);
  if (stopped === 'aborted')
    throw new InterruptedError(
      `Stopped after iteration ${iterations} of ${wanted}; the picture so far is in ${out}.`,
    );
  const size = `${picture.width}×${picture.height}`;
  const effort = `${iterations} iterations, ${evaluations} evaluations, ${seconds.toFixed(1)} s`;
  tell(`${printableLine(out)} (${size}, ${effort}, total ${total.toPrecision(4)}): ${message}`);
}

function noteOf({ total, terms, weights, scale }: OptimizeProgress): string {
  const shown = Object.entries(terms)
    .filter((term): term is [string, number] => Object.hasOwn(weights, term[0]) && term[1] !== 0)
    .map(([term, value]) => `${term} ${value.toPrecision(3)}`);
  const size = scale.count > 1 ? `${scale.width}×${scale.height} ` : '';
  return `${size}total ${total.toPrecision(4)} ${shown.join(' ')}`;
}
