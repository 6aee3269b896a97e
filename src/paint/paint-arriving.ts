/** Paints what comes into a folder until it is ended. */
import { stat } from 'node:fs/promises';
import { STANDARD } from '../data/photo/source.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { arrivingPhotos } from './arriving-photos.ts';
import { type FilesCall, openFilesCall, readySession } from './files-call.ts';
import { type FilesWatcher, named } from './paint-files.ts';
import { type PhotoTask, paintWatched } from './paint-many.ts';
import { requireAbilities } from './photo-output.ts';
import { targetsOfPhotos, withoutOwnOutputs } from './photos-and-targets.ts';

export interface PaintArrivingCall extends FilesCall {
  /** The folder that photos come into. */
  readonly watch: string;
}

export interface ArrivingWatcher extends FilesWatcher {
  /** Called when the first look at the folder is about to begin. */
  readonly onWatching?: () => void;
}

/**
 * Paints photos as they come, those that are there first. A painting that is there and not older than its photo is left, unless
 * `overwrite` is given; one that is older is painted from scratch. Resolves when the signal is aborted.
 *
 * @returns how many pictures were to be painted, and how many folders could not be read. @throws {ConfigError} there is no such
 * folder. Else as `paintFiles`.
 */
export async function paintArriving(
  call: PaintArrivingCall,
  watcher: ArrivingWatcher,
): Promise<{ readonly wanted: number; readonly unread: number }> {
  const { watch: folder, out, overwrite } = call;
  const { say, onWatching } = watcher;
  if (out === STANDARD) throw new ConfigError(expected('a folder for --out with --watch', out));
  const opened = await openFilesCall(call, say);
  const { labels, photoOptions, many } = opened;
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw new ConfigError(expected('a folder for --watch', folder));
  const signal = watcher.signal();
  const known = new Map<string, string>();
  // The folder is looked at again and again; each that cannot be read is reported once.
  const unread = new Set<string>();
  const onUnreadable = (line: string) => {
    if (!unread.has(line)) say(line);
    unread.add(line);
  };
  let wanted = 0;
  const { session, refine } = await readySession(opened, call);
  try {
    onWatching?.();
    for await (const photos of arrivingPhotos(folder, out, { signal, onUnreadable })) {
      for (const { path, name } of photos) known.set(path, name);
      const inputs = [...known].map(([path, name]) => ({ path, name, found: true }));
      const fresh = new Set(photos.map(({ path }) => path));
      const targets = await targetsOfPhotos(inputs, { out, styles: labels, format: photoOptions.format });
      const tasks: PhotoTask[] = [];
      for (const { input, targets: all } of withoutOwnOutputs(
        inputs.map((input, i) => ({ input, targets: targets[i]! })),
        { out, styles: labels },
      )) {
        if (!fresh.has(input.path)) continue;
        const stale = await Promise.all(
          all.map(async (target) => {
            requireAbilities(target.format, photoOptions);
            return overwrite || (await isOlder(target.path, input.path)) ? target : undefined;
          }),
        );
        if (stale.some((one) => one !== undefined)) tasks.push({ path: input.path, targets: stale });
      }
      wanted += tasks.reduce((sum, { targets: some }) => sum + some.filter(Boolean).length, 0);
      const options = { ...many, ...refine, signal, overwrite: true };
      if (tasks.length > 0) await paintWatched(session, tasks, options, named(watcher, labels));
    }
  } finally {
    await session.dispose();
  }
  return { wanted, unread: unread.size };
}

async function isOlder(painting: string, photo: string): Promise<boolean> {
  const [made, taken] = await Promise.all([painting, photo].map((path) => stat(path).catch(() => undefined)));
  return made === undefined || (taken !== undefined && made.mtimeMs < taken.mtimeMs);
}
