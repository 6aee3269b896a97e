import * as tf from './tensorflow.ts';

/** An attribute of a TensorFlow op as tfjs-node's binding takes it. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** What the binding says of an op's output: its handle, shape and TensorFlow DataType number. */
export interface OpResult {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

type NativeValues = Float32Array | Int32Array | Uint8Array;

/** tfjs-node's N-API binding over the TensorFlow C API: tensors are numbers (handles), ops are run by name. */
export interface Binding {
  createTensor(shape: number[], dtype: number, values: NativeValues): number;
  deleteTensor(handle: number): void;
  tensorDataSync(handle: number): NativeValues;
  executeOp(name: string, attributes: OpAttribute[], inputs: number[], numOutputs: number): OpResult[];
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(model: number): void;
  runSavedModel(model: number, inputs: number[], inputNames: string, outputNames: string): OpResult[];
  getNumOfSavedModels(): number;
  isUsingGpuDevice(): boolean;
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
}

/** A binding that does as another one does, but for some of its functions. */
export function bindingWith(native: Binding, others: Partial<Binding>): Binding {
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(native));
  const names = [...Object.getOwnPropertyNames(native), ...methods] as (keyof Binding)[];
  const own = names.map((name) => {
    const value: unknown = native[name];
    return [name, typeof value === 'function' ? value.bind(native) : value];
  });
  return { ...Object.fromEntries(own), ...others };
}

interface TensorRecord {
  readonly shape: number[];
  /** TensorFlow DataType number. */
  readonly dtype: number;
  /** Values that wait to be uploaded; null once they are with TensorFlow. */
  readonly values: NativeValues | null;
}

/** The parts of tfjs-node's kernel backend that the engine builds on. */
export interface NativeBackend {
  /** Replaced by a recorder while a function is recorded. */
  binding: Binding;
  readonly tensorMap: { get(dataId: object): TensorRecord };
  write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object;
  getInputTensorIds(tensors: tf.TensorInfo[]): number[];
  createOutputTensor(result: OpResult): tf.Tensor;
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: OpAttribute[],
    inputs: tf.TensorInfo[],
    numOutputs: number,
  ): tf.Tensor[];
}

/** The backend of the running TensorFlow. */
export function nativeBackend(): NativeBackend {
  return tf.backend() as unknown as NativeBackend;
}

/** TensorFlow's handle of a tensor; uploads its values first if tfjs still holds them back. */
export function handleOf(tensor: tf.Tensor): number {
  const [handle] = nativeBackend().getInputTensorIds([tensor]);
  if (handle === undefined) throw new Error('The tensor has no handle.');
  return handle;
}

export const typeAttribute = (name: string, value: number): OpAttribute => ({
  name,
  type: nativeBackend().binding.TF_ATTR_TYPE,
  value,
});
export const floatAttribute = (name: string, value: number): OpAttribute => ({
  name,
  type: nativeBackend().binding.TF_ATTR_FLOAT,
  value,
});
export const boolAttribute = (name: string, value: boolean): OpAttribute => ({
  name,
  type: nativeBackend().binding.TF_ATTR_BOOL,
  value,
});
export const stringAttribute = (name: string, value: string): OpAttribute => ({
  name,
  type: nativeBackend().binding.TF_ATTR_STRING,
  value,
});
