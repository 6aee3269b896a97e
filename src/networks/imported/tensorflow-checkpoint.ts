/**
 * Reads variables out of TensorFlow's checkpoints. Version 1 of the format is a table of tensors in one file
 * (`.ckpt`), version 2 a table (`.index`) of where they lie in another file (`.data-00000-of-00001`).
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/saved_tensor_slice.proto
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/tensor_bundle.proto
 */
import { printable } from '../../system/printable.ts';
import { type ProtobufField, packedVarints, protobufFields } from '../../system/protobuf-fields.ts';
import type { NamedArray } from '../safetensors.ts';
import { TableFault, tableEntries } from './sorted-table.ts';

/** DataType. */
const FLOAT = 1;
/** Far more than any shape that is looked at has. */
const MOST_DIMENSIONS = 8;
/** A message without fields is left out. */
const NOTHING = Buffer.alloc(0);

/** @returns variables of the names that are wanted. @throws {TableFault | ProtobufFault} the file is cut, or not of version 1. */
export function readVersion1(bytes: Buffer, wanted: (name: string) => boolean): readonly NamedArray[] {
  const found: NamedArray[] = [];
  const described = new Map<string, Buffer>();
  for (const { key, value } of tableEntries(bytes)) {
    // SavedTensorSlices: the first entry has a SavedTensorSliceMeta with a SavedSliceMeta per variable, all others a SavedSlice.
    if (key === '') {
      const all = messageOf(value, 1) ?? NOTHING;
      for (const { value: each } of [...protobufFields(all)].filter(isMessage(1)))
        described.set(String(messageOf(each, 1)), each);
      continue;
    }
    const slice = messageOf(value, 2) ?? NOTHING;
    const name = String(messageOf(slice, 1));
    const description = described.get(name);
    if (description === undefined || !wanted(name)) continue;
    // TensorProto.
    const numbers = messageOf(messageOf(slice, 3) ?? NOTHING, 5) ?? NOTHING;
    found.push({ name, ...arrayOf(name, numberOf(description, 3), shapeOf(description, 2), numbers) });
  }
  return found;
}

/**
 * @param index the table. @param data the other file. @returns variables of the names that are wanted.
 * @throws {TableFault | ProtobufFault} a file is cut, or not of version 2.
 */
export function readVersion2(
  index: Buffer,
  data: Buffer,
  wanted: (name: string) => boolean,
): readonly NamedArray[] {
  const found: NamedArray[] = [];
  // Variables may claim the same place any number of times.
  let left = data.length;
  for (const { key: name, value } of tableEntries(index)) {
    if (!wanted(name)) continue;
    // BundleEntryProto.
    const [dtype, shard, offset, size] = [1, 3, 4, 5].map((field) => numberOf(value, field));
    if (shard !== 0) throw new TableFault('its numbers are in several files');
    left -= size!;
    if (left < 0 || offset! + size! > data.length) throw new TableFault('its file of numbers is cut');
    found.push({
      name,
      ...arrayOf(name, dtype!, shapeOf(value, 2), data.subarray(offset!, offset! + size!)),
    });
  }
  return found;
}

function arrayOf(
  name: string,
  dtype: number,
  shape: readonly number[],
  bytes: Buffer,
): Pick<NamedArray, 'shape' | 'values'> {
  const count = shape.reduce((product, side) => product * side, 1);
  if (dtype !== FLOAT || bytes.length !== 4 * count)
    throw new TableFault(`${printable(name)} is not a whole tensor of float32 and the shape [${shape}]`);
  // Little-endian, as every machine that Node runs on. The copy is aligned.
  return { shape, values: new Float32Array(new Uint8Array(bytes).buffer) };
}

/** TensorShapeProto. */
function shapeOf(bytes: Buffer, field: number): readonly number[] {
  const shape = messageOf(bytes, field) ?? NOTHING;
  const sides = [...protobufFields(shape)].filter(isMessage(2)).map(({ value }) => numberOf(value, 1));
  if (sides.length <= MOST_DIMENSIONS && sides.every(Number.isSafeInteger)) return sides;
  throw new TableFault('a tensor of it has no shape');
}

function isMessage(number: number) {
  return (field: ProtobufField<Buffer>): field is ProtobufField<Buffer> & { readonly value: Buffer } =>
    field.field === number && typeof field.value !== 'number';
}

function messageOf(bytes: Buffer, number: number): Buffer | undefined {
  return [...protobufFields(bytes)].find(isMessage(number))?.value;
}

/** 0 is left out of a message. */
function numberOf(bytes: Buffer, number: number): number {
  const found = [...protobufFields(bytes)].find(({ field }) => field === number);
  return found === undefined ? 0 : (packedVarints(found.value)[0] ?? 0);
}
