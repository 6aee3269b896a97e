/** The peers' Python environment, in the user's cache folder. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../src/cache-folder.ts';
import { findPython } from '../src/engine/runtime/find-tools.ts';
import { runProgram } from '../src/engine/runtime/run-program.ts';

const REQUIREMENTS = fileURLToPath(new URL('peers/requirements.txt', import.meta.url));
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
  const requirements = await readFile(REQUIREMENTS, 'utf8');
  const hash = createHash('sha256').update(requirements).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(), `bench-python-${hash}`);
  const python =
    process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  if (existsSync(join(folder, READY))) return { python };

  const found = await findPython();
  if (found === undefined) return { missing: 'The peers need Python 3, which is not there.' };
  say(`Installing the peers into ${folder} (some gigabytes, once) …`);
  await rm(folder, { recursive: true, force: true });
  const steps = [
    [found.program, ...found.args, '-m', 'venv', folder],
    [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS],
    [python, '-c', 'import torch, onnx, onnxruntime, openvino'],
  ] as const;
  for (const [program, ...args] of steps) {
    const { code, stderr } = await runProgram(program, args);
    if (code !== 0) {
      const reason = stderr.trim().split('\n').at(-1) ?? '';
      return { missing: `The peers could not be installed (${args.slice(0, 3).join(' ')}): ${reason}` };
    }
  }
  await writeFile(join(folder, READY), `${found.version}\n`);
  return { python };
}
