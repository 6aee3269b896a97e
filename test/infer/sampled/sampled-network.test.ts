import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { readPicture } from '../../../src/data/image-file.ts';
import { findStyle } from '../../../src/infer/find-style.ts';
import { rowsOf } from '../../../src/infer/finish/finished-rows.ts';
import { alignment, reach, SampledNetwork } from '../../../src/infer/sampled/sampled-network.ts';
import { windowsOf } from '../../../src/infer/sampled/samples.ts';
import { StyleNetwork } from '../../../src/infer/style-network.ts';
import { HALF_WIDTH, parseArchitecture } from '../../../src/networks/architecture.ts';
import { loadCheckpoint } from '../../../src/networks/checkpoint.ts';
import type { Picture, Samples } from '../../../src/picture.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../../helpers/tiny-dataset.ts';

async function painted(network: SampledNetwork, picture: Picture, bandRows: number): Promise<Uint8Array> {
  const parts: Samples[] = [];
  await network.paint(rowsOf(picture), (rows) => void parts.push(rows), { bandRows, bits: 8 });
  return new Uint8Array(Buffer.concat(parts as Uint8Array[]));
}

test('windows lie within the picture and never overlap; of a small one they are the whole', () => {
  for (const [width, height] of [
    [100, 80],
    [600, 400],
    [1200, 800],
    [4000, 3000],
    [20000, 300],
  ] as const) {
    const { size, windows } = windowsOf({ width, height });
    assert.ok(windows.length >= 1 && windows.length <= 24, `${windows.length} of ${width}×${height}`);
    const covered = new Set<string>();
    for (const { left, top } of windows) {
      assert.ok(left >= 0 && top >= 0 && left + size.width <= width && top + size.height <= height);
      for (const other of windows) {
        const apart = Math.abs(other.left - left) >= size.width || Math.abs(other.top - top) >= size.height;
        assert.ok(other.left === left && other.top === top ? true : apart);
      }
      covered.add(`${left} ${top}`);
    }
    assert.equal(covered.size, windows.length);
    const share = (windows.length * size.width * size.height) / (width * height);
    if (width <= 1200) assert.ok(share > 0.98, `${share} of ${width}×${height}`);
  }
});

test('bands have no seams: with the same statistics they are one piece', async (t) => {
  assert.equal(reach(parseArchitecture(HALF_WIDTH)), 60);
  const folder = await temporaryFolder(t);
  for (const architecture of [
    'c5s1-4,d5,d6,R6,u5,u4,c3s1-3',
    'zero,c5s1-4,d5,d6,R6,t5,t4,c3s1-6,c1s1-3,tanh150',
  ]) {
    const path = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), architecture);
    const { layers, parameters } = await loadCheckpoint(path);
    assert.equal(alignment(layers), 4);
    const picture = drawnPicture(45, 150);
    await expectNoLeak(async () => {
      const network = new SampledNetwork(layers, parameters, 'f32');
      const whole = await painted(network, picture, 152);
      assert.equal(whole.length, picture.pixels.length);
      for (const bandRows of [16, 64]) {
        const bands = await painted(network, picture, bandRows);
        const far = bands.reduce((most, value, i) => Math.max(most, Math.abs(value - whole[i]!)), 0);
        assert.ok(far <= 1, `${architecture}: ${far} in bands of ${bandRows}`);
      }
      network.dispose();
    });
  }
});

test('what it paints is near what the whole picture gives', async () => {
  const checkpoint = await loadCheckpoint(await findStyle('great-wave'));
  const file = fileURLToPath(new URL('../../../samples/harbour.jpg', import.meta.url));
  const photo = await readPicture(file, { longSide: 600 });
  const stylizer = new StyleNetwork(checkpoint);
  const exact = stylizer.stylize(photo).pixels;
  const plan = stylizer.plans(photo).findLast(({ placement }) => placement === 'sampled')!;
  const parts: Samples[] = [];
  await stylizer.stylizeBands(rowsOf(photo), (rows) => void parts.push(rows), plan);
  const fast = Buffer.concat(parts as Uint8Array[]);
  stylizer.dispose();
  assert.equal(fast.length, exact.length);
  const squares = exact.reduce((sum, value, i) => sum + (value - fast[i]!) ** 2, 0) / exact.length;
  assert.ok(squares < 20, `mean square ${squares}`);
});
