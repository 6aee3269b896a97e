import { ConfigError, expected } from '../system/errors.ts';
import type { RuntimeDescription, RuntimeSettings } from './messages.ts';
import type { ModelRunner, OnnxRuntime } from './runtime.ts';

/** More threads than this are not faster. */
const MOST_THREADS = 8;

/** Part of the WebGPU interface, which TypeScript's DOM library does not have yet. */
interface Gpu {
  requestAdapter(): Promise<object | null>;
}

/**
 * Opens ONNX Runtime in this worker: on WebGPU where the browser has an adapter, else in WebAssembly, with threads where the page is
 * isolated (https://developer.mozilla.org/docs/Web/API/Window/crossOriginIsolated).
 *
 * @throws {ConfigError} WebGPU is asked for, and there is none.
 */
export async function openRuntime({
  backend,
  threads,
  runtimeFolder,
}: RuntimeSettings): Promise<ModelRunner & { readonly description: RuntimeDescription }> {
  const reason = backend === 'wasm' ? undefined : await reasonAgainstGpu();
  if (backend === 'webgpu' && reason !== undefined)
    throw new ConfigError(expected('WebGPU', `none: ${reason}`, "use backend: 'auto'"));
  const used = backend === 'wasm' || reason !== undefined ? 'wasm' : 'webgpu';
  const loaded =
    used === 'webgpu' ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  const { env } = loaded;
  // Threads share memory, which browsers allow isolated pages only.
  const count = globalThis.crossOriginIsolated
    ? Math.min(threads ?? navigator.hardwareConcurrency, MOST_THREADS)
    : 1;
  env.wasm.numThreads = count;
  if (runtimeFolder !== undefined) env.wasm.wasmPaths = runtimeFolder;
  return {
    runtime: loaded as unknown as OnnxRuntime,
    providers: [used],
    description: {
      backend: used,
      threads: count,
      ...(reason === undefined ? {} : { reason }),
    },
  };
}

async function reasonAgainstGpu(): Promise<string | undefined> {
  const { gpu } = navigator as Navigator & { readonly gpu?: Gpu };
  if (gpu === undefined) return 'this browser does not have it';
  try {
    return (await gpu.requestAdapter()) === null ? 'there is no adapter' : undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
