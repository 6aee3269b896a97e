import { DataType } from '../data-type.ts';

export interface ShapeProto {
  readonly dim: readonly { readonly size: number }[];
}

/** One value of TensorFlow's AttrValue; exactly one field is set. */
export interface AttrValue {
  readonly s?: Uint8Array;
  readonly i?: number;
  readonly f?: number;
  readonly b?: boolean;
  readonly type?: number;
  readonly shape?: ShapeProto;
  readonly tensor?: {
    readonly dtype: number;
    readonly tensor_shape: ShapeProto;
    readonly tensor_content: Uint8Array;
  };
  readonly list?: Readonly<Record<string, readonly unknown[]>>;
}

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** 'node', 'node:port' or '^node' for order only. */
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, AttrValue>>;
  /** TensorFlow DataType number of each output. Not written to the file. */
  readonly dtypes: readonly number[];
  /** Shape of each output, with the sides that it was recorded with. Not written to the file; unknown of what no op of tfjs made. */
  readonly shapes?: readonly (readonly number[])[];
}

/** Where one function of a graph begins and ends. */
export interface GraphFunction {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** What a call fetches: the outputs, or where there are none something that stands for its end. */
  readonly fetchNames: readonly string[];
  /** Whether a call leaves another state. */
  readonly assigns: boolean;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly functions: Readonly<Record<string, GraphFunction>>;
  /** The outputs of all functions. */
  readonly outputNames: readonly string[];
  /** Number of resource variables: `state0` … with `read0`, `initial0`, `initialise0` for each. */
  readonly numState: number;
}

/** TensorFlow writes a side of unknown length as −1. */
export const shapeProto = (shape: readonly (number | null)[]): ShapeProto => ({
  dim: shape.map((size) => ({ size: size ?? -1 })),
});

/** Splits 'node:port' into its parts; port 0 is not written. */
export function parseNodeInput(input: string): { readonly node: string; readonly port: number } {
  const [node = '', port = '0'] = input.split(':');
  return { node, port: Number(port) };
}

/** Constants of at most this many bytes are written once however often they occur. */
const SHARED_CONSTANT_BYTES = 64;
/** From this many elements on, a tensor of one value is written as Fill instead of as megabytes. */
const FILL_FROM = 64;

/** Collects the nodes of a graph and remembers which node made which tensor. */
export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  readonly #sourceOf = new Map<number, string>();
  readonly #unused = new Map<number, () => string>();
  readonly #sharedConstants = new Map<string, string>();

  /** Appends a node and answers its name. */
  add(
    op: string,
    input: readonly string[],
    attr: Record<string, AttrValue>,
    dtypes: readonly number[],
    name = `${op}_${this.nodes.length}`,
    shapes?: GraphNode['shapes'],
  ): string {
    this.nodes.push({ name, op, input, attr, dtypes, ...(shapes && { shapes }) });
    return name;
  }

  /** Says that the tensor of `handle` is the output `source` ('node' or 'node:port'). */
  bind(handle: number, source: string): void {
    this.#sourceOf.set(handle, source);
  }

  /** The same of a node that is made when it is first asked for, if it is. */
  bindLater(handle: number, make: () => string): void {
    this.#unused.set(handle, make);
  }

  sourceOf(handle: number): string | undefined {
    const make = this.#unused.get(handle);
    if (make !== undefined) {
      this.#unused.delete(handle);
      this.bind(handle, make());
    }
    return this.#sourceOf.get(handle);
  }

  /** Writes a tensor's values into the graph and answers the node's name. */
  constant(shape: readonly number[], dtype: number, bytes: Uint8Array): string {
    const value = dtype === DataType.FLOAT ? repeatedValue(shape, bytes) : undefined;
    if (value !== undefined) {
      const dims = this.constant([shape.length], DataType.INT32, asBytes(Int32Array.from(shape)));
      const fill = this.constant([], DataType.FLOAT, asBytes(Float32Array.of(value)));
      const attr = { T: { type: dtype }, index_type: { type: DataType.INT32 } };
      return this.add('Fill', [dims, fill], attr, [dtype], undefined, [shape]);
    }
    const key =
      bytes.length <= SHARED_CONSTANT_BYTES
        ? `${dtype}|${shape}|${Buffer.from(bytes).toString('hex')}`
        : undefined;
    const shared = key === undefined ? undefined : this.#sharedConstants.get(key);
    if (shared !== undefined) return shared;
    const tensor = { dtype, tensor_shape: shapeProto(shape), tensor_content: bytes };
    const name = this.add('Const', [], { dtype: { type: dtype }, value: { tensor } }, [dtype]);
    if (key !== undefined) this.#sharedConstants.set(key, name);
    return name;
  }
}

/** A copy of the bytes of a typed array: TensorFlow's and tfjs's memory may be freed or reused afterwards. */
export function asBytes(values: Float32Array | Int32Array | Uint8Array): Uint8Array {
  return new Uint8Array(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength));
}

function repeatedValue(shape: readonly number[], bytes: Uint8Array): number | undefined {
  const size = shape.reduce((product, side) => product * side, 1);
  if (size < FILL_FROM) return undefined;
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, size);
  const first = values[0] ?? 0;
  return values.every((value) => value === first) ? first : undefined;
}
