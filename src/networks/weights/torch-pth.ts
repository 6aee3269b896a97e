/**
 * Reads state dictionaries as torch.save writes them: a zip archive (torch ≥ 1.6), or the older chain of pickles with
 * the storages after it, in which torchvision's VGG files still are. Nothing in the file is run.
 */
import { WeightsError } from '../../system/errors.ts';
import { printable } from '../../system/printable.ts';
import { fromBfloat16, fromHalf } from '../half-float.ts';
import type { NamedArray } from '../safetensors.ts';
import {
  ByteReader,
  PickleFault,
  PickleGlobal,
  type PickleMeaning,
  type PickleValue,
  unpickle,
} from './pickle.ts';
import { ZipEntries, ZipFault } from './zip-entries.ts';

/** The first pickle of the older format. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/** How a storage's bytes become numbers, by the name of its class in torch. */
const STORAGES: Readonly<Record<string, { width: number; read: (view: DataView, at: number) => number }>> = {
  'torch.FloatStorage': { width: 4, read: (view, at) => view.getFloat32(at, true) },
  'torch.DoubleStorage': { width: 8, read: (view, at) => view.getFloat64(at, true) },
  'torch.HalfStorage': { width: 2, read: (view, at) => fromHalf(view.getUint16(at, true)) },
  'torch.BFloat16Storage': { width: 2, read: (view, at) => fromBfloat16(view.getUint16(at, true)) },
};
const WIDTHS_OF_OTHERS: Readonly<Record<string, number>> = {
  'torch.LongStorage': 8,
  'torch.IntStorage': 4,
  'torch.ShortStorage': 2,
  'torch.CharStorage': 1,
  'torch.ByteStorage': 1,
  'torch.BoolStorage': 1,
};
const REBUILD = /^torch\._utils\._rebuild_(tensor|tensor_v2|parameter)$/;

class Storage {
  readonly type: string;
  readonly key: string;
  readonly length: number;
  /** Where in the stored elements this one begins: older files know storages that are views of others. */
  readonly start: number;

  constructor(type: string, key: string, length: number, start: number) {
    this.type = type;
    this.key = key;
    this.length = length;
    this.start = start;
  }
}

