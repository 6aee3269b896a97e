import { runProgram } from '../../src/engine/runtime/run-program.ts';
import { installedPeers } from '../python-environment.ts';

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
  const { code, stderr } = await runProgram(python, ['-c', test]);
  if (code === 0) return { python };
  return {
    missing: `Without PyTorch: ${python}: ${stderr.trim().split('\n').at(-1)}. --python names another.`,
  };
}
