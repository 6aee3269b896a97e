/**
 * Styles as graph models of TensorFlow.js: model.json, as tfjs-converter writes it, and the weights in shards.
 * https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts
 */
import type { AttrValue, GraphNode, ShapeProto } from '../../engine/compile/graph.ts';
import { DataType } from '../../engine/data-type.ts';
import { toHalves } from '../../networks/half-float.ts';
import type { FormatWriter } from '../format-writer.ts';
import type { GraphPort } from '../graph-writer.ts';
import { writeStyleGraph } from '../style-graph.ts';
import {
  type GraphConstant,
  portShape,
  TensorFlowWriter,
  type TrainedConstant,
} from './tensorflow-writer.ts';

/** As large as tfjs-converter makes them: browsers keep files of that size. */
const SHARD_BYTES = 4 * 2 ** 20;
/** The one of TensorFlow 2.4, which has all operations as they are used here. */
const PRODUCER = 561;

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [DataType.FLOAT]: 'DT_FLOAT',
  [DataType.INT32]: 'DT_INT32',
};

export const tfjsFormat: FormatWriter = {
  write(network, options, { name, producer, description, metadata }) {
    const graph = new TensorFlowWriter();
    writeStyleGraph(network, options, graph);
    const isHalf = (constant: GraphConstant): constant is TrainedConstant =>
      constant.isTrained && options.weights === 'float16';
    const { constants } = graph;
    const data = Buffer.concat(
      constants.map((constant) => bytesOf(isHalf(constant) ? toHalves(constant.values) : constant.values)),
    );
    const shards = Array.from({ length: Math.ceil(data.length / SHARD_BYTES) }, (_, i) =>
      data.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES),
    );
    const paths = shards.map((_, i) => `group1-shard${i + 1}of${shards.length}.bin`);
    const model = {
      format: 'graph-model',
      generatedBy: `${producer.name} ${producer.version}`,
      convertedBy: null,
      signature: { inputs: portsJson(graph.inputs), outputs: portsJson(graph.outputs) },
      userDefinedMetadata: { ...metadata, name, description },
      modelTopology: {
        node: [...constants.map(constantJson), ...graph.nodes.map(nodeJson)],
        library: {},
        versions: { producer: PRODUCER },
      },
      weightsManifest: [
        {
          paths,
          weights: constants.map((constant) => ({
            name: constant.name,
            shape: constant.shape,
            dtype: constant.values instanceof Int32Array ? 'int32' : 'float32',
            ...(isHalf(constant) && {
              quantization: { dtype: 'float16', original_dtype: 'float32' },
            }),
          })),
        },
      ],
    };
    return new Map<string, Uint8Array>([
      ['model.json', Buffer.from(JSON.stringify(model))],
      ...shards.map((shard, i) => [paths[i]!, shard] as const),
    ]);
  },
  async open(files) {
    return (await import('./tensorflow-runtime.ts')).openGraphModel(files);
  },
};

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Int32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

// What follows is GraphDef and SignatureDef in the JSON of protocol buffers, where 64-bit integers are texts.

function portsJson(ports: readonly GraphPort[]) {
  return Object.fromEntries(
    ports.map((port) => [
      port.name,
      { name: `${port.name}:0`, dtype: 'DT_FLOAT', tensorShape: shapeJson(portShape(port)) },
    ]),
  );
}

function constantJson({ name, shape, values }: GraphConstant) {
  const dtype = values instanceof Int32Array ? 'DT_INT32' : 'DT_FLOAT';
  const tensorShape = { dim: shape.map((size) => ({ size: String(size) })) };
  return { name, op: 'Const', attr: { dtype: { type: dtype }, value: { tensor: { dtype, tensorShape } } } };
}

function nodeJson({ name, op, input, attr }: GraphNode) {
  const values = Object.entries(attr).map(([key, value]) => [key, attributeJson(value)]);
  return { name, op, input, attr: Object.fromEntries(values) };
}

function attributeJson({ s, i, b, type, shape, list }: AttrValue) {
  if (s !== undefined) return { s: Buffer.from(s).toString('base64') };
  if (i !== undefined) return { i: String(i) };
  if (b !== undefined) return { b };
  if (type !== undefined) return { type: TYPE_NAMES[type]! };
  if (shape !== undefined) return { shape: shapeJson(shape) };
  return { list: { i: (list?.i ?? []).map(String) } };
}

function shapeJson({ dim }: ShapeProto) {
  return { dim: dim.map(({ size }) => ({ size: String(size) })) };
}
