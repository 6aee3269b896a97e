/** Inputs, outputs and state of compiled functions by name. Only the files next to this one know them as lists. */
import type * as tf from '../tensorflow.ts';

/** Records of a kind of leaf by name, in records to any depth. A name that is undefined is not there. */
export type Nested<Leaf> = { readonly [name: string]: Leaf | Nested<Leaf> | undefined };

/** Tensors by name. Types of records are aliases: TypeScript does not take an interface for one. */
export type TensorRecord = Nested<tf.Tensor>;

/** No tensors. */
export type NoTensors = Readonly<Record<never, tf.Tensor>>;

/** The shapes of a record of tensors. */
export type ShapesOf<Tensors extends TensorRecord> = {
  readonly [Name in keyof Tensors]: ShapeOf<Tensors[Name]>;
};
type ShapeOf<Value> = Value extends tf.Tensor
  ? InputShape
  : Value extends TensorRecord
    ? ShapesOf<Value>
    : Value;

/** A list as a record, by places: the first is `0`. */
export function numbered<Value>(list: readonly Value[]): Readonly<Record<string, Value>> {
  return Object.fromEntries(list.map((value, i) => [i, value]));
}

/** A record's leaves and their paths (`adam/first/kernel`), in the order in which the names were written. */
export function leavesOf<Leaf>(record: Nested<Leaf>, prefix = ''): (readonly [path: string, leaf: Leaf])[] {
  return Object.entries(record).flatMap(([name, value]) => {
    const path = `${prefix}${name}`;
    if (value === undefined) return [];
    return isRecord(value) ? leavesOf(value, `${path}/`) : [[path, value] as const];
  });
}

/** The record's leaves as a list. */
export function listOf<Leaf>(record: Nested<Leaf>): Leaf[] {
  return leavesOf(record).map(([, leaf]) => leaf);
}

/** A record of the same names whose leaves are made of this one's. */
export function mapRecord<From, To>(record: Nested<From>, make: (leaf: From) => To): Nested<To> {
  const present = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    present.map(([name, value]) => [
      name,
      isRecord(value as From | Nested<From>) ? mapRecord(value as Nested<From>, make) : make(value as From),
    ]),
  );
}

/** The shape of each tensor. */
export function shapesOf<Tensors extends TensorRecord>(tensors: Tensors): ShapesOf<Tensors> {
  return mapRecord(tensors, ({ shape }: tf.Tensor) => shape) as unknown as ShapesOf<Tensors>;
}

/** A record whose leaves are made of those that several records of the same names have at their place. */
export function joinRecords<Leaves extends TensorRecord>(
  records: readonly Leaves[],
  join: (leaves: tf.Tensor[]) => tf.Tensor,
): Leaves {
  const [first] = records;
  const lists = records.map((record) => inOrderOf<tf.Tensor>(first!, record, 'leaf'));
  const joined = lists[0]!.map((_, i) => join(lists.map((list) => list[i]!)));
  return recordOf(joined, first!) as Leaves;
}

/** `listOf`'s inverse. @param like a record of the wanted names, whatever its leaves. */
export function recordOf<Leaf>(leaves: readonly Leaf[], like: Nested<unknown>): Nested<Leaf> {
  let next = 0;
  return mapRecord(like, () => leaves[next++]!);
}

/**
 * The leaves of a record in the order of another.
 *
 * @param like has the names that are wanted. @param what they are, and `where` what comes first, for the message.
 * @throws {RangeError} one of them is missing, or one is not wanted.
 */
export function inOrderOf<Leaf>(
  like: Nested<unknown>,
  record: Nested<Leaf>,
  what: string,
  where = '',
): Leaf[] {
  const given = new Map(leavesOf(record));
  const wanted = leavesOf(like).map(([path]) => path);
  const found = wanted.map((path) => {
    const leaf = given.get(path);
    if (leaf === undefined) throw new RangeError(`${where}Expected ${what} ${path} but received none.`);
    return leaf;
  });
  if (given.size > wanted.length) {
    const more = [...given.keys()].filter((path) => !wanted.includes(path));
    throw new RangeError(`${where}Expected no ${what} ${more.join(', ')} but received it.`);
  }
  return found;
}

/** Whether a value is a record, not a leaf: tensors have a class, shapes are lists. */
function isRecord<Leaf>(value: Leaf | Nested<Leaf>): value is Nested<Leaf> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Sides of a tensor; `null` is one of any length. */
export type InputShape = readonly (number | null)[];

/**
 * Tensors as a list in the order of their shapes.
 *
 * @param where what comes first in the message. @throws {RangeError} one is missing, not wanted, or of another shape.
 */
export function checkedTensors(
  tensors: TensorRecord,
  shapes: Nested<InputShape>,
  what: 'input' | 'state',
  where = '',
): tf.Tensor[] {
  const list = inOrderOf(shapes, tensors, what, where);
  leavesOf(shapes).forEach(([path, shape], i) => {
    const { shape: given } = list[i]!;
    const fits =
      given.length === shape.length && shape.every((side, j) => side === null || side === given[j]);
    if (!fits) {
      const shown = shape.map((side) => side ?? 'any');
      throw new RangeError(`${where}Expected ${what} ${path} of shape [${shown}] but received [${given}].`);
    }
  });
  return list;
}

/**
 * The next state as a list in the order of the state.
 *
 * @throws {RangeError} a name is missing or not the state's. {Error} one is of another shape.
 */
export function checkedNextState<State extends TensorRecord>(next: State, state: State): tf.Tensor[] {
  const list = inOrderOf(state, next, 'next state');
  leavesOf<tf.Tensor>(state).forEach(([path, { shape }], i) => {
    const { shape: given } = list[i]!;
    if (String(given) !== String(shape))
      throw new Error(`State ${path} is of shape [${shape}] but the next one of [${given}].`);
  });
  return list;
}
