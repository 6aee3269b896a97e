/** A recorded computation: TensorFlow's GraphDef in the few parts that are needed. */

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
}

/** Where one function of a graph begins and ends. */
export interface GraphFunction {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** What a call fetches: the outputs, or where there are none something that stands for its end. */
  readonly fetchNames: readonly string[];
  /** Whether a call leaves another state behind. */
  readonly assigns: boolean;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly functions: Readonly<Record<string, GraphFunction>>;
  /** The outputs of all functions. */
  readonly outputNames: readonly string[];
  /** Number of resource variables: `state0` … with `read0`, `initial0`, `initialise0` beside each. */
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
