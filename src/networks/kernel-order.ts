/** Kernels as TensorFlow has them, [K, K, inputs, outputs], and as PyTorch and ONNX do, [outputs, inputs, K, K]. */

/** @param values [outputs, inputs, K, K]. @returns [K, K, inputs, outputs]. */
export function outputsLast(values: Float32Array, inputs: number, outputs: number): Float32Array {
  const taps = values.length / inputs / outputs;
  const result = new Float32Array(values.length);
  let from = 0;
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++)
      for (let tap = 0; tap < taps; tap++) result[(tap * inputs + i) * outputs + o] = values[from++]!;
  return result;
}

/** @param values [K, K, inputs, outputs]. @returns [outputs, inputs, K, K]. */
export function outputsFirst(values: Float32Array, inputs: number, outputs: number): Float32Array {
  const taps = values.length / inputs / outputs;
  const result = new Float32Array(values.length);
  let from = 0;
  for (let tap = 0; tap < taps; tap++)
    for (let i = 0; i < inputs; i++)
      for (let o = 0; o < outputs; o++) result[(o * inputs + i) * taps + tap] = values[from++]!;
  return result;
}
