import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { asFileError } from '../../atomic-file.ts';
import type { Graph } from './graph.ts';

/** The few messages of TensorFlow's SavedModel format (tensorflow/core/protobuf) that are needed. */
const SCHEMA = `syntax = "proto3";
message Dim { int64 size = 1; }
message Shape { repeated Dim dim = 2; bool unknown_rank = 3; }
message TensorProto { int32 dtype = 1; Shape tensor_shape = 2; bytes tensor_content = 4; }
message ListValue { repeated bytes s = 2; repeated int64 i = 3; repeated float f = 4; repeated bool b = 5;
  repeated int32 type = 6; repeated Shape shape = 7; }
message AttrValue { oneof value { bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6; Shape shape = 7;
  TensorProto tensor = 8; ListValue list = 1; } }
message NodeDef { string name = 1; string op = 2; repeated string input = 3; string device = 4;
  map<string, AttrValue> attr = 5; }
message VersionDef { int32 producer = 1; }
message GraphDef { repeated NodeDef node = 1; VersionDef versions = 4; }
message MetaInfoDef { repeated string tags = 4; }
message MetaGraphDef { MetaInfoDef meta_info_def = 1; GraphDef graph_def = 2; }
message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraphDef meta_graphs = 2; }`;

/** TF_GRAPH_DEF_VERSION that the recorded ops are written for. */
const PRODUCER = 1882;

let savedModelType: protobuf.Type | undefined;

function encode(graph: Graph): Uint8Array {
  savedModelType ??= protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType('SavedModel');
  const node = graph.nodes.map(({ name, op, input, attr }) => ({ name, op, input, attr }));
  const metaGraph = {
    meta_info_def: { tags: ['serve'] },
    graph_def: { node, versions: { producer: PRODUCER } },
  };
  return savedModelType
    .encode(savedModelType.create({ saved_model_schema_version: 1, meta_graphs: [metaGraph] }))
    .finish();
}

/** Writes the graph as a SavedModel into a temporary folder for the time of `load`, the only door the C API's binding has. @throws {FileError} no room or no permission there. */
export function withSavedModel<T>(graph: Graph, load: (folder: string, tag: string) => T): T {
  const folder = join(tmpdir(), `fast-style-graph-${process.pid}-${randomBytes(4).toString('hex')}`);
  const bytes = encode(graph);
  try {
    try {
      mkdirSync(folder);
      writeFileSync(join(folder, 'saved_model.pb'), bytes);
    } catch (error) {
      throw asFileError(error, `write to the temporary folder ${folder}`);
    }
    return load(folder, 'serve');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
