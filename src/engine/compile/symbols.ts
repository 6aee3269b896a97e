/** Tensors of which only shape and type are known, and the numbers where they come of no input. */
import type { Binding, OpAttribute, OpResult } from '../native-backend.ts';
import { type OpInput, outputsOf, sizeOf } from './op-shapes.ts';

type Numbers = Float32Array | Int32Array | Uint8Array;

interface SymbolicTensor {
  readonly shape: readonly number[];
  readonly dtype: number;
  readonly numbers?: Numbers;
}

/** Numbers are worked out for what may be a shape or an index, not for pictures. */
const MOST_NUMBERS = 1024;

/**
 * Says what ops answer without running them, so that a function of gigabytes is recorded in no time and memory. Handles are negative:
 * tfjs-node deletes none of these.
 */
export class Symbols {
  readonly #native: Binding;
  readonly #symbols = new Map<number, SymbolicTensor>();
  /** −1 is tfjs-node's for what has not been uploaded. */
  #last = -1;

  constructor(native: Binding) {
    this.#native = native;
  }

  /** A tensor that is there: its shape is known, and its numbers are not to be. */
  declare(handle: number, shape: readonly number[], dtype: number): void {
    if (!this.#symbols.has(handle)) this.#symbols.set(handle, { shape, dtype });
  }

  /** A tensor made in the function. @returns its handle. */
  create(shape: readonly number[], dtype: number, numbers?: Numbers): number {
    this.#last -= 1;
    this.#symbols.set(this.#last, { shape, dtype, ...(numbers === undefined ? {} : { numbers }) });
    return this.#last;
  }

  /** Whether a handle is one of a tensor that only has a shape. */
  isOwn(handle: number): boolean {
    return handle < 0;
  }

  /** @throws {Error} what the op answers depends on numbers that are known only when it runs; whatever TensorFlow says of it. */
  run(op: string, attributes: OpAttribute[], handles: readonly number[], count: number): OpResult[] {
    const inputs = handles.map((handle) => this.#symbols.get(handle)!);
    const results = this.#outputs(op, attributes, inputs, count);
    return results.map(({ shape, dtype, numbers }) => {
      return { id: this.create(shape, dtype, numbers), shape: [...shape], dtype };
    });
  }

  #outputs(
    op: string,
    attributes: OpAttribute[],
    inputs: readonly SymbolicTensor[],
    count: number,
  ): readonly SymbolicTensor[] {
    if (op === 'Shape') {
      const { shape } = inputs[0]!;
      const dtype = this.#native.TF_INT32;
      return [{ shape: [shape.length], dtype, numbers: Int32Array.from(shape) }];
    }
    const isSmall = ({ shape }: Pick<SymbolicTensor, 'shape'>) => sizeOf(shape) <= MOST_NUMBERS;
    const byName = Object.fromEntries(attributes.map(({ name, value }) => [name, value]));
    const found = outputsOf(
      op,
      inputs.map((input) => asInput(op, input)),
      byName,
    )?.slice(0, count);
    const areKnown = inputs.length > 0 && inputs.every(({ numbers }) => numbers !== undefined);
    if (areKnown && (found ?? inputs).every(isSmall))
      return this.#compute(op, attributes, inputs, count, true);
    if (found !== undefined) return found;
    // Its shapes may follow from whole numbers, but hardly from others: 0 does for these.
    const { TF_FLOAT, TF_BOOL } = this.#native;
    if (inputs.some(({ dtype, numbers }) => numbers === undefined && dtype !== TF_FLOAT && dtype !== TF_BOOL))
      throw unknown(op);
    return this.#compute(op, attributes, inputs, count, false);
  }

  /** Has TensorFlow run the op, with 0 for numbers that are not known. @param areKnown all are, and so are those that it answers. */
  #compute(
    op: string,
    attributes: OpAttribute[],
    inputs: readonly SymbolicTensor[],
    count: number,
    areKnown: boolean,
  ): readonly SymbolicTensor[] {
    const native = this.#native;
    const handles: number[] = [];
    try {
      for (const { shape, dtype, numbers } of inputs)
        handles.push(native.createTensor([...shape], dtype, numbers ?? this.#zeros(shape, dtype)));
      const results = native.executeOp(op, attributes, handles, count);
      handles.push(...results.map(({ id }) => id));
      return results.map(({ id, shape, dtype }) => ({
        ...{ shape, dtype },
        ...(areKnown ? { numbers: native.tensorDataSync(id) } : {}),
      }));
    } finally {
      for (const handle of handles) native.deleteTensor(handle);
    }
  }

  #zeros(shape: readonly number[], dtype: number): Numbers {
    const size = sizeOf(shape);
    return dtype === this.#native.TF_FLOAT ? new Float32Array(size) : new Uint8Array(size);
  }
}

function asInput(op: string, { shape, dtype, numbers }: SymbolicTensor): OpInput {
  return {
    shape,
    dtype,
    values() {
      if (numbers === undefined) throw unknown(op);
      return [...numbers];
    },
  };
}

function unknown(op: string): Error {
  return new Error(`${op} in a compiled function answers a shape that depends on the values of its inputs.`);
}
