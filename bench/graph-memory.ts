/** How much memory a recorded function takes while it runs, worked out from its graph: nothing is run. */
import type { Graph, GraphNode, ShapeProto } from '../src/engine/compile/graph.ts';
import { parseNodeInput } from '../src/engine/compile/graph.ts';
import { DataType } from '../src/engine/data-type.ts';

/** Their output is their first input's memory under another name. */
const ALIASES = new Set(['Identity', 'Reshape', 'ExpandDims', 'Squeeze']);
/** TensorFlow keeps these on the processor's side, or they are no memory of their own. */
const NO_MEMORY = new Set(['VarHandleOp', 'ReadVariableOp', 'AssignVariableOp', 'Shape', 'NoOp']);

/**
 * The most bytes that a call holds at once, in the order of recording: an output from its op to its last reader, constants and state
 * always. What TensorFlow computes in place of an input is counted as if it did not.
 *
 * @param fetches what the call answers, which is held to its end.
 */
export function peakOfGraph({ nodes }: Graph, fetches: readonly string[]): { peak: number; fixed: number } {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  // The node and port whose memory an input names.
  const owner = (input: string): string => {
    const { node: name, port } = parseNodeInput(input.replace('^', ''));
    const node = byName.get(name)!;
    return ALIASES.has(node.op) && node.input.length > 0 ? owner(node.input[0]!) : `${name}:${port}`;
  };
  const wanted = reachable(byName, fetches);
  const lastUse = new Map<string, number>();
  nodes.forEach(({ name, input }, i) => {
    if (!wanted.has(name)) return;
    for (const source of input) if (!source.startsWith('^')) lastUse.set(owner(source), i);
  });
  for (const name of fetches) lastUse.set(owner(name), nodes.length);
  let fixed = 0;
  let [now, peak] = [0, 0];
  const ending = new Map<number, number>();
  nodes.forEach((node, i) => {
    if (!wanted.has(node.name)) return;
    if (node.op === 'Const') fixed += node.attr.value!.tensor!.tensor_content.length;
    else if (node.op === 'VarHandleOp') fixed += 4 * sizeOfProto(node.attr.shape!.shape!);
    else if (!ALIASES.has(node.op) && !NO_MEMORY.has(node.op)) {
      outputBytes(node, byName).forEach((bytes, port) => {
        now += bytes;
        const end = lastUse.get(`${node.name}:${port}`) ?? i;
        ending.set(end, (ending.get(end) ?? 0) + bytes);
      });
    }
    peak = Math.max(peak, now);
    now -= ending.get(i) ?? 0;
  });
  return { peak: peak + fixed, fixed };
}

function reachable(byName: ReadonlyMap<string, GraphNode>, from: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const input of byName.get(name)!.input) open.push(parseNodeInput(input.replace('^', '')).node);
  }
  return found;
}

function outputBytes(node: GraphNode, byName: ReadonlyMap<string, GraphNode>): number[] {
  const { op, attr, dtypes } = node;
  const isHalf = (port: number) =>
    dtypes[port] === DataType.BFLOAT16 ||
    // What `toBfloat16` has changed; statistics stay in f32.
    (attr.T?.type === DataType.BFLOAT16 && !(op.startsWith('FusedBatchNorm') && port > 0));
  const isByte = (port: number) => dtypes[port] === DataType.BOOL || dtypes[port] === DataType.UINT8;
  const width = (port: number) => (isByte(port) ? 1 : isHalf(port) ? 2 : 4);
  if (op === 'Placeholder') return [width(0) * sizeOfProto(attr.shape!.shape!)];
  return shapesOf(node, byName).map(
    (shape, port) => shape.reduce((product, side) => product * side, 1) * width(port),
  );
}

/** A cast has the shape of what it casts, and that may be another output than the first. */
function shapesOf(node: GraphNode, byName: ReadonlyMap<string, GraphNode>): readonly (readonly number[])[] {
  if (node.shapes) return node.shapes;
  if (node.op !== 'Cast') return [];
  const { node: from, port } = parseNodeInput(node.input[0]!);
  const source = byName.get(from)!;
  if (source.op === 'Const') return [source.attr.value!.tensor!.tensor_shape.dim.map(({ size }) => size)];
  if (source.op === 'Placeholder') return [source.attr.shape!.shape!.dim.map(({ size }) => size)];
  if (source.op === 'ReadVariableOp') return shapesOfVariable(byName.get(source.input[0]!)!);
  return [shapesOf(source, byName)[port] ?? []];
}

const shapesOfVariable = ({ attr }: GraphNode) => [attr.shape!.shape!.dim.map(({ size }) => size)];

const sizeOfProto = ({ dim }: ShapeProto) => dim.reduce((product, { size }) => product * size, 1);
