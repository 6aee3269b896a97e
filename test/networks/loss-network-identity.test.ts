import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { toHalf, toHalves } from '../../src/networks/half-float.ts';
import { isSameNetwork, lossNetworkIdentity } from '../../src/networks/loss-network-identity.ts';
import { readLossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import { KERAS_INPUT } from '../../src/networks/weights/input-convention.ts';
import { formatLossNetworkWeights, storeWeightsFile } from '../../src/networks/weights/store-weights.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { tinyLossNetwork, writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';

test('a network is the same in every file that holds its numbers, and its import is known by the old hash', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await writeTinyLossNetwork(join(folder, 'tiny.safetensors'));
  const original = await readLossNetworkWeights(file);
  const { path } = await storeWeightsFile(file, { folder, name: 'stored' });
  const stored = await readLossNetworkWeights(path);
  const half = join(folder, 'half.safetensors');
  await writeFile(half, formatLossNetworkWeights(original, { precision: 'F16' }));
  const rounded = await readLossNetworkWeights(half);
  const identity = lossNetworkIdentity(original);
  assert.match(identity, /^[0-9a-f]{64}$/);
  for (const weights of [stored, rounded]) {
    assert.notEqual(weights.sha256, original.sha256);
    assert.equal(lossNetworkIdentity(weights), identity);
    assert.ok(isSameNetwork({ identity, sha256: 'of another file' }, weights));
    assert.ok(isSameNetwork({ sha256: original.sha256 }, weights));
    assert.ok(!isSameNetwork({ sha256: 'of another file' }, weights));
  }
  assert.ok(!isSameNetwork({}, original));
});

test('other numbers, another input, padding or kind is another network', () => {
  const tiny = tinyLossNetwork();
  const layers = new Map(tiny.layers);
  const { bias, ...first } = layers.get('conv1_1')!;
  layers.set('conv1_1', { ...first, bias: bias.map((value, i) => (i === 0 ? value + 0.01 : value)) });
  const others = [
    tinyLossNetwork({ seed: 8 }),
    tinyLossNetwork({ kind: 'vgg16' }),
    tinyLossNetwork({ last: 'conv4_1' }),
    { ...tiny, layers },
    { ...tiny, input: KERAS_INPUT },
    { ...tiny, padding: 'reflect' as const },
  ];
  const identities = [tiny, ...others].map(lossNetworkIdentity);
  assert.equal(new Set(identities).size, identities.length);
});

test('a distilled network is not its teacher, whose file it names as its original', async () => {
  const compact = await readLossNetworkWeights('compact');
  assert.ok(compact.steps !== undefined);
  const sha256 = compact.provenance.originalSha256 ?? 'none';
  assert.ok(!isSameNetwork({ sha256 }, compact));
  assert.ok(isSameNetwork({ sha256: compact.sha256 }, compact));
});

test('many numbers become the same halves as one by one', () => {
  const patterns = Uint32Array.from({ length: 70_000 }, (_, i) => (i * 61_331 + 977) >>> 0);
  const edges = Float32Array.of(0, -0, 2 ** -14, 2 ** -15, 65504, 65519, 65520, -65520, 1e-9, Number.NaN);
  const values = new Float32Array([...new Float32Array(patterns.buffer), ...edges]);
  assert.deepEqual(toHalves(values), Uint16Array.from(values, toHalf));
});
