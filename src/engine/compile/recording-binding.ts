import { type Binding, bindingWith, type NativeBackend, type OpAttribute } from '../native-backend.ts';
import { type AttrValue, asBytes, type GraphBuilder, shapeProto } from './graph.ts';
import { Symbols } from './symbols.ts';

/** Runs `call` with a binding that runs no op, says what it would answer (`Symbols`) and writes it down. */
export function withRecorder<T>(backend: NativeBackend, graph: GraphBuilder, call: () => T): T {
  const native = backend.binding;
  const { write, getInputTensorIds } = backend;
  const symbols = new Symbols(native);
  const madeHere = new WeakSet<object>();
  backend.write = (values, shape, dtype) => {
    const dataId = write.call(backend, values, shape, dtype);
    madeHere.add(dataId);
    return dataId;
  };
  // tfjs uploads a tensor's values at first use: one made before the recording would slip in as a constant unnoticed.
  backend.getInputTensorIds = (tensors) => {
    for (const { dataId } of tensors) {
      if (backend.tensorMap.get(dataId).values !== null && !madeHere.has(dataId)) throw undeclared('An op');
    }
    const handles = getInputTensorIds.call(backend, tensors);
    for (const [i, { dataId }] of tensors.entries()) {
      const { shape, dtype } = backend.tensorMap.get(dataId);
      symbols.declare(handles[i]!, shape, dtype);
    }
    return handles;
  };
  backend.binding = recordingBinding(native, graph, symbols);
  try {
    return call();
  } finally {
    backend.binding = native;
    backend.write = write;
    backend.getInputTensorIds = getInputTensorIds;
  }
}

function recordingBinding(native: Binding, graph: GraphBuilder, symbols: Symbols): Binding {
  return bindingWith(native, {
    executeOp(op, attributes, inputs, numOutputs) {
      const sources = inputs.map((handle) => {
        const known = graph.sourceOf(handle);
        if (known === undefined) throw undeclared(op);
        return known;
      });
      const results = symbols.run(op, attributes, inputs, numOutputs);
      const attr = Object.fromEntries(
        attributes.map((attribute) => [attribute.name, attrValue(native, attribute)]),
      );
      const node = graph.add(
        op,
        sources,
        attr,
        results.map(({ dtype }) => dtype),
        undefined,
        results.map(({ shape }) => shape),
      );
      results.forEach(({ id }, port) => {
        graph.bind(id, port === 0 ? node : `${node}:${port}`);
      });
      return results;
    },
    createTensor(shape, dtype, values) {
      const handle = symbols.create(shape, dtype, values);
      graph.bind(handle, graph.constant(shape, dtype, asBytes(values)));
      return handle;
    },
    deleteTensor(handle) {
      if (!symbols.isOwn(handle)) native.deleteTensor(handle);
    },
    tensorDataSync() {
      throw new Error(
        'A compiled function must not read the values of a tensor (data, dataSync, array, print): return it as an output.',
      );
    },
  });
}

/** What a compiled function may not do: use a tensor that nobody has declared. */
function undeclared(op: string): Error {
  return new Error(
    `${op} in a compiled function reads a tensor that is neither input, state nor constant: declare it.`,
  );
}

function attrValue(native: Binding, { name, type, value }: OpAttribute): AttrValue {
  const kind = new Map<number, keyof AttrValue>([
    [native.TF_ATTR_STRING, 's'],
    [native.TF_ATTR_INT, 'i'],
    [native.TF_ATTR_FLOAT, 'f'],
    [native.TF_ATTR_BOOL, 'b'],
    [native.TF_ATTR_TYPE, 'type'],
    [native.TF_ATTR_SHAPE, 'shape'],
  ]).get(type);
  if (kind === undefined)
    throw new Error(`The attribute ${name} is of a kind (${type}) that cannot be compiled.`);
  const convert = (one: unknown) =>
    kind === 's' ? Buffer.from(one as string) : kind === 'shape' ? shapeProto(one as number[]) : one;
  const isList = Array.isArray(value) && kind !== 'shape';
  return isList
    ? { list: { [kind]: (value as unknown[]).map(convert) } }
    : ({ [kind]: convert(value) } as AttrValue);
}
