/** Who is measured. Every engine is a process of its own that speaks JSON lines (bench/engine-process.ts). */
import { fileURLToPath } from 'node:url';
import type { Case } from './cases.ts';

export interface Engine {
  /** As the report calls it. */
  readonly name: string;
  readonly precision: 'f32' | 'bf16';
  readonly program: 'node' | 'python';
  readonly script: string;
  readonly args: readonly string[];
  /** Engines for inference alone do not train. */
  readonly trains: boolean;
  /** What its process is told besides. */
  readonly env?: Readonly<Record<string, string>>;
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const ours = (mode: 'eager' | 'compiled', precision: Engine['precision']): Engine => ({
  name: `fast-style ${mode} ${precision}`,
  precision,
  program: 'node',
  script: path('ours.ts'),
  args: [mode, precision],
  trains: true,
});
const peer = (
  name: string,
  script: string,
  precision: Engine['precision'],
  trains = false,
  args: readonly string[] = [],
): Engine => ({
  name,
  precision,
  program: 'python',
  script: path(`peers/${script}`),
  args: [precision, ...args],
  trains,
});

/** Ours first: the eager one is what all outputs are compared with. */
export const ENGINES: readonly Engine[] = [
  ours('eager', 'f32'),
  ours('compiled', 'f32'),
  ours('compiled', 'bf16'),
  peer('PyTorch f32', 'torch_engine.py', 'f32', true),
  peer('PyTorch bf16 autocast', 'torch_engine.py', 'bf16', true),
  peer('ONNX Runtime f32', 'onnxruntime_engine.py', 'f32'),
  peer('OpenVINO f32', 'openvino_engine.py', 'f32'),
  peer('OpenVINO bf16', 'openvino_engine.py', 'bf16'),
];

export function enginesFor(one: Case, withPython: boolean): readonly Engine[] {
  return ENGINES.filter(
    ({ trains, program }) => (trains || one.kind === 'forward') && (withPython || program === 'node'),
  );
}

/** Who is measured on a GPU. @param device `cpu` tries the same programs without one. */
export function enginesOnGpu(device: 'cuda' | 'cpu', withPython: boolean): readonly Engine[] {
  const torch = (name: string, precision: Engine['precision'], ...more: string[]) =>
    peer(`PyTorch ${name}`, 'torch_engine.py', precision, true, [device, ...more]);
  return [
    ...ENGINES.filter(({ program }) => program === 'node'),
    ...(withPython
      ? [
          torch('f32', 'f32'),
          torch('bf16 autocast', 'bf16'),
          torch('f32, torch.compile', 'f32', 'compile'),
          torch('bf16 autocast, torch.compile', 'bf16', 'compile'),
        ]
      : []),
  ];
}

/** Ours with TensorFlow's own kernels and with those that XLA makes of whole parts of the graph. On a CPU that is off unless it is asked for. */
export function enginesWithXla(device: 'cuda' | 'cpu'): readonly Engine[] {
  const flags = `--tf_xla_auto_jit=2${device === 'cpu' ? ' --tf_xla_cpu_global_jit' : ''}`;
  const both = (precision: Engine['precision']) => {
    const engine = ours('compiled', precision);
    return [engine, { ...engine, name: `${engine.name}, XLA`, env: { TF_XLA_FLAGS: flags } }];
  };
  return [ours('eager', 'f32'), ...both('f32'), ...both('bf16')];
}

/** Those whose growth is shown: ours as it is used, and the peer that also trains. */
export function enginesForGrowth(withPython: boolean): readonly Engine[] {
  const names = [
    'fast-style eager f32',
    'fast-style compiled f32',
    'fast-style compiled bf16',
    'PyTorch f32',
  ];
  return ENGINES.filter(({ name, program }) => names.includes(name) && (withPython || program === 'node'));
}
