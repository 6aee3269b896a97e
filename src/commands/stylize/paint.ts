import { mapInOrder } from '../../data/map-in-order.ts';
import { openPhoto } from '../../data/photo/photo-file.ts';
import { type ManyOptions, type PhotoTask, paintMany } from '../../paint/paint-many.ts';
import { openOptions } from '../../paint/read-ahead.ts';
import type { PaintSession } from '../../paint/session.ts';
import { InterruptedError } from '../shared/interruption.ts';
import type { StylizeReport } from './report.ts';

/** Heads that are read at a time. */
const AT_ONCE = 8;

/**
 * Paints photos and reports each; the time left is reckoned by pixels.
 *
 * @throws {InterruptedError} the signal came before all were painted. {CheckpointError} the style cannot paint.
 */
export async function paintAll(
  session: PaintSession,
  tasks: readonly PhotoTask[],
  options: ManyOptions & { readonly signal: AbortSignal },
  report: StylizeReport,
): Promise<void> {
  const { signal } = options;
  const pixels = new Map<string, number>();
  const count = tasks.reduce(
    (sum, { targets }) => sum + targets.filter((one) => one !== undefined).length,
    0,
  );
  const heads = mapInOrder(tasks, AT_ONCE, async ({ path, opened }) => {
    // What cannot be opened is told in its turn.
    const photo =
      opened ??
      (await openPhoto(path, openOptions({ ...options, say: () => undefined })).catch(() => undefined));
    return {
      path,
      pixels: photo === undefined ? 0 : photo.head.width * photo.head.height * photo.head.frames,
    };
  });
  let all = 0;
  for await (const head of heads) {
    if (signal.aborted) break;
    pixels.set(head.path, head.pixels);
    const task = tasks[pixels.size - 1]!;
    all += head.pixels * task.targets.filter((one) => one !== undefined).length;
  }
  if (count > 1) report.begin(all);
  const onProgress = (path: string, share: number) => {
    const size = pixels.get(path) ?? 0;
    // A single photo has a bar where it takes long enough for one.
    if (count === 1) report.begin(size);
    report.progress(share * size, path);
  };
  let done = 0;
  for await (const outcomes of paintMany(session, tasks, { ...options, onProgress })) {
    for (const outcome of outcomes) report.add(outcome, pixels.get(outcome.photo) ?? 0);
    done += outcomes.length;
  }
  if (done === count) return;
  throw new InterruptedError(
    `Stopped: ${report.painted} of ${count} painted; the same command with --skip-existing continues.`,
  );
}
