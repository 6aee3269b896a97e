/** The peers as painters of films (bench/peers/film_engine.py). */
import { fileURLToPath } from 'node:url';
import type { Engine } from '../engines.ts';

const peer = (name: string, engine: string, precision: Engine['precision']): Engine => ({
  ...{ name, precision, trains: false, program: 'python' },
  script: fileURLToPath(new URL('../peers/film_engine.py', import.meta.url)),
  args: [engine, precision],
});

const IN_F32 = [
  peer('PyTorch f32', 'torch', 'f32'),
  peer('ONNX Runtime f32', 'onnxruntime', 'f32'),
  peer('OpenVINO f32', 'openvino', 'f32'),
];
const IN_BF16 = [peer('PyTorch bf16 autocast', 'torch', 'bf16'), peer('OpenVINO bf16', 'openvino', 'bf16')];

/** Those that are fast on a machine: with bf16 only where it has units for it. */
export function filmPeers(hasUnits: boolean): readonly Engine[] {
  return hasUnits ? [...IN_F32, ...IN_BF16] : IN_F32;
}
