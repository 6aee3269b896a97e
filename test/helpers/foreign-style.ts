/** Small networks of the architecture of pytorch/examples' fast_neural_style, as files of PyTorch and of ONNX. */
import { readFileSync } from 'node:fs';
import { random } from '../../src/data/random.ts';
import { encodeModel, type OnnxAttribute, type OnnxGraphNode } from '../../src/export/onnx/messages.ts';
import type { NamedArray } from '../../src/networks/safetensors.ts';
import { writeZipFile } from './zip-file.ts';

const WIDTHS = [4, 5, 6] as const;
const BLOCKS = 2;

/** A state dictionary, drawn and not trained, whose colours are spread over [0, 255] and a little more. */
export function foreignArrays(): NamedArray[] {
  const next = random(11);
  const arrays: NamedArray[] = [];
  const draw = (name: string, shape: readonly number[], deviation: number, mean = 0) => {
    const length = shape.reduce((product, side) => product * side, 1);
    const values = Float32Array.from({ length }, () => mean + deviation * (2 * next() - 1));
    arrays.push({ name, shape, values });
  };
  const convolution = (name: string, from: number, to: number, side: number) => {
    draw(`${name}.conv2d.weight`, [to, from, side, side], 1 / side);
    draw(`${name}.conv2d.bias`, [to], 0.5);
  };
  const normalization = (name: string, channels: number) => {
    draw(`${name}.weight`, [channels], 0.4, 1);
    draw(`${name}.bias`, [channels], 0.4);
  };
  const [small, middle, wide] = WIDTHS;
  for (const [i, from, to, side] of [
    [1, 3, small, 9],
    [2, small, middle, 3],
    [3, middle, wide, 3],
  ] as const) {
    convolution(`conv${i}`, from, to, side);
    normalization(`in${i}`, to);
  }
  for (let i = 1; i <= BLOCKS; i++)
    for (const j of [1, 2]) {
      convolution(`res${i}.conv${j}`, wide, wide, 3);
      normalization(`res${i}.in${j}`, wide);
    }
  convolution('deconv1', wide, middle, 3);
  normalization('in4', middle);
  convolution('deconv2', middle, small, 3);
  normalization('in5', small);
  draw('deconv3.conv2d.weight', [3, small, 9, 9], 14);
  draw('deconv3.conv2d.bias', [3], 10, 120);
  return arrays;
}

const short = (text: string) => `X${String.fromCharCode(text.length)}\x00\x00\x00${text}`;
const number = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return `J${bytes.toString('latin1')}`;
};
const DICTIONARY = 'ccollections\nOrderedDict\n)R';

/** The zip archive that torch.save writes: a pickle of the tensors' shapes, and a file for the numbers of each. */
export function torchFile(path: string, arrays: readonly NamedArray[]): Buffer {
  const entries = arrays.map(({ name, shape, values }, key) => {
    const strides = shape.map((_, axis) =>
      shape.slice(axis + 1).reduce((product, side) => product * side, 1),
    );
    const storage = `(${short('storage')}ctorch\nFloatStorage\n${short(String(key))}${short('cpu')}${number(values.length)}tQ`;
    const sides = [shape, strides].map((list) => `(${list.map(number).join('')}t`).join('');
    return `${short(name)}ctorch._utils\n_rebuild_tensor_v2\n(${storage}${number(0)}${sides}\x89${DICTIONARY}tRs`;
  });
  const pickle = Buffer.from(`\x80\x02${DICTIONARY}${entries.join('')}.`, 'latin1');
  const data = arrays.map(({ values: { buffer, byteOffset, byteLength } }, key) => ({
    name: `archive/data/${key}`,
    content: new Uint8Array(buffer, byteOffset, byteLength),
    stored: true,
  }));
  writeZipFile(path, [{ name: 'archive/data.pkl', content: pickle, stored: true }, ...data]);
  return readFileSync(path);
}

