import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RuntimeSetupError } from '../../system/errors.ts';
import { sha256OfFile } from '../../system/file-digest.ts';
import { ownCommand } from '../../system/own-command.ts';
import type { Tool } from './find-tools.ts';
import type { PinnedWheel } from './pinned-wheels.ts';
import { runProgram } from './run-program.ts';

const WATCH_MS = 250;

/**
 * Fetches a wheel with pip into `folder` and answers its path. A wheel that lies there already is taken if its
 * checksum is right, and fetched again if not: what was cut or damaged is never used.
 *
 * @param onBytes called with the number of bytes so far, now and then. @param again the command that tries again, for messages.
 * @throws {RuntimeSetupError} pip could not fetch it, or what came is not the pinned file. The signal's reason, where it is aborted.
 */
export async function downloadWheel(
  pip: Tool,
  wheel: PinnedWheel,
  folder: string,
  onBytes: (bytes: number) => void = () => {},
  again = ownCommand('setup'),
  signal?: AbortSignal,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${wheel.project}-${wheel.version}.whl`);
  if (existsSync(path) && (await wheelFault(path, wheel)) === undefined) return path;

  // A folder of this process's own: a pip whose set-up was killed may still be writing into the last one.
  for (const name of await readdir(folder)) {
    if (name.endsWith('.part')) await rm(join(folder, name), { recursive: true, force: true });
  }
  const staging = `${path}.${process.pid}.part`;
  await mkdir(staging);
  // pip downloads into a temporary folder first: with that folder in ours, the bytes can be watched as they come, and
  // what an interrupted download leaves is swept up by the next one.
  const env = { ...process.env, TMPDIR: staging, PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1' };
  const watch = setInterval(() => onBytes(Math.min(sizeBelow(staging), wheel.bytes)), WATCH_MS);
  try {
    const args = [...pip.args, ...pipArguments(wheel, staging)];
    const result = await runProgram(pip.program, args, { env, signal });
    signal?.throwIfAborted();
    if (result.code !== 0) throw pipFailed(wheel, result.stderr, again);
    const name = (await readdir(staging)).find((file) => file.endsWith('.whl'));
    if (name === undefined) throw pipFailed(wheel, 'it left no wheel', again);
    const fault = await wheelFault(join(staging, name), wheel);
    if (fault !== undefined) {
      throw new RuntimeSetupError(`The download ${name} ${fault}; run again: ${again}`);
    }
    await rename(join(staging, name), path);
  } finally {
    clearInterval(watch);
    await rm(staging, { recursive: true, force: true });
  }
  onBytes(wheel.bytes);
  return path;
}

/** The arguments with which pip fetches just this wheel, whatever Python and platform pip itself runs on. */
export function pipArguments(wheel: PinnedWheel, folder: string): string[] {
  const python = wheel.python === 'py3' ? '3' : wheel.python.replace(/^cp(\d)(\d+)$/, '$1.$2');
  return [
    'download',
    '--no-deps',
    '--only-binary=:all:',
    `--platform=${wheel.platform}`,
    `--python-version=${python}`,
    '--implementation=cp',
    `--abi=${wheel.abi}`,
    '--no-cache-dir',
    '--progress-bar=off',
    `--dest=${folder}`,
    `${wheel.project}==${wheel.version}`,
  ];
}

/** What is wrong with a downloaded wheel, or undefined if it is the pinned file byte for byte. */
export async function wheelFault(path: string, wheel: PinnedWheel): Promise<string | undefined> {
  const { size } = await stat(path);
  if (size !== wheel.bytes) return `is damaged: it has ${size} bytes instead of ${wheel.bytes}`;
  const sha256 = await sha256OfFile(path);
  return sha256 === wheel.sha256 ? undefined : `is not the pinned file: its SHA-256 is ${sha256}`;
}

function pipFailed(wheel: PinnedWheel, output: string, again: string): RuntimeSetupError {
  const lines = output.trim().split('\n');
  const reason = (lines.findLast((line) => line.startsWith('ERROR:')) ?? lines.at(-1) ?? '').replace(
    /^ERROR: /,
    '',
  );
  return new RuntimeSetupError(
    `pip could not fetch ${wheel.project} ${wheel.version}: ${reason.trim().replace(/\.$/, '')}. Look at the network and at pip's settings (pip config list), then run: ${again}`,
  );
}

function sizeBelow(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
      const there = statSync(join(folder, name), { throwIfNoEntry: false });
      return sum + (there?.isFile() ? there.size : 0);
    }, 0);
  } catch {
    return 0; // a folder that pip is just removing
  }
}
