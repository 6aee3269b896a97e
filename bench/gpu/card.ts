/** The card and the Python that its figures are compared by. */
import { runProgram } from '../../src/engine/runtime/run-program.ts';
import { installedPeers } from '../python-environment.ts';

/** The card's name, memory and driver as nvidia-smi says them; undefined where there is none. */
export async function cardInWords(): Promise<string | undefined> {
  const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'];
  const { code, stdout } = await runProgram('nvidia-smi', query).catch(() => ({ code: 1, stdout: '' }));
  const [first] = stdout.trim().split('\n');
  if (code !== 0 || !first) return undefined;
  const [name, memory, driver] = first.split(',').map((part) => part.trim());
  return `${name}, ${memory}, driver ${driver}`;
}

/**
 * A Python whose PyTorch computes on the device: the one named, else `python3`; on the CPU also that of the peers.
 *
 * @returns it, or in one line why there is none.
 */
export async function pythonWithTorch(
  device: 'cuda' | 'cpu',
  named: string | undefined,
): Promise<{ readonly python: string } | { readonly missing: string }> {
  const python = named ?? (device === 'cpu' ? await installedPeers() : undefined) ?? 'python3';
  const test = `import numpy, torch; assert ${device === 'cuda' ? 'torch.cuda.is_available()' : 'True'}, "PyTorch sees no GPU"`;
  const failure = (error: unknown) => ({ code: 1, stderr: String(error) });
  const { code, stderr } = await runProgram(python, ['-c', test]).catch(failure);
  if (code === 0) return { python };
  return {
    missing: `Without PyTorch: ${python}: ${stderr.trim().split('\n').at(-1)}. --python names another.`,
  };
}
