import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseWeights, readLossNetworkWeights } from '../../../src/networks/loss-network-weights.ts';
import { KERAS_INPUT, TORCHVISION_INPUT } from '../../../src/networks/weights/input-convention.ts';
import { storeWeightsFile } from '../../../src/networks/weights/store-weights.ts';
import { WeightsError } from '../../../src/system/errors.ts';
import { ProtobufMessage } from '../../../src/system/protobuf-message.ts';
import { mutated } from '../../data/photo/mutations.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { type OnnxOptions, tinyOnnx } from '../../helpers/tiny-onnx.ts';
import { withSeed } from '../../helpers/with-seed.ts';
import { assertLayers, tinyVgg } from '../tiny-vgg.ts';

const read = (bytes: Buffer) => parseWeights(bytes, 'net.onnx');

async function refusal(bytes: Buffer): Promise<string> {
  const error = await read(bytes).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WeightsError, error instanceof Error ? error.stack : 'it was read');
  assert.match(error.message, /^net\.onnx/);
  assert.ok(!error.message.includes('\n') && error.message.length < 500, error.message);
  return error.message;
}

test('convolutions are found by the graph, in every notation of numbers', async () => {
  const whole = [
    ['vgg19', 'conv5_4'],
    ['vgg16', 'conv5_3'],
  ] as const;
  for (const [kind, last] of whole) {
    const layers = tinyVgg(kind, last);
    // The fixtures' numbers are halves.
    for (const data of ['raw', 'float_data', 'half raw', 'half int32_data'] as const) {
      const weights = await read(tinyOnnx(layers, { data }));
      assert.equal(weights.kind, kind);
      assertLayers(weights.layers, layers);
    }
  }
});

test('names decide whose pixels the network takes: Keras’ or torchvision’s', async () => {
  const layers = tinyVgg('vgg16', 'conv5_3');
  const keras = await read(tinyOnnx(layers, { naming: 'keras' }));
  const torch = await read(tinyOnnx(layers, { naming: 'torchvision' }));
  assert.deepEqual([keras.input, torch.input], [KERAS_INPUT, TORCHVISION_INPUT]);
  assertLayers(torch.layers, layers);
  assert.match(
    await refusal(tinyOnnx(layers, { naming: 'numbers' })),
    /named neither as Keras \(block1_conv1\) nor as torchvision/,
  );
});

test('an imported ONNX file is the same network as stored', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'model.onnx');
  const layers = tinyVgg('vgg16', 'conv5_3');
  await writeFile(file, tinyOnnx(layers));
  const { name, path } = await storeWeightsFile(file, { folder });
  assert.equal(name, 'model');
  const { kind, input, layers: stored } = await readLossNetworkWeights(path);
  assert.deepEqual([kind, input], ['vgg16', KERAS_INPUT]);
  assertLayers(stored, layers);
});

test('what is no VGG with its numbers inside is refused with the reason', async () => {
  const layers = tinyVgg('vgg16', 'conv5_3');
  const cases: readonly (readonly [OnnxOptions, RegExp])[] = [
    [{ data: 'external' }, /the kernel of block1_conv1 is kept in another file, which is not read here/],
    [{ data: 'double raw' }, /the kernel of block1_conv1 holds numbers of type 11/],
    [{ short: 2 }, /the kernel of block1_conv1 of shape \[2,3,3,3\] takes 216 bytes, but 214 are there/],
    [{ pads: [0, 0, 0, 0] }, /block1_conv1 has pads 0,0,0,0, where a VGG moves by 1 and pads by 1/],
    [{ strides: [2, 2] }, /block1_conv1 has strides 2,2/],
    [
      { between: ['conv2_1', 'BatchNormalization'] },
      /its convolution node Conv does not follow from the others by ReLU and pooling alone/,
    ],
    [
      { without: 'functional_1/block2_conv1_1/Squeeze:0' },
      /the bias of block2_conv1 is not among its initialisers/,
    ],
  ];
  for (const [options, message] of cases) assert.match(await refusal(tinyOnnx(layers, options)), message);
});

test('files that are no ONNX are refused, and claims in a file take neither memory nor time', async () => {
  const empty = new ProtobufMessage().integer(1, 8);
  assert.match(
    await refusal(Buffer.from(empty.text(2, 'x').encode())),
    /not a sound ONNX file: it has 0 graphs/,
  );
  const graph = (inner: ProtobufMessage) =>
    Buffer.from(new ProtobufMessage().integer(1, 8).message(7, inner).encode());
  assert.match(await refusal(graph(new ProtobufMessage())), /its graph has no convolution/);
  const node = new ProtobufMessage()
    .text(1, 'a')
    .text(1, 'block1_conv1')
    .text(1, 'b')
    .text(2, 'c')
    .text(4, 'Conv');
  const pads = new ProtobufMessage().text(1, 'pads').packed(8, [1, 1, 1, 1], 'integer');
  const huge = new ProtobufMessage().packed(1, [2 ** 40, 2 ** 12, 3, 3], 'integer').integer(2, 1);
  const claims = new ProtobufMessage()
    .message(1, node.message(5, pads))
    .message(5, huge.text(8, 'block1_conv1'));
  assert.match(await refusal(graph(claims)), /takes 16\d+ bytes, but 0 are there/);
  // A length of 2⁶³ and a number without an end.
  assert.match(
    await refusal(Buffer.from([8, 8, 0x3a, ...Array(8).fill(255), 0x7f])),
    /sound ONNX file: it is cut/,
  );
  assert.match(await refusal(Buffer.from([8, 8, 0x10, ...Array(12).fill(255)])), /more than 64 bits/);
});

test('a damaged ONNX file is read whole and finite, or refused in one line', async (t) => {
  const sound = tinyOnnx(tinyVgg('vgg16', 'conv3_3'));
  let readable = 0;
  const reasons = new Set<string>();
  for (let seed = 0; seed < 300; seed++) {
    await withSeed(seed, async () => {
      const bytes = Buffer.from(mutated(sound, seed));
      const weights = await read(bytes).catch((error: unknown) => error);
      if (weights instanceof Error) {
        assert.ok(weights instanceof WeightsError, weights.stack);
        assert.doesNotMatch(weights.message, /[\n\0]/);
        reasons.add(weights.message.replace(/\d+/g, 'N').slice(0, 60));
      } else readable++;
    });
  }
  t.diagnostic(`${readable} of 300 read, ${reasons.size} reasons`);
  assert.ok(readable > 5 && reasons.size > 3);
});
