/** `stylize --watch`: paints what comes into a folder until Ctrl-C. */
import { stat } from 'node:fs/promises';
import type { ManyOptions, PhotoTask } from '../../paint/paint-many.ts';
import { type PhotoOptions, requireAbilities } from '../../paint/photo-output.ts';
import type { PaintSession } from '../../paint/session.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { catchInterruption, InterruptedError } from '../shared/interruption.ts';
import type { StylizeArguments } from './command.ts';
import { targetsOfPhotos, withoutOwnOutputs } from './files.ts';
import type { StylizeReport } from './report.ts';
import { type NamedStyle, readyStyles } from './styles.ts';
import { watchFolder } from './watch.ts';

export interface Watching {
  readonly folder: string;
  readonly args: StylizeArguments;
  readonly styles: readonly NamedStyle[];
  readonly labels: readonly string[];
  readonly options: PhotoOptions;
  readonly many: ManyOptions;
  /** Bytes that painting may take in all. */
  readonly memory: number | undefined;
  readonly report: StylizeReport;
  /** Paints what has come. */
  readonly paint: (
    session: PaintSession,
    tasks: readonly PhotoTask[],
    options: ManyOptions & { readonly signal: AbortSignal },
    report: StylizeReport,
  ) => Promise<void>;
}

/**
 * Paints photos as they come. A painting that is there and not older than its photo is left, unless `--overwrite` is given; one
 * that is older is painted from scratch. Faulty photos are reported at once, and at the end.
 *
 * @throws {ConfigError} there is no such folder. {PhotosFailedError} at the end, if some failed or a folder could not be read.
 */
export async function watchAndPaint(watching: Watching): Promise<void> {
  const { folder, args, styles, labels, options, many, memory, report, paint } = watching;
  const { out, json } = args;
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw new ConfigError(expected('a folder for --watch', folder));
  const interruption = catchInterruption();
  const { signal } = interruption;
  const known = new Map<string, string>();
  // The folder is looked at again and again; each that cannot be read is reported once.
  const unread = new Set<string>();
  const onUnreadable = (line: string) => {
    if (!unread.has(line)) report.say(line);
    unread.add(line);
  };
  let taken = 0;
  try {
    const { session, refine } = await readyStyles(styles, args, memory);
    try {
      if (!json) report.say(`Watching ${folder}; Ctrl-C ends it.`);
      for await (const photos of watchFolder(folder, out, { signal, onUnreadable })) {
        for (const { path, name } of photos) known.set(path, name);
        const inputs = [...known].map(([path, name]) => ({ path, name, found: true }));
        const fresh = new Set(photos.map(({ path }) => path));
        const targets = await targetsOfPhotos(inputs, { out, styles: labels, format: options.format });
        const tasks = [];
        for (const { input, targets: all } of withoutOwnOutputs(
          inputs.map((input, i) => ({ input, targets: targets[i]! })),
          { out, styles: labels },
        )) {
          if (!fresh.has(input.path)) continue;
          const stale = await Promise.all(
            all.map(async (target) => {
              requireAbilities(target.format, options);
              return args.overwrite || (await isOlder(target.path, input.path)) ? target : undefined;
            }),
          );
          if (stale.some((one) => one !== undefined)) tasks.push({ path: input.path, targets: stale });
        }
        taken += tasks.reduce((sum, { targets: some }) => sum + some.filter(Boolean).length, 0);
        if (tasks.length > 0) await paint(session, tasks, { ...many, ...refine, signal }, report);
      }
    } catch (error) {
      // Ctrl-C is how watching ends.
      if (!(error instanceof InterruptedError)) throw error;
    } finally {
      await session.dispose();
    }
  } finally {
    report.stop();
    interruption.release();
  }
  report.finish(taken, unread.size);
}

async function isOlder(painting: string, photo: string): Promise<boolean> {
  const [made, taken] = await Promise.all([painting, photo].map((path) => stat(path).catch(() => undefined)));
  return made === undefined || (taken !== undefined && made.mtimeMs < taken.mtimeMs);
}
