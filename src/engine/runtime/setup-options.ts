import { findCompiler, findPip, findPython, hasNvidiaGpu } from './find-tools.ts';
import { installPublishedBinding } from './published-binding.ts';
import { thisMachine } from './supported-machine.ts';

export interface SetupOptions {
  /** True asks for the GPU runtime, false for the CPU's; undefined is content with either that is ready. */
  readonly gpu?: boolean | undefined;
  /** The GPU runtime even if no GPU is seen: it is made for another machine, as in a container image. */
  readonly withoutDevice?: boolean | undefined;
  /** A Python whose TensorFlow is to be used. */
  readonly fromPython?: string | undefined;
  /** Sets up anew whatever is there. */
  readonly force?: boolean | undefined;
}

/** What set-up tells while it works. It prints nothing itself. */
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
  readonly installPublishedBinding: typeof installPublishedBinding;
}

export const SYSTEM_TOOLS: SetupTools = {
  thisMachine,
  findPip,
  findCompiler,
  findPython,
  hasNvidiaGpu,
  installPublishedBinding,
};
