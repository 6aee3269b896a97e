import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { synthesizeDataset } from '../../../src/data/synthesize-dataset.ts';
import { shippedStyle } from '../../../src/infer/find-style.ts';
import { readLossNetworkWeights } from '../../../src/networks/loss-network-weights.ts';
import { COMPACT } from '../../../src/networks/weights/weights-folder.ts';
import type { Picture } from '../../../src/picture.ts';
import { meanDifference, toLab } from '../../../src/quality/lab.ts';
import { LIMITS } from '../../../src/quality/limits.ts';
import { ownTexture } from '../../../src/quality/local-texture.ts';
import { parseTrainConfig } from '../../../src/train/config.ts';
import { styleWeightOf } from '../../../src/train/strength/strength.ts';
import { firstCrops, tryOut } from '../../../src/train/strength/try-out.ts';
import { readWarmStart } from '../../../src/train/warm-start.ts';
import { geometric } from '../../../tools/paintings/geometric.ts';
import { ink } from '../../../tools/paintings/ink.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { sharedFolder } from '../../helpers/temporary-folder.ts';

const SIDE = 64;
const folder = sharedFolder();

/** What a user has who has nothing: the shipped loss network, synthetic pictures, and the style that runs start from. */
async function makeMaterial() {
  const dataset = join(folder, 'synthetic');
  const shardSize = { amount: 64e6, unit: 'bytes' } as const;
  await synthesizeDataset({ out: dataset, count: 12, seed: 1, size: 80, quality: 92, shardSize });
  const lossNetwork = await readLossNetworkWeights(COMPACT);
  const warmStart = await readWarmStart(shippedStyle('great-wave'));
  const photos = await firstCrops(dataset, SIDE, 1, 3);
  return { dataset, lossNetwork, photos, warmStart, precision: 'f32' } as const;
}

let made: ReturnType<typeof makeMaterial> | undefined;

/** Made by the first test that needs it, and once: awaited while the file loads, other files' tests might end and remove the folder. */
function material() {
  made ??= makeMaterial();
  return made;
}

async function trained(painting: Picture, strength: number, steps: number) {
  const shared = await material();
  const settings = parseTrainConfig({ imageSize: SIDE, styleSize: 256 });
  const styleWeight = styleWeightOf(strength, settings, shared.lossNetwork);
  const config = { ...settings, architecture: shared.warmStart.architecture, strength, styleWeight };
  return tryOut({ ...shared, config, painting, steps });
}

test('a stronger style loses more of the photo and misses less of the painting', async () => {
  const losses: { readonly content: number; readonly style: number }[] = [];
  for (const strength of [1, 5, 9]) losses.push((await trained(ink(256), strength, 20)).losses);
  const said = JSON.stringify(losses);
  for (const [i, { content, style }] of losses.slice(1).entries()) {
    assert.ok(content > losses[i]!.content, said);
    assert.ok(style < losses[i]!.style, said);
  }
});

test('at strength 5 no style ends near the photo', async () => {
  const { photos } = await material();
  const { pictures } = await trained(geometric(256), 5, 40);
  const change = photos.reduce(
    (sum, photo, i) => sum + meanDifference(toLab(pictures[i]!), toLab(photo)) / photos.length,
    0,
  );
  assert.ok(change >= LIMITS['change of colour'].limit, `${change} ΔE`);
  const texture = ownTexture(photos, pictures);
  assert.ok(texture >= LIMITS['texture of its own'].limit, `${texture}`);
});

test('the same settings give the same pictures, and nothing leaks', async () => {
  const shared = await material();
  const config = {
    ...parseTrainConfig({ imageSize: SIDE, styleSize: 64, styleWeight: 2 }),
    architecture: shared.warmStart.architecture,
  };
  const once = () => tryOut({ ...shared, config, painting: ink(64), steps: 2 });
  const first = await once();
  await expectNoLeak(async () => {
    assert.deepEqual(await once(), first);
  });
  assert.deepEqual(
    first.pictures.map(({ width, height }) => [width, height]),
    shared.photos.map(() => [SIDE, SIDE]),
  );
});
