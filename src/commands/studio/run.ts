/** The studio from its start to Ctrl-C. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SAMPLE } from '../../data/sample-photos.ts';
import type { StudioTraining } from '../../studio/job-work.ts';
import { openStudio } from '../../studio/server.ts';
import { asFileError } from '../../system/atomic-file.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { lockOrRefuse } from '../../system/lock-file.ts';
import { parseTrainConfig } from '../../train/config.ts';
import { readConfigFile } from '../../train/run/config-file.ts';
import { catchInterruption } from '../shared/interruption.ts';
import { say, tell } from '../shared/say.ts';
import { studioFolder } from './studio-folder.ts';

const MOST_PORT = 65_535;

export interface StudioArguments {
  readonly port: number;
  readonly folder?: string | undefined;
  readonly open: boolean;
  readonly data?: string | undefined;
  readonly config?: string | undefined;
}

/** @throws {ConfigError} a port that there is not, or that is taken. {FileError} the folder cannot be used, or another studio has it. */
export async function runStudio({ port, folder, open, data, config }: StudioArguments): Promise<void> {
  if (!Number.isInteger(port) || port < 0 || port > MOST_PORT)
    throw new ConfigError(expected(`a whole number from 0 to ${MOST_PORT} for --port`, port));
  const place = resolve(folder ?? studioFolder());
  // Photos are nobody else's business.
  await mkdir(place, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw asFileError(error, `use ${place}`);
  });
  const lock = await lockOrRefuse(join(place, 'studio.lock'), {
    what: 'a folder that no other studio uses',
    place,
    remedy: 'choose another --folder',
  });
  try {
    const training = {
      ...(config === undefined ? {} : await readSettings(config)),
      ...(data === undefined ? {} : { data: resolve(data) }),
    };

    const { signal, release } = catchInterruption(() => say('Saving what is under way …'));
    try {
      const studio = await openStudio({ folder: place, port, training, sample: SAMPLE });
      tell(studio.url);
      say(`Everything is kept in ${place}. Ctrl-C ends the studio; the next start goes on.`);
      if (open) openInBrowser(studio.url);
      if (!signal.aborted) await once(signal, 'abort');
      await studio.close();
    } finally {
      release();
    }
  } finally {
    lock.release();
  }
}

/** Settings of training, checked before the first training. */
async function readSettings(path: string): Promise<StudioTraining> {
  const settings = await readConfigFile(path);
  parseTrainConfig(settings);
  return settings;
}

/** Where there is no browser to open, the address that was printed is there. */
function openInBrowser(url: string): void {
  const [program, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', url]]
        : ['xdg-open', [url]];
  const child = spawn(program as string, args as string[], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
