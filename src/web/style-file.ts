/** A style out of a file, in the form that the browser paints with. */
import { OnnxWriter } from '../export/onnx/onnx-writer.ts';
import { writeStyleGraph } from '../export/style-graph.ts';
import { type Layer, parseArchitecture } from '../networks/architecture.ts';
import { parseCheckpoint, styleOf } from '../networks/checkpoint-format.ts';
import type { NamedArray } from '../networks/safetensors.ts';
import { CheckpointError, expected } from '../system/errors.ts';
import { isTexts, jsonOrNothing } from '../system/json-text.ts';
import { ProtobufFault, protobufFields } from '../system/protobuf-fields.ts';
import { modelOf } from './runtime.ts';

/** What a style's file says of it. */
export interface StyleCredits {
  readonly name: string;
  readonly title?: string;
  readonly author?: string;
  readonly licence?: string;
  /** A small JPEG of the painting, base64. */
  readonly thumbnail?: string;
}

export interface StyleFile {
  readonly credits: StyleCredits;
  /** An .onnx file that paints pictures in one piece. */
  readonly model: Uint8Array;
  readonly layers: readonly Layer[];
  /** Pixels by which a picture is mirrored beyond its borders; the model does so itself. */
  readonly margin: number;
  /** Weights, of which the stages are made that paint large pictures in bands. An .onnx file has none to give. */
  readonly parameters?: readonly NamedArray[];
  /** Of an .onnx file of several styles: how many there are, and which of them is meant. */
  readonly choice?: { readonly index: number; readonly count: number };
}

const OPTIONS = { layout: 'nhwc', hasAmount: true } as const;

/**
 * Takes a style's file apart: our own .safetensors, which is converted by the exporter, or an .onnx file that `fast-style export`
 * has written.
 *
 * @param name how messages call the file. @param style which one of a file of several.
 * @throws {CheckpointError} the file is of another kind, damaged, or holds several styles and not the one that is named.
 */
export function openStyleFile(bytes: Uint8Array, name: string, style?: string): StyleFile {
  return isOnnx(bytes) ? openOnnx(bytes, name, style) : openCheckpoint(bytes, name, style);
}

/** ModelProto begins with its `ir_version`; a safetensors file with the length of its header, and a brace after it. */
function isOnnx(bytes: Uint8Array): boolean {
  return bytes[0] === 0x08 && bytes[8] !== 0x7b;
}

function openCheckpoint(bytes: Uint8Array, name: string, style: string | undefined): StyleFile {
  const whole = parseCheckpoint(bytes, name);
  if (whole.styles !== undefined && style === undefined)
    throw severalStyles(
      name,
      whole.styles.map((each) => each.name),
    );
  const one = whole.styles === undefined ? whole : styleOf(whole, style!, name);
  if (style !== undefined && style !== one.name) throw noSuchStyle(name, [one.name], style);
  const { layers, parameters, margin = 0, thumbnail } = one;
  const graph = new OnnxWriter(false);
  writeStyleGraph({ layers, parameters, styles: undefined, margin }, OPTIONS, graph);
  return {
    credits: {
      name: one.name,
      ...creditsOf(one.style),
      ...(thumbnail === undefined ? {} : { thumbnail }),
    },
    model: modelOf(graph, one.name),
    layers,
    margin,
    parameters,
  };
}

function openOnnx(bytes: Uint8Array, name: string, style: string | undefined): StyleFile {
  const metadata = onnxMetadata(bytes, name);
  const { architecture } = metadata;
  if (architecture === undefined)
    throw new CheckpointError(
      expected(
        `a style in ${name}`,
        'an ONNX file without the architecture of one in its metadata',
        'make it with: fast-style export',
      ),
    );
  const shared = {
    model: bytes,
    layers: parseArchitecture(architecture),
    margin: Number(metadata.margin ?? 0),
  };
  if (metadata.styles === undefined) {
    const own = metadata.name ?? name;
    if (style !== undefined && style !== own) throw noSuchStyle(name, [own], style);
    return { ...shared, credits: { name: own, ...creditsOf(metadata) } };
  }
  const listed = jsonOrNothing(metadata.styles);
  const styles = Array.isArray(listed) ? listed.filter(isTexts) : [];
  const names = styles.map((each) => each.name ?? '');
  if (style === undefined) throw severalStyles(name, names);
  const index = names.indexOf(style);
  if (index < 0) throw noSuchStyle(name, names, style);
  return {
    ...shared,
    credits: { name: style, ...creditsOf(styles[index]!) },
    choice: { index, count: styles.length },
  };
}

function creditsOf(texts: Readonly<Record<string, string>>): Omit<StyleCredits, 'name' | 'thumbnail'> {
  const { title, author, licence } = texts;
  return {
    ...(title === undefined ? {} : { title }),
    ...(author === undefined ? {} : { author }),
    ...(licence === undefined ? {} : { licence }),
  };
}

function severalStyles(name: string, names: readonly string[]): CheckpointError {
  return new CheckpointError(
    expected(
      `one of the ${names.length} styles in ${name} (${names.join(', ')})`,
      'none named',
      `for instance style: '${names[0]}'`,
    ),
  );
}

function noSuchStyle(name: string, names: readonly string[], style: string): CheckpointError {
  return new CheckpointError(expected(`one of the styles in ${name} (${names.join(', ')})`, style));
}

/** ModelProto.metadata_props. */
const METADATA = 14;

function onnxMetadata(bytes: Uint8Array, name: string): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  const text = (value: number | Uint8Array) =>
    typeof value === 'number' ? '' : new TextDecoder().decode(value);
  try {
    for (const { field, value } of protobufFields(bytes)) {
      if (field !== METADATA || typeof value === 'number') continue;
      const entry = new Map([...protobufFields(value)].map((each) => [each.field, text(each.value)]));
      texts[entry.get(1) ?? ''] = entry.get(2) ?? '';
    }
  } catch (error) {
    if (error instanceof ProtobufFault)
      throw new CheckpointError(`${name} is not a sound ONNX file: ${error.message}.`, { cause: error });
    throw error;
  }
  return texts;
}