export interface ForeignOnnxOptions {
  /** 9: padding is an attribute and enlargement is Upsample; 13: both as of opset 11. Defaults to 9. */
  readonly opset?: 9 | 13;
  /** Attributes that one operation has instead, by its number among those of its kind. */
  readonly changed?: readonly [operation: string, place: number, Readonly<Record<string, OnnxAttribute>>];
  /** An operation at the end. */
  readonly end?: string;
}

/** The ONNX file that an exporter of PyTorch writes: initialisers have the parameters' names. The output is called painted. */
export function foreignOnnx(
  arrays: readonly NamedArray[],
  { opset = 9, changed, end = 'Identity' }: ForeignOnnxOptions = {},
): Buffer {
  const nodes: OnnxGraphNode[] = [];
  const integers = new Map<string, readonly number[]>();
  const seen = new Map<string, number>();
  const node = (
    operation: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    output = `/${operation}_${nodes.length}`,
  ): string => {
    const place = seen.get(operation) ?? 0;
    seen.set(operation, place + 1);
    const own = changed?.[0] === operation && changed[1] === place ? changed[2] : {};
    nodes.push({ operation, inputs, output, attributes: { ...attributes, ...own } });
    return output;
  };
  const convolution = (x: string, name: string, stride = 1) => {
    const side = arrays.find((array) => array.name === `${name}.conv2d.weight`)!.shape[2]!;
    const by = (side - 1) / 2;
    const pads = [0, 0, by, by, 0, 0, by, by];
    if (opset === 13) integers.set(`pads_${by}`, pads);
    const padded =
      opset === 9
        ? node('Pad', [x], { mode: 'reflect', pads })
        : node('Pad', [x, `pads_${by}`], { mode: 'reflect' });
    return node('Conv', [padded, `${name}.conv2d.weight`, `${name}.conv2d.bias`], {
      ...{ kernel_shape: [side, side], strides: [stride, stride] },
      ...{ dilations: [1, 1], group: 1, pads: [0, 0, 0, 0] },
    });
  };
  const normalized = (x: string, name: string) =>
    node('InstanceNormalization', [x, `${name}.weight`, `${name}.bias`], { epsilon: { float: 1e-5 } });
  const relu = (x: string) => node('Relu', [x]);
  const enlarged = (x: string) =>
    opset === 9
      ? node('Upsample', [x, 'scales'], { mode: 'nearest' })
      : node('Resize', [x, '', 'scales'], {
          ...{ mode: 'nearest', nearest_mode: 'floor' },
          coordinate_transformation_mode: 'asymmetric',
        });
  let x = relu(normalized(convolution('input1', 'conv1'), 'in1'));
  x = relu(normalized(convolution(x, 'conv2', 2), 'in2'));
  x = relu(normalized(convolution(x, 'conv3', 2), 'in3'));
  // Exporters compute sizes that nothing needs.
  node('Shape', [x]);
  for (let i = 1; i <= BLOCKS; i++) {
    const inner = relu(normalized(convolution(x, `res${i}.conv1`), `res${i}.in1`));
    x = node('Add', [normalized(convolution(inner, `res${i}.conv2`), `res${i}.in2`), x]);
  }
  x = relu(normalized(convolution(enlarged(x), 'deconv1'), 'in4'));
  x = relu(normalized(convolution(enlarged(x), 'deconv2'), 'in5'));
  node(end, [convolution(x, 'deconv3')], {}, 'painted');
  const shape = [1, 3, 'height', 'width'];
  const tensors = [
    ...arrays,
    { name: 'scales', shape: [4], values: Float32Array.of(1, 1, 2, 2) },
    ...[...integers].map(([name, values]) => ({
      name,
      shape: [values.length],
      values: BigInt64Array.from(values, BigInt),
    })),
  ];
  const model = encodeModel({
    ...{ opset, name: 'torch-jit-export', description: '', metadata: {} },
    producer: { name: 'pytorch', version: '1.0' },
    graph: {
      inputs: [{ name: 'input1', shape }],
      // A painted side may be larger: halving rounds up.
      outputs: [{ name: 'painted', shape: [1, 3, 'painted_height', 'painted_width'] }],
      ...{ nodes, tensors },
    },
  });
  return Buffer.from(model);
}
