/** Whether this processor has units for bfloat16: without them bf16 is emulated, and a training step takes three times as long as in f32. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch as ownArch, platform as ownPlatform } from 'node:os';
import { processorFlags } from './processor-flags.ts';

export interface Bfloat16Units {
  /** False where they are lacking, or unknown. */
  readonly present: boolean;
  /** What was looked for or found, for people: 'amx_bf16'; 'neither avx512_bf16 nor amx_bf16'. */
  readonly evidence: string;
}

/** What is read of the machine; tests give their own. */
export interface MachineFacts {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Text of /proc/cpuinfo (Linux); undefined where it cannot be read. */
  readonly cpuinfo: () => string | undefined;
  /** What `sysctl -n <name>` answers (macOS); undefined where there is no such name. */
  readonly sysctl: (name: string) => string | undefined;
}

/** In the words of /proc/cpuinfo. avx512_fp16 and avx_ne_convert do not multiply bfloat16. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  x64: ['avx512_bf16', 'amx_bf16'],
  arm64: ['bf16'],
};
const APPLE_FLAG = 'hw.optional.arm.FEAT_BF16';

/**
 * Looks at the processor, not at TensorFlow: its emulation passes for support, and a lone convolution in it for speed.
 */
export function bfloat16Units(machine: MachineFacts = ownMachine()): Bfloat16Units {
  const { platform, arch } = machine;
  const wanted = FLAGS[arch] ?? [];
  if (platform === 'linux' && wanted.length > 0) {
    const found = processorFlags(machine.cpuinfo() ?? '');
    const present = wanted.filter((flag) => found.has(flag));
    return present.length > 0
      ? { present: true, evidence: present.join(', ') }
      : {
          present: false,
          evidence: wanted.length === 2 ? `neither ${wanted.join(' nor ')}` : `no ${wanted[0]}`,
        };
  }
  if (platform === 'darwin' && arch === 'arm64') {
    const present = machine.sysctl(APPLE_FLAG)?.trim() === '1';
    return { present, evidence: `${present ? '' : 'no '}${APPLE_FLAG}` };
  }
  return { present: false, evidence: `nothing reports any on ${platform} ${arch}` };
}

function ownMachine(): MachineFacts {
  const answered = (ask: () => string) => {
    try {
      return ask();
    } catch {
      return undefined;
    }
  };
  return {
    platform: ownPlatform(),
    arch: ownArch(),
    cpuinfo: () => answered(() => readFileSync('/proc/cpuinfo', 'utf8')),
    sysctl: (name) =>
      answered(() =>
        execFileSync('sysctl', ['-n', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
      ),
  };
}
