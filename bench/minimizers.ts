/** Who minimises. Each is a process of its own that speaks JSON lines (bench/engine-process.ts). */
import { fileURLToPath } from 'node:url';
import type { Engine } from './engines.ts';
import { hasBfloat16Units, type Machine } from './machine.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const ours = (precision: Engine['precision']): Engine => ({
  name: `fast-style ${precision}`,
  precision,
  program: 'node',
  script: path('ours-optimisation.ts'),
  args: [precision],
  trains: false,
});
const peer = (name: string, library: 'torch' | 'scipy', history: number): Engine => ({
  name,
  precision: 'f32',
  program: 'python',
  script: path('peers/optimisation_engine.py'),
  args: ['f32', 'cpu', library, String(history)],
  trains: false,
});

export const OURS = ours('f32');
/** torch's default is 100 pairs, SciPy's and ours 10. */
export const PEERS: readonly Engine[] = [
  peer('torch.optim.LBFGS, history 10', 'torch', 10),
  peer('torch.optim.LBFGS, history 100', 'torch', 100),
  peer('SciPy L-BFGS-B, maxcor 10', 'scipy', 10),
];

/** Ours in f32 first: objective and gradient at the start are compared with its. */
export function minimizersOn(machine: Pick<Machine, 'peak'>, withPython: boolean): readonly Engine[] {
  return [OURS, ...(hasBfloat16Units(machine) ? [ours('bf16')] : []), ...(withPython ? PEERS : [])];
}
