import { randomBytes } from 'node:crypto';
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, rmSync, writevSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asFileError } from '../../system/atomic-file.ts';
import { ProtobufMessage } from '../../system/protobuf-message.ts';
import { isRunning } from '../../system/running-process.ts';
import { DataType } from '../data-type.ts';
import type { AttrValue, Graph, GraphNode, ShapeProto } from './graph.ts';

/** TF_GRAPH_DEF_VERSION that the recorded ops are written for. */
const PRODUCER = 1882;
/** As many as the system takes in one call (IOV_MAX is 1,024 on Linux and macOS). */
const PIECES_AT_ONCE = 512;

/** What a graph takes and answers, by the names that callers know and those of its nodes: float32 tensors. */
export interface GraphSignature {
  readonly inputs: Readonly<Record<string, SignatureTensor>>;
  readonly outputs: Readonly<Record<string, SignatureTensor>>;
}

interface SignatureTensor {
  /** 'node:port'. */
  readonly source: string;
  readonly shape: ShapeProto;
}

/**
 * The SavedModel file in pieces; large constants are the graph's own arrays.
 *
 * @param signature of the graph as its default function, for other programs; the binding loads it without.
 */
export function encodedPieces(
  graph: Pick<Graph, 'nodes'>,
  signature?: GraphSignature,
): readonly Uint8Array[] {
  const graphDef = new ProtobufMessage();
  for (const node of graph.nodes) graphDef.message(1, nodeDef(node));
  graphDef.message(4, new ProtobufMessage().integer(1, PRODUCER));
  const metaGraph = new ProtobufMessage()
    .message(1, new ProtobufMessage().text(4, 'serve'))
    .message(2, graphDef);
  if (signature !== undefined) metaGraph.message(5, mapEntry('serving_default', signatureDef(signature)));
  const model = new ProtobufMessage().integer(1, 1).message(2, metaGraph);
  return model.pieces;
}

// The messages are those of tensorflow/core/framework/{node_def,attr_value,tensor,tensor_shape}.proto and of
// tensorflow/core/protobuf/meta_graph.proto.

function signatureDef({ inputs, outputs }: GraphSignature): ProtobufMessage {
  const message = new ProtobufMessage();
  for (const [field, tensors] of [
    [1, inputs],
    [2, outputs],
  ] as const)
    for (const [name, { source, shape }] of Object.entries(tensors)) {
      const info = new ProtobufMessage().text(1, source).integer(2, DataType.FLOAT);
      message.message(field, mapEntry(name, info.message(3, shapeMessage(shape))));
    }
  return message.text(3, 'tensorflow/serving/predict');
}

function mapEntry(key: string, value: ProtobufMessage): ProtobufMessage {
  return new ProtobufMessage().text(1, key).message(2, value);
}

function nodeDef({ name, op, input, attr }: GraphNode): ProtobufMessage {
  const node = new ProtobufMessage().text(1, name).text(2, op);
  for (const source of input) node.text(3, source);
  for (const [key, value] of Object.entries(attr)) node.message(5, mapEntry(key, attrValue(value)));
  return node;
}

function attrValue({ s, i, f, b, type, shape, tensor, list }: AttrValue): ProtobufMessage {
  const value = new ProtobufMessage();
  if (list !== undefined) value.message(1, listValue(list));
  if (s !== undefined) value.bytes(2, s);
  if (i !== undefined) value.integer(3, i);
  if (f !== undefined) value.float(4, f);
  if (b !== undefined) value.integer(5, b);
  if (type !== undefined) value.integer(6, type);
  if (shape !== undefined) value.message(7, shapeMessage(shape));
  if (tensor !== undefined) {
    const content = new ProtobufMessage()
      .integer(1, tensor.dtype)
      .message(2, shapeMessage(tensor.tensor_shape))
      .bytes(4, tensor.tensor_content);
    value.message(8, content);
  }
  return value;
}

function listValue(list: NonNullable<AttrValue['list']>): ProtobufMessage {
  const value = new ProtobufMessage();
  for (const text of (list.s ?? []) as readonly Uint8Array[]) value.bytes(2, text);
  const packed = [
    [3, list.i, 'integer'],
    [4, list.f, 'float'],
    [5, list.b, 'integer'],
    [6, list.type, 'integer'],
  ] as const;
  for (const [field, numbers, as] of packed)
    if (numbers !== undefined) value.packed(field, numbers as readonly number[], as);
  for (const shape of (list.shape ?? []) as readonly ShapeProto[]) value.message(7, shapeMessage(shape));
  return value;
}

function shapeMessage({ dim }: ShapeProto): ProtobufMessage {
  const shape = new ProtobufMessage();
  for (const { size } of dim) shape.message(2, new ProtobufMessage().integer(1, size));
  return shape;
}

/** Writes the graph as a SavedModel into a temporary folder for the time of `load`, the only door the C API's binding has. @throws {FileError} no room or no permission there. */
export function withSavedModel<T>(graph: Graph, load: (folder: string, tag: string) => T): T {
  sweepOnce();
  const folder = join(tmpdir(), `fast-style-graph-${process.pid}-${randomBytes(4).toString('hex')}`);
  const pieces = encodedPieces(graph);
  try {
    try {
      mkdirSync(folder);
      writePieces(join(folder, 'saved_model.pb'), pieces);
    } catch (error) {
      throw asFileError(error, `write to the temporary folder ${folder}`);
    }
    return load(folder, 'serve');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let isSwept = false;
const LEFTOVER = /^fast-style-graph-(\d+)-[0-9a-f]{8}$/;
/** Loading takes seconds: an older folder is nobody's, even where its process may run unseen, in another container. */
const ABANDONED_MS = 600_000;

/** Removes the graphs of processes that were killed while they loaded one. */
function sweepOnce(): void {
  if (isSwept) return;
  isSwept = true;
  const attempt = <T>(act: () => T): T | undefined => {
    try {
      return act();
    } catch {
      // Somebody else's, or gone already: the next run looks again.
      return undefined;
    }
  };
  for (const name of attempt(() => readdirSync(tmpdir())) ?? []) {
    const pid = LEFTOVER.exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const folder = join(tmpdir(), name);
    const found = attempt(() => lstatSync(folder));
    if (found?.isDirectory() && Date.now() - found.mtimeMs > ABANDONED_MS)
      attempt(() => rmSync(folder, { recursive: true, force: true }));
  }
}

function writePieces(path: string, pieces: readonly Uint8Array[]): void {
  const file = openSync(path, 'wx');
  try {
    for (let at = 0; at < pieces.length; at += PIECES_AT_ONCE) {
      let some = pieces.slice(at, at + PIECES_AT_ONCE);
      // The system may take less than it is given, 2 GiB at most.
      while (some.length > 0) some = rest(some, writevSync(file, some));
    }
  } finally {
    closeSync(file);
  }
}

/** What is left of the pieces after their first `written` bytes. */
function rest(pieces: readonly Uint8Array[], written: number): Uint8Array[] {
  let before = written;
  return pieces.flatMap((piece) => {
    const skipped = Math.min(before, piece.length);
    before -= skipped;
    return skipped === piece.length ? [] : [piece.subarray(skipped)];
  });
}
