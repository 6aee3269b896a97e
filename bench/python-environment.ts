/** The peers' Python environment, in the user's cache folder. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPython } from '../src/engine/runtime/find-tools.ts';
import { runProgram } from '../src/engine/runtime/run-program.ts';
import { cacheFolder } from '../src/system/cache-folder.ts';

const REQUIREMENTS = fileURLToPath(new URL('peers/requirements.txt', import.meta.url));
/** Small packages, which may change without the gigabytes being fetched again. */
const ADDITIONS = fileURLToPath(new URL('peers/additions.txt', import.meta.url));
const READY = 'ready';

/**
 * Makes the environment with the pinned peers, unless it is there. PyTorch's Linux wheels bring CUDA's libraries and do
 * not load without them: about 5 GB on the first run.
 *
 * @returns the environment's Python, or in one line why there is none.
 */
export async function pythonEnvironment(
  say: (line: string) => void,
): Promise<{ readonly python: string } | { readonly missing: string }> {
  const { folder, python } = await placeOf();
  if (!existsSync(join(folder, READY))) {
    const missing = await install(folder, python, say);
    if (missing !== undefined) return { missing };
  }
  const missing = await add(folder, python, say);
  return missing === undefined ? { python } : { missing };
}

/** The Python of an environment that has been made whole; nothing is fetched. */
export async function installedPeers(): Promise<string | undefined> {
  const { folder, python } = await placeOf();
  const additions = join(folder, `${READY}-${shortHash(await readFile(ADDITIONS, 'utf8'))}`);
  return existsSync(join(folder, READY)) && existsSync(additions) ? python : undefined;
}

async function placeOf(): Promise<{ readonly folder: string; readonly python: string }> {
  const folder = join(cacheFolder(), `bench-python-${shortHash(await readFile(REQUIREMENTS, 'utf8'))}`);
  const python = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  return { folder, python: join(folder, ...python) };
}

/** @returns in one line why it could not be made. */
async function install(
  folder: string,
  python: string,
  say: (line: string) => void,
): Promise<string | undefined> {
  const found = await findPython();
  if (found === undefined) return 'The peers need Python 3, which is not there.';
  say(`Installing the peers into ${folder} (some gigabytes, once) …`);
  await rm(folder, { recursive: true, force: true });
  const missing = await steps([
    [found.program, ...found.args, '-m', 'venv', folder],
    [python, ...PIP_INSTALL, '-r', REQUIREMENTS],
    [python, '-c', 'import torch, onnx, onnxruntime, openvino'],
  ]);
  if (missing === undefined) await writeFile(join(folder, READY), `${found.version}\n`);
  return missing;
}

/** Puts the additions into an environment that exists, unless they are there. @returns why they could not. */
async function add(folder: string, python: string, say: (line: string) => void): Promise<string | undefined> {
  const ready = join(folder, `${READY}-${shortHash(await readFile(ADDITIONS, 'utf8'))}`);
  if (existsSync(ready)) return undefined;
  say(`Adding small peers to ${folder} …`);
  // With the requirements named again, nothing pinned there is moved.
  const missing = await steps([
    [python, ...PIP_INSTALL, '-r', REQUIREMENTS, '-r', ADDITIONS],
    [python, '-c', 'import scipy.optimize'],
  ]);
  if (missing === undefined) await writeFile(ready, '');
  return missing;
}

const PIP_INSTALL = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'] as const;

async function steps(all: readonly (readonly [string, ...string[]])[]): Promise<string | undefined> {
  for (const [program, ...args] of all) {
    const { code, stderr } = await runProgram(program, args);
    if (code !== 0) {
      const reason = stderr.trim().split('\n').at(-1) ?? '';
      return `The peers could not be installed (${args.slice(0, 3).join(' ')}): ${reason}`;
    }
  }
  return undefined;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
