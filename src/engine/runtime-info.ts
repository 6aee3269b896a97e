import { nativeBackend } from './native-backend.ts';
import { type RuntimeSource, readManifest, runtimeFolder } from './runtime/manifest.ts';

export interface RuntimeInfo {
  /** TensorFlow's version as the loaded library says it, for instance 2.21.0. */
  readonly tensorflow: string;
  /** Where it came from; `override` is a binding that FAST_STYLE_BINDING names. */
  readonly source: RuntimeSource | 'override';
  /** The same in words. */
  readonly origin: string;
  readonly device: 'CPU' | 'GPU';
}

/** The TensorFlow that is loaded: for checkpoints' metadata (`TensorFlow ${runtimeInfo().tensorflow}`) and for doctor. */
export function runtimeInfo(): RuntimeInfo {
  const { binding } = nativeBackend();
  const override = process.env.FAST_STYLE_BINDING;
  const manifest = override ? undefined : readManifest(runtimeFolder());
  return {
    tensorflow: binding.TF_Version,
    source: manifest?.source ?? 'override',
    origin: manifest?.origin ?? `FAST_STYLE_BINDING (${override})`,
    device: binding.isUsingGpuDevice() ? 'GPU' : 'CPU',
  };
}
