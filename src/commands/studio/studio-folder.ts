import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where a studio keeps everything unless `--folder` says otherwise: `fast-style/studio` in the user's data folder, `XDG_DATA_HOME` or
 * `~/.local/share` on Linux, `~/Library/Application Support` on macOS, `%LOCALAPPDATA%` on Windows.
 */
export function studioFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const parts = ['fast-style', 'studio'];
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', ...parts);
  if (platform === 'win32') return join(environment.LOCALAPPDATA || join(home, 'AppData', 'Local'), ...parts);
  return join(environment.XDG_DATA_HOME || join(home, '.local', 'share'), ...parts);
}
