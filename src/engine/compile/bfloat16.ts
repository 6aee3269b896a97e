import { DataType } from '../data-type.ts';
import { type Graph, type GraphNode, parseNodeInput } from './graph.ts';

const { FLOAT, BFLOAT16 } = DataType;

/** Where the arithmetic is: always in bf16. TensorFlow sums their products in f32. */
const ALWAYS = new Set([
  'Conv2D',
  'Conv2DBackpropInput',
  'Conv2DBackpropFilter',
  'BatchMatMulV2',
  'BatchMatMul',
  'MatMul',
]);
/** Bound by memory and harmless in bf16: they stay in it when what they read is in it. */
const FOLLOWS = new Set([
  'Relu',
  'ReluGrad',
  'BiasAdd',
  'MirrorPad',
  'MirrorPadGrad',
  'Pad',
  'Slice',
  'AddV2',
  'Add',
  'AddN',
  'AvgPool',
  'AvgPoolGrad',
  'MaxPool',
  'MaxPoolGrad',
  'ResizeNearestNeighbor',
  'DepthToSpace',
  'ConcatV2',
  'StridedSlice',
  'SpaceToDepth',
  'Reshape',
  'Identity',
  'Transpose',
]);
/** These look at a tensor of either type and answer neither. */
const LOOKS_AT = new Set(['Shape']);
/** Normalisation: these inputs and the first output are of type T, statistics stay f32 (type U). */
const NORMALIZATION: Readonly<Record<string, readonly number[]>> = {
  FusedBatchNormV3: [0],
  FusedBatchNormGradV3: [0, 1],
};

/**
 * Rewrites a recorded graph so that convolutions, matrix products and normalisation run in bf16, with casts where
 * precision changes. Weights, optimiser state, differences, losses and
 * outputs stay f32.
 */
export function toBfloat16(graph: Graph): Graph {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const halved = new Map<string, 'all' | 'first'>();
  const outputs = new Set(graph.outputNames);
  const casts = new Map<string, string>();
  const nodes: GraphNode[] = [];

  const cast = (input: string, to: number): string => {
    const key = `${input}>${to}`;
    const known = casts.get(key);
    if (known !== undefined) return known;
    const name = `cast${casts.size}`;
    const from = to === BFLOAT16 ? FLOAT : BFLOAT16;
    nodes.push({
      name,
      op: 'Cast',
      input: [input],
      attr: { SrcT: { type: from }, DstT: { type: to } },
      dtypes: [to],
    });
    casts.set(key, name);
    return name;
  };
  const isHalf = (input: string): boolean => {
    if (input.startsWith('^')) return false;
    const { node, port } = parseNodeInput(input);
    const halves = halved.get(node);
    return halves === 'all' || (halves === 'first' && port === 0);
  };
  const isFloat = (input: string): boolean => {
    if (input.startsWith('^')) return false;
    const { node, port } = parseNodeInput(input);
    return byName.get(node)?.dtypes[port] === FLOAT;
  };

  for (const node of graph.nodes) {
    const isNormalization = node.op in NORMALIZATION;
    const typed = NORMALIZATION[node.op] ?? node.input.flatMap((input, i) => (isFloat(input) ? [i] : []));
    const isTypedFloat = node.attr.T?.type === FLOAT;
    const follows =
      FOLLOWS.has(node.op) && !outputs.has(node.name) && typed.some((i) => isHalf(node.input[i] ?? ''));
    if (isTypedFloat && (isNormalization || ALWAYS.has(node.op) || follows)) {
      const input = node.input.map((source, i) =>
        typed.includes(i) && !isHalf(source) ? cast(source, BFLOAT16) : source,
      );
      halved.set(node.name, isNormalization ? 'first' : 'all');
      nodes.push({ ...node, input, attr: { ...node.attr, T: { type: BFLOAT16 } } });
    } else if (isTypedFloat && LOOKS_AT.has(node.op) && node.input.some(isHalf)) {
      nodes.push({ ...node, attr: { ...node.attr, T: { type: BFLOAT16 } } });
    } else {
      nodes.push({
        ...node,
        input: node.input.map((source) => (isHalf(source) ? cast(source, FLOAT) : source)),
      });
    }
  }
  return { ...graph, nodes };
}
