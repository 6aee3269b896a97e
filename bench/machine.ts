/** The machine and the programs that figures are of. */
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import { runProgram } from '../src/engine/runtime/run-program.ts';
import { EngineProcess } from './engine-process.ts';
import { ENGINES } from './engines.ts';
import { commitAtHand } from './measured-commit.ts';

export interface Machine {
  readonly description: string;
  readonly versions: Readonly<Record<string, string>>;
  /** As `commitAtHand`. */
  readonly commit: string;
  /** Billions of operations per second of a 3×3 convolution, measured in this run. */
  readonly peak: { readonly f32: number; readonly bf16: number | undefined };
}

/** From this ratio of speeds on, a machine has bf16 units; as doctor sees it. */
const BF16_UNITS = 1.3;

export function hasBfloat16Units({ peak }: Pick<Machine, 'peak'>): boolean {
  return peak.bf16 !== undefined && peak.bf16 >= BF16_UNITS * peak.f32;
}

/** Asks one of our engines in a process of its own, and the peers' Python. @param card that it computes on, in words. */
export async function askMachine(python: string | undefined, card?: string): Promise<Machine> {
  const process = new EngineProcess(ENGINES[1]!, '');
  try {
    const { speed, versions } = await process.ask({ command: 'machine' });
    const memory = (totalmem() / 2 ** 30).toFixed(0);
    return {
      description: `${card === undefined ? '' : `${card}; `}${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, ${memory} GiB, ${platform()} ${arch()}`,
      versions: {
        ...(versions as Record<string, string>),
        ...(python === undefined ? {} : await peerVersions(python)),
      },
      commit: await commitAtHand(),
      peak: speed as Machine['peak'],
    };
  } finally {
    await process.end();
  }
}

async function peerVersions(python: string): Promise<Record<string, string>> {
  const program =
    'import json; from importlib.metadata import distributions; there = {d.metadata["Name"]: d.version for d in distributions()}; print(json.dumps({p: there[p] for p in ("torch", "onnxruntime", "openvino", "scipy") if p in there}))';
  const { stdout } = await runProgram(python, ['-c', program]);
  return JSON.parse(stdout) as Record<string, string>;
}

/** When, where and with what: the first lines of every section. */
export function provenance({ description, versions, commit, peak }: Machine, date: Date): string {
  const speed = (value: number) => `${value.toFixed(0)} GFLOP/s`;
  const bf16 = peak.bf16 === undefined ? 'no bf16' : `${speed(peak.bf16)} in bf16`;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${date.toISOString().slice(0, 10)}, commit ${commit}, ${description}; ${programs.join(', ')}; peak ${speed(peak.f32)} in f32, ${bf16}.`;
}