class Tensor {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(storage: Storage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/**
 * @param wanted tells by its name whether a tensor is worth reading; others are not looked at.
 * @returns the tensors of the state dictionary, or of the `state_dict` in a training checkpoint, as float32.
 * @throws {WeightsError} the file is cut, no state dictionary, or asks for more than tensors.
 */
export async function readTorchWeights(
  bytes: Buffer,
  file: string,
  wanted: (name: string) => boolean,
): Promise<readonly NamedArray[]> {
  try {
    const { root, data } = bytes[0] === 0x50 ? await readZip(bytes) : readChain(bytes);
    const tensors = stateDictionary(root).filter(([name]) => wanted(name));
    // Tensors of one storage, or storages at one place of the file, may be any number of times as large as it.
    let left = bytes.length;
    const arrays: NamedArray[] = [];
    for (const [name, tensor] of tensors) {
      left -= bytesOf(tensor);
      arrays.push(await namedArray(name, tensor, data, left >= 0));
    }
    return arrays;
  } catch (error) {
    if (error instanceof PickleFault || error instanceof ZipFault) {
      throw new WeightsError(`${file} is not a state dictionary saved by torch: ${error.message}.`, {
        cause: error,
      });
    }
    throw error;
  }
}

/** What both formats come to: a tree of tensors, and the bytes of each storage by its key. */
interface Saved {
  readonly root: PickleValue;
  readonly data: (storage: Storage) => Buffer | Promise<Buffer>;
}

async function readZip(bytes: Buffer): Promise<Saved> {
  const archive = await ZipEntries.of(bytes);
  const pickle = [...archive.names()].find((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickle === undefined) throw new PickleFault('the archive lacks data.pkl');
  const folder = pickle.slice(0, -'data.pkl'.length);
  if ([...archive.names()].includes(`${folder}byteorder`)) {
    const order = (await archive.read(`${folder}byteorder`)).toString();
    if (order !== 'little') throw new PickleFault(`its byte order is ${printable(order)}`);
  }
  const root = unpickle(new ByteReader(await archive.read(pickle)), meaning());
  return { root, data: ({ key }) => archive.read(`${folder}data/${key}`) };
}

function readChain(bytes: Buffer): Saved {
  const reader = new ByteReader(bytes);
  const storages = new Map<string, Storage>();
  const plain = meaning();
  if (unpickle(reader, plain) !== MAGIC)
    throw new PickleFault('its first number is not the one torch writes');
  if (unpickle(reader, plain) !== PROTOCOL) throw new PickleFault('its version is not known');
  const system = unpickle(reader, plain);
  if (!(system instanceof Map) || system.get('little_endian') !== true) {
    throw new PickleFault('its byte order is not little');
  }
  const root = unpickle(reader, meaning(storages));
  const keys = unpickle(reader, plain);
  if (!Array.isArray(keys)) throw new PickleFault('it lacks the list of its storages');
  const data = new Map<string, Buffer>();
  for (const key of keys) {
    const storage = storages.get(String(key));
    const length = Number(reader.take(8).readBigInt64LE());
    const width = storage && widthOf(storage.type);
    if (width === undefined)
      throw new PickleFault(`its storage ${printable(key)} is of a type not known here`);
    data.set(String(key), reader.take(length * width));
  }
  return {
    root,
    data: ({ key }) => {
      const found = data.get(key);
      if (found === undefined) throw new PickleFault(`it lacks the storage ${printable(key)}`);
      return found;
    },
  };
}

function meaning(storages = new Map<string, Storage>()): PickleMeaning {
  return {
    allows: (name) =>
      name === 'collections.OrderedDict' || REBUILD.test(name) || /^torch\.[A-Za-z0-9]+Storage$/.test(name),
    call(name, args) {
      if (name === 'collections.OrderedDict' && args.length === 0) return new Map();
      const [first, offset, shape, strides] = args;
      if (name === 'torch._utils._rebuild_parameter' && first instanceof Tensor) return first;
      if (first instanceof Storage && isSize(offset) && isSizes(shape) && isSizes(strides)) {
        if (REBUILD.test(name) && shape.length === strides.length)
          return new Tensor(first, offset, shape, strides);
      }
      throw new PickleFault(`it calls ${name} in a way not known here`);
    },
    persistent(id) {
      const [kind, type, key, , length, view] = Array.isArray(id) ? (id as PickleValue[]) : [];
      if (
        kind !== 'storage' ||
        !(type instanceof PickleGlobal) ||
        typeof key !== 'string' ||
        !isSize(length)
      ) {
        throw new PickleFault('it refers to something that is no storage of numbers');
      }
      storages.set(key, new Storage(type.name, key, length, 0));
      if (!Array.isArray(view)) return new Storage(type.name, key, length, 0);
      const [, start, viewLength] = view as PickleValue[];
      if (!isSize(start) || !isSize(viewLength)) throw new PickleFault('it refers to a view not known here');
      return new Storage(type.name, key, viewLength, start);
    },
  };
}

function stateDictionary(root: PickleValue): readonly (readonly [string, Tensor])[] {
  const inner = root instanceof Map ? (root.get('state_dict') ?? root) : undefined;
  if (!(inner instanceof Map)) throw new PickleFault('it holds no dictionary of tensors');
  const tensors: (readonly [string, Tensor])[] = [];
  for (const [name, value] of inner) {
    if (typeof name === 'string' && value instanceof Tensor) tensors.push([name, value]);
  }
  if (tensors.length === 0) throw new PickleFault('it holds no dictionary of tensors');
  return tensors;
}

function bytesOf({ storage, shape }: Tensor): number {
  return (widthOf(storage.type) ?? 1) * shape.reduce((product, n) => product * n, 1);
}

/** @param fits whether the file has room for it and those before it. */
async function namedArray(
  name: string,
  tensor: Tensor,
  data: Saved['data'],
  fits: boolean,
): Promise<NamedArray> {
  const { storage, offset, shape, strides } = tensor;
  const format = Object.hasOwn(STORAGES, storage.type) ? STORAGES[storage.type] : undefined;
  if (format === undefined)
    throw new PickleFault(`its tensor ${printable(name)} holds ${storage.type}, not floating point`);
  const bytes = await data(storage);
  const size = shape.reduce((product, n) => product * n, 1);
  const last = offset + shape.reduce((sum, n, axis) => sum + (n - 1) * strides[axis]!, 0);
  const end = (storage.start + last + 1) * format.width;
  if (size > 0 && (last >= storage.length || end > bytes.length)) {
    throw new PickleFault(`its tensor ${printable(name)} of shape [${shape}] reaches beyond its storage`);
  }
  // A tensor that repeats its numbers by strides of zero may be far larger than its file.
  if (size > storage.length) throw new PickleFault(`its tensor ${printable(name)} repeats its numbers`);
  if (!fits) throw new PickleFault('its tensors are larger than the file, as they share their numbers');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(size);
  const index = shape.map(() => 0);
  let at = storage.start + offset;
  for (let i = 0; i < size; i++) {
    values[i] = format.read(view, at * format.width);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return { name, shape, values };
}

function widthOf(type: string): number | undefined {
  if (Object.hasOwn(STORAGES, type)) return STORAGES[type]!.width;
  return Object.hasOwn(WIDTHS_OF_OTHERS, type) ? WIDTHS_OF_OTHERS[type] : undefined;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isSize);
}
