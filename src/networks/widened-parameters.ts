import type { Layer } from './architecture.ts';
import type { NamedArray } from './safetensors.ts';
import { transformNetParameters } from './transform-net-parameters.ts';

/** By how much the shares of a channel's copies differ from equal ones at most, before they are made to add up to 1. */
const UNEVEN = 0.5;

/** Whether one architecture has the layers of another, each at least as wide. */
export function isAsWide(layers: readonly Layer[], others: readonly Layer[]): boolean {
  return (
    layers.length === others.length &&
    layers.every((layer, i) => {
      const other = others[i]!;
      const shape = (one: Layer) => JSON.stringify({ ...one, channels: 0 });
      return shape(layer) === shape(other) && layer.channels >= other.channels;
    })
  );
}

/**
 * Weights of a wider network that paints what a narrower one does: Net2WiderNet (Chen, Goodfellow and Shlens 2016, 'Net2Net:
 * accelerating learning via knowledge transfer', §2.2). Channel j of a layer of n repeats channel j mod n of the narrower
 * layer of m, normalisation included; what reads the copies of a channel divides its weight among them,
 *
 *   W'[…, j, o] = s[j, o] W[…, j mod m, o mod m'],  Σ_{j mod m = i} s[j, o] = 1,
 *
 * in shares that are drawn unevenly, or the copies would learn the same for ever.
 *
 * @param parameters of the narrower network, in the order of `transformNetParameters`. @param wider its layers, each at least
 *   as wide (`isAsWide`). @param next numbers uniform in [0, 1).
 * @throws {RangeError} parameters and layers do not go together.
 */
export function widenedParameters(
  parameters: readonly NamedArray[],
  wider: readonly Layer[],
  next: () => number,
): readonly NamedArray[] {
  const specs = transformNetParameters(wider);
  if (specs.length !== parameters.length)
    throw new RangeError(`Expected ${specs.length} parameters, got ${parameters.length}.`);
  return specs.map(({ name, shape }, i) => {
    const narrow = parameters[i]!;
    if (narrow.name !== name || narrow.shape.length !== shape.length)
      throw new RangeError(`Expected ${name}, got ${narrow.name}.`);
    const values =
      shape.length === 4
        ? widenedKernel(narrow, shape, next)
        : Float32Array.from({ length: shape[0]! }, (_, j) => narrow.values[j % narrow.values.length]!);
    return { name, shape, values };
  });
}

/** [k, k, m, m'] to [k, k, n, n']. */
function widenedKernel(
  { shape: [, , inputs = 0, outputs = 0], values: narrow }: NamedArray,
  shape: readonly number[],
  next: () => number,
): Float32Array {
  const [height = 0, width = 0, wideInputs = 0, wideOutputs = 0] = shape;
  const shares = sharesOf(wideInputs, inputs, wideOutputs, next);
  const values = new Float32Array(height * width * wideInputs * wideOutputs);
  for (let at = 0, place = 0; place < height * width; place++)
    for (let j = 0; j < wideInputs; j++)
      for (let o = 0; o < wideOutputs; o++, at++) {
        const from = (place * inputs + (j % inputs)) * outputs + (o % outputs);
        values[at] = narrow[from]! * shares[j * wideOutputs + o]!;
      }
  return values;
}

/** s, [n, n']. */
function sharesOf(wideInputs: number, inputs: number, wideOutputs: number, next: () => number): Float64Array {
  const shares = Float64Array.from({ length: wideInputs * wideOutputs }, () => 1 + UNEVEN * (2 * next() - 1));
  for (let o = 0; o < wideOutputs; o++)
    for (let i = 0; i < inputs; i++) {
      let sum = 0;
      for (let j = i; j < wideInputs; j += inputs) sum += shares[j * wideOutputs + o]!;
      for (let j = i; j < wideInputs; j += inputs) shares[j * wideOutputs + o]! /= sum;
    }
  return shares;
}
