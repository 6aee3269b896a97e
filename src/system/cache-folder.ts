import { homedir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, expected } from './errors.ts';

/**
 * The folder in the user's cache where fast-style keeps what it fetched or built: the TensorFlow runtime, weights of
 * loss networks. `FAST_STYLE_CACHE` names it; otherwise it is `fast-style` in the system's cache folder:
 * `XDG_CACHE_HOME` or `~/.cache` on Linux, `~/Library/Caches` on macOS, `%LOCALAPPDATA%` on Windows, whatever
 * `XDG_CACHE_HOME` says there (docs/setup.md). It need not exist yet.
 *
 * @throws {ConfigError} the user has no home to have it in.
 */
export function cacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  // Asked only where it is needed: a user of a container may have none, which is an error.
  home: () => string = ownHome,
): string {
  const own = environment.FAST_STYLE_CACHE;
  if (own) return own;
  if (platform === 'darwin') return join(home(), 'Library', 'Caches', 'fast-style');
  if (platform === 'win32') {
    return join(environment.LOCALAPPDATA || join(home(), 'AppData', 'Local'), 'fast-style');
  }
  return join(environment.XDG_CACHE_HOME || join(home(), '.cache'), 'fast-style');
}

function ownHome(): string {
  let home = '';
  try {
    home = homedir();
  } catch {
    // A user of a container need not be in the system's list: reported below.
  }
  if (home !== '') return home;
  throw new ConfigError(
    expected(
      "a home folder for fast-style's cache",
      'a user without one',
      'set FAST_STYLE_CACHE to a folder',
    ),
  );
}
