import { existsSync } from 'node:fs';
import { runProgram } from './run-program.ts';

/** A program to start, with the arguments that come first. */
export interface Tool {
  readonly program: string;
  readonly args: readonly string[];
  readonly version: string;
}

async function firstThatAnswers(
  candidates: readonly (readonly [string, ...string[]])[],
  version: RegExp,
): Promise<Tool | undefined> {
  for (const [program, ...args] of candidates) {
    const { code, stdout, stderr } = await runProgram(program, [...args, '--version']);
    const found = code === 0 ? version.exec(stdout + stderr)?.[1] : undefined;
    if (found !== undefined) return { program, args, version: found };
  }
  return undefined;
}

/** pip, Python's installer: it fetches the wheels, with the user's own index, proxy and certificates. */
export function findPip(): Promise<Tool | undefined> {
  const candidates = [
    ['python3', '-m', 'pip'],
    ['python', '-m', 'pip'],
    ['pip3'],
    ['pip'],
    ['py', '-3', '-m', 'pip'],
  ] as const;
  return firstThatAnswers(candidates, /^pip (\S+)/m);
}

export function findPython(): Promise<Tool | undefined> {
  return firstThatAnswers([['python3'], ['python'], ['py', '-3']], /^Python (\S+)/m);
}

/** A C++17 compiler. `CXX` names another one. */
export function findCompiler(): Promise<Tool | undefined> {
  const own = process.env.CXX;
  const candidates = [...(own ? [[own] as const] : []), ['g++'], ['clang++'], ['c++']] as const;
  return firstThatAnswers(candidates, /^(.*\d+\.\d+.*)$/m);
}

/** Whether this machine has an NVIDIA GPU with its driver. */
export async function hasNvidiaGpu(): Promise<boolean> {
  if (existsSync('/proc/driver/nvidia/version')) return true;
  const { code, stdout } = await runProgram('nvidia-smi', ['--list-gpus']);
  return code === 0 && /GPU \d+/.test(stdout);
}

export interface NvidiaCard {
  readonly name: string;
  readonly driver: string;
  /** Its own, in bytes, and what no process has taken of it now; undefined for one that has none or does not say. */
  readonly memory?: { readonly total: number; readonly free: number };
}

/** The first NVIDIA card that programs are to use, as nvidia-smi describes it; undefined where there is none. */
export async function nvidiaCard(program = 'nvidia-smi'): Promise<NvidiaCard | undefined> {
  // nvidia-smi itself does not heed it.
  const visible = process.env.CUDA_VISIBLE_DEVICES?.split(',')[0];
  const { code, stdout } = await runProgram(program, [
    '--query-gpu=name,driver_version,memory.total,memory.free',
    '--format=csv,noheader,nounits',
    ...(visible ? [`--id=${visible}`] : []),
  ]);
  const [name, driver, ...mebibytes] = (stdout.split('\n')[0] ?? '').split(',').map((part) => part.trim());
  if (code !== 0 || !name || !driver) return undefined;
  const [total = 0, free = 0] = mebibytes.map((figure) => Number(figure) * 2 ** 20);
  return { name, driver, ...(total > 0 && free >= 0 && { memory: { total, free } }) };
}

export function cardInWords({ name, driver, memory }: NvidiaCard): string {
  const size = memory ? `${(memory.total / 1e9).toFixed(1)} GB, ` : '';
  return `${name}, ${size}driver ${driver}`;
}

/** The shell command that installs missing tools with this system's package manager. */
export function installCommand(tools: { pip?: boolean; compiler?: boolean; ffmpeg?: boolean }): string {
  const wanted = (names: Readonly<Record<keyof typeof tools, string>>) =>
    (Object.keys(names) as (keyof typeof tools)[])
      .filter((tool) => tools[tool])
      .map((tool) => names[tool])
      .join(' ');
  if (process.platform === 'darwin') {
    const brew = wanted({ pip: 'python', compiler: '', ffmpeg: 'ffmpeg' }).trim();
    return [
      ...(brew ? [`brew install ${brew}`] : []),
      ...(tools.compiler ? ['xcode-select --install'] : []),
    ].join(' && ');
  }
  if (process.platform === 'win32') {
    return `winget install ${wanted({ pip: 'Python.Python.3.12', compiler: 'LLVM.LLVM', ffmpeg: 'Gyan.FFmpeg' })}`;
  }
  if (existsSync('/usr/bin/dnf')) {
    return `sudo dnf install ${wanted({ pip: 'python3-pip', compiler: 'gcc-c++', ffmpeg: 'ffmpeg-free' })}`;
  }
  if (existsSync('/usr/bin/pacman')) {
    return `sudo pacman -S ${wanted({ pip: 'python-pip', compiler: 'gcc', ffmpeg: 'ffmpeg' })}`;
  }
  return `sudo apt install ${wanted({ pip: 'python3-pip', compiler: 'g++', ffmpeg: 'ffmpeg' })}`;
}
