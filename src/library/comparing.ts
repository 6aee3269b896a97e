/** What implements the library's `compare`: the same comparison that the command line starts. */
import { summarise } from '../compare/parity-report.ts';
import { COMPARE_SETTINGS } from '../judge/compare-call.ts';
import { compareStyle } from '../judge/compare-style.ts';
import { InterruptedError } from '../system/errors.ts';
import { checkSettings, valuesOf } from '../system/settings.ts';
import { byOptionNames } from './by-option-names.ts';
import type { CompareCallbacks, CompareOptions, Comparison } from './compare-options.ts';
import { fileOrBytes } from './open-input.ts';
import { givenOf, type RowsOf, text, unchecked } from './option-rows.ts';

const OPTIONS = {
  ...{ style: text, photos: text, painting: unchecked, out: text, lossNetwork: text },
  ...COMPARE_SETTINGS,
} as const satisfies RowsOf<CompareOptions>;

/** Throws as the library's `compare`. */
export function compareByOptions(
  options: CompareOptions,
  { onProgress, onNote = () => undefined, signal = new AbortController().signal }: CompareCallbacks,
): Promise<Comparison> {
  return byOptionNames(Object.keys(OPTIONS), async () => {
    const given = givenOf(options);
    checkSettings(OPTIONS, { style: undefined, photos: undefined, ...given }, 'compare');
    signal.throwIfAborted();
    const { style, photos, out, lossNetwork } = options;
    const painting = await fileOrBytes(options.painting, 'painting', signal);
    const call = { ...valuesOf(COMPARE_SETTINGS, given), style, photos, painting, out, lossNetwork };
    const { report, files, isStopped } = await compareStyle(call, {
      say: onNote,
      signal: () => signal,
      ...(onProgress === undefined ? {} : { onIteration: onProgress }),
    });
    if (isStopped) {
      const kept = files === undefined ? '' : `; ${files.report} has the finished photos`;
      throw new InterruptedError(`Stopped before the last photo was finished${kept}.`, {
        cause: signal.reason,
      });
    }
    const sizes = report.sizes.map((one) => ({ ...summarise(one, report.at), each: one.photos }));
    return { ...report, sizes, ...(files === undefined ? {} : { files }) };
  });
}
