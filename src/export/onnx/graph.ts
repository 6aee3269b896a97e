import { toHalves } from '../../networks/half-float.ts';
import type { OnnxAttribute, OnnxGraphNode, OnnxTensor } from './messages.ts';

/** Collects the nodes and constants of a graph. Values are called by name; a node's result is called after its number. */
export class OnnxGraph {
  readonly nodes: OnnxGraphNode[] = [];
  readonly tensors: OnnxTensor[] = [];
  readonly #isHalf: boolean;

  /** @param isHalf weights are kept as float16, and widened to float32 when the file is loaded. */
  constructor(isHalf: boolean) {
    this.#isHalf = isHalf;
  }

  /** @param output name of the result, where it is one of the graph's. @returns the result's name. */
  node(
    operation: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    output = `value_${this.nodes.length}`,
  ): string {
    this.nodes.push({ operation, inputs, output, attributes });
    return output;
  }

  /** Trained numbers. */
  weights(name: string, shape: readonly number[], values: Float32Array): string {
    if (!this.#isHalf) return this.floats(name, shape, values);
    this.tensors.push({ name: `${name}.half`, shape, values: toHalves(values) });
    return this.node('Cast', [`${name}.half`], { to: 1 }, name);
  }

  floats(name: string, shape: readonly number[], values: Float32Array): string {
    return this.#constant(name, shape, values);
  }

  scalar(value: number): string {
    return this.#constant(`number_${value}`, [], Float32Array.of(value));
  }

  /** Shapes, indices, axes. */
  integers(values: readonly number[]): string {
    return this.#constant(
      `integers_${values.join('_')}`,
      [values.length],
      BigInt64Array.from(values, BigInt),
    );
  }

  /** A whole number without dimensions, as `Range` wants it. */
  integer(value: number): string {
    return this.#constant(`integer_${value}`, [], BigInt64Array.of(BigInt(value)));
  }

  /** What has the name already is the same. */
  #constant(name: string, shape: readonly number[], values: OnnxTensor['values']): string {
    if (!this.tensors.some((tensor) => tensor.name === name)) this.tensors.push({ name, shape, values });
    return name;
  }
}
