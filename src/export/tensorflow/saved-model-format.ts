/** Styles as SavedModels of TensorFlow, their weights as constants of the graph. */
import { type GraphNode, shapeProto } from '../../engine/compile/graph.ts';
import { encodedPieces } from '../../engine/compile/saved-model.ts';
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

export const savedModelFormat: FormatWriter = {
  write(network, options, { name, producer, description, metadata }) {
    const graph = new TensorFlowWriter();
    writeStyleGraph(network, options, graph);
    const constants = graph.constants.flatMap((constant) =>
      constant.isTrained && options.weights === 'float16' ? halfNodes(constant) : [constantNode(constant)],
    );
    const signature = { inputs: signatureOf(graph.inputs), outputs: signatureOf(graph.outputs) };
    const pieces = encodedPieces({ nodes: [...constants, ...graph.nodes] }, signature);
    // A SavedModel has no place for words but this folder, which TensorFlow leaves alone.
    const about = { ...metadata, name, description, producer: `${producer.name} ${producer.version}` };
    return new Map<string, Uint8Array>([
      ['saved_model.pb', Buffer.concat(pieces)],
      ['assets.extra/style.json', Buffer.from(`${JSON.stringify(about, undefined, 2)}\n`)],
    ]);
  },
  async open(files) {
    return (await import('./tensorflow-runtime.ts')).openSavedModel(files);
  },
};

function constantNode({ name, shape, values }: Omit<GraphConstant, 'isTrained'>): GraphNode {
  return tensorNode(name, shape, values, values instanceof Int32Array ? DataType.INT32 : DataType.FLOAT);
}

/** Kept as float16 and widened when the graph is loaded. */
function halfNodes({ name, shape, values }: TrainedConstant): readonly GraphNode[] {
  const half = `${name}.half`;
  const attr = { SrcT: { type: DataType.HALF }, DstT: { type: DataType.FLOAT } };
  return [
    tensorNode(half, shape, toHalves(values), DataType.HALF),
    { name, op: 'Cast', input: [half], attr, dtypes: [DataType.FLOAT] },
  ];
}

function tensorNode(
  name: string,
  shape: readonly number[],
  { buffer, byteOffset, byteLength }: Float32Array | Int32Array | Uint16Array,
  dtype: number,
): GraphNode {
  const content = new Uint8Array(buffer, byteOffset, byteLength);
  const tensor = { dtype, tensor_shape: shapeProto(shape), tensor_content: content };
  return {
    name,
    op: 'Const',
    input: [],
    attr: { dtype: { type: dtype }, value: { tensor } },
    dtypes: [dtype],
  };
}

function signatureOf(ports: readonly GraphPort[]) {
  return Object.fromEntries(
    ports.map((port) => [port.name, { source: `${port.name}:0`, shape: portShape(port) }]),
  );
}
