import { expected, FastStyleError } from '../../system/errors.ts';
import type { ExportRuntime } from '../format-writer.ts';
import { PAINTED } from '../graph-writer.ts';

/** What of ONNX Runtime's interface is used; onnxruntime-node and onnxruntime-web share it. */
interface Runtime {
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: { readonly logSeverityLevel: number }): Promise<Session>;
  };
}

interface Session {
  run(feeds: Record<string, unknown>): Promise<Record<string, { readonly data: Float32Array }>>;
  release(): Promise<void>;
}

/** The packages that bring it, the faster one first. Neither is a dependency: together they take 300 MB. */
const PACKAGES = ['onnxruntime-node', 'onnxruntime-web'];
/** Levels of ONNX Runtime's log. */
const ERRORS_ONLY = 3;

/** ONNX Runtime is not installed. */
export class NoOnnxRuntimeError extends FastStyleError {}

/** @throws {NoOnnxRuntimeError} none of its packages is installed. */
export async function openInOnnxRuntime(bytes: Uint8Array): Promise<ExportRuntime> {
  const runtime = await loadRuntime();
  const session = await runtime.InferenceSession.create(bytes, { logSeverityLevel: ERRORS_ONLY });
  return {
    async run(inputs) {
      const feeds = Object.entries(inputs).map(([name, { shape, values }]) => [
        name,
        new runtime.Tensor('float32', values, shape),
      ]);
      return (await session.run(Object.fromEntries(feeds)))[PAINTED]!.data;
    },
    dispose: () => session.release(),
  };
}

async function loadRuntime(): Promise<Runtime> {
  for (const name of PACKAGES) {
    try {
      const { default: usual, ...named } = (await import(name)) as Runtime & { default?: Runtime };
      return usual ?? named;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    }
  }
  throw new NoOnnxRuntimeError(
    expected('ONNX Runtime, to check the file with', 'none', 'install it: npm install onnxruntime-web'),
  );
}
