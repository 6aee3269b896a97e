import { expected, RuntimeSetupError } from '../../system/errors.ts';
import { cudaPlaces } from './cuda-places.ts';
import { findCompiler, findPip, findPython, hasNvidiaGpu, nvidiaCard, type Tool } from './find-tools.ts';
import { planWheels, platformName } from './pinned-wheels.ts';
import { installPublishedBinding } from './published-binding.ts';

export interface RuntimeSetupOptions {
  /** True asks for the GPU runtime, false for the CPU's; undefined is content with either that is ready. */
  readonly gpu?: boolean | undefined;
  /** The GPU runtime even if no GPU is seen: it is made for another machine, as in a container image. */
  readonly withoutDevice?: boolean | undefined;
  /** A Python whose TensorFlow is to be used. */
  readonly fromPython?: string | undefined;
  /** False takes CUDA from wheels even where this machine has one that would do. */
  readonly cudaAtHand?: boolean | undefined;
  /** Sets up again whatever is there. */
  readonly force?: boolean | undefined;
  /** Ends a download, and the wait for another set-up. */
  readonly signal?: AbortSignal | undefined;
}

/** What set-up reports. It prints nothing itself. */
export interface SetupReporter {
  /** Work begins: it is not ready yet. Awaited, so that what is to be known first is said first. */
  begin?(): Promise<void>;
  /** A stage begins. */
  stage(title: string): void;
  /** Bytes of the present stage. */
  bytes(done: number, total: number): void;
  /** Something that the user should know. */
  note(text: string): void;
}

/** How set-up looks at the machine: a test can let it see another one. */
export interface SetupTools {
  readonly thisMachine: typeof thisMachine;
  readonly findPip: typeof findPip;
  readonly findCompiler: typeof findCompiler;
  readonly findPython: typeof findPython;
  readonly hasNvidiaGpu: typeof hasNvidiaGpu;
  readonly nvidiaCard: () => ReturnType<typeof nvidiaCard>;
  readonly cudaPlaces: (python: Tool) => ReturnType<typeof cudaPlaces>;
  readonly installPublishedBinding: typeof installPublishedBinding;
}

export const SYSTEM_TOOLS: SetupTools = {
  thisMachine,
  findPip,
  findCompiler,
  findPython,
  hasNvidiaGpu,
  nvidiaCard,
  cudaPlaces,
  installPublishedBinding,
};

/** What decides whether TensorFlow's library can be loaded. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Version of the GNU C library that Node runs on; undefined on other systems, and on a Linux with another one (musl). */
  readonly glibc: string | undefined;
}

/** The wheels' own: manylinux_2_27. */
const OLDEST_GLIBC = [2, 27] as const;

export function thisMachine(): Machine {
  const { platform, arch } = process;
  if (platform !== 'linux') return { platform, arch, glibc: undefined };
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return { platform, arch, glibc: header.glibcVersionRuntime };
}

/**
 * Refuses a machine on which TensorFlow cannot run, before hundreds of megabytes are fetched for it.
 *
 * @param ownTensorFlow a Python's is to be used: there are some for more machines than there are pinned wheels.
 * @throws {RuntimeSetupError} what is missing, and what to do.
 */
export function requireSupported({ platform, arch, glibc }: Machine, ownTensorFlow: boolean): void {
  const supported = 'Linux with glibc (x86-64, arm64) or macOS (arm64)';
  const container = 'a container of Debian (docs/docker.md)';
  if (platform === 'linux' && glibc === undefined)
    throw refusal(
      supported,
      'a Linux without it (musl, as Alpine has)',
      `use ${container}, or Debian, Ubuntu or Fedora`,
    );
  if (platform === 'linux' && isOlder(glibc!))
    throw refusal(`glibc ${OLDEST_GLIBC.join('.')} or newer`, glibc!, `use a newer Linux, or ${container}`);
  const isPlanned = planWheels('cpu', platformName(platform, arch)) !== undefined;
  if (platform === 'win32' || (!isPlanned && !ownTensorFlow))
    throw refusal(
      supported,
      `${platform} ${arch}`,
      platform === 'win32' ? `use WSL2, or ${container}` : `use --from-python, or ${container}`,
    );
}

function refusal(what: string, received: string, remedy: string): RuntimeSetupError {
  return new RuntimeSetupError(expected(`${what} for TensorFlow`, received, remedy));
}

function isOlder(glibc: string): boolean {
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  return major < OLDEST_GLIBC[0] || (major === OLDEST_GLIBC[0] && minor < OLDEST_GLIBC[1]);
}
