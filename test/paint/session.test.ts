/** Who goes when, in which arithmetic, and what is left when a session ends. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import sharp from 'sharp';
import { openPhoto } from '../../src/data/photo/read-photo.ts';
import type { Precision } from '../../src/engine/compile/compile.ts';
import { choosePrecision } from '../../src/engine/precision.ts';
import { StyleNetwork } from '../../src/infer/style-network.ts';
import { PaintSession } from '../../src/paint/session.ts';
import { AT_ONCE } from '../../src/paint/slots.ts';
import { withoutBfloat16 } from '../helpers/bfloat16.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { tinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto, drawnPicture } from '../helpers/tiny-dataset.ts';

const NET = 'c3s1-4,d5,R5,u4,c3s1-3';
const FILE = {
  ...({ overwrite: true, tiles: 'auto', lossless: false, profile: 'srgb', strip: false } as const),
};

test('photos are painted one after the other as they are read, the next being read meanwhile', async (t) => {
  const folder = await temporaryFolder(t);
  const paths = await Promise.all(
    Array.from({ length: 5 }, (_, i) => drawnPhoto(join(folder, `${i}.png`), 40 + i, 30, { seed: i })),
  );
  const session = await PaintSession.open([tinyCheckpoint(NET)], { precision: 'f32' });
  t.after(() => session.dispose());
  const order: string[] = [];
  let onOpened: () => void = assert.fail;
  const otherOpened = new Promise<void>((resolve) => {
    onOpened = resolve;
  });
  let [painting, underWay, most] = [0, 0, 0];
  const results = paths.map((path, i) =>
    session.run({
      ahead: i !== 2,
      open: async () => {
        most = Math.max(most, ++underWay);
        order.push(`open ${i}`);
        // The others do not wait for one that is slow to read: here, for another to be ready.
        if (i === 0) await otherOpened;
        const photo = await openPhoto(path);
        if (i === 2) onOpened();
        return photo;
      },
      paint: async (photo, picture) => {
        assert.equal(++painting, 1, 'one at a time');
        order.push(`paint ${i}`);
        assert.equal(picture === undefined, i === 2, 'read ahead where it is asked for');
        const pixels = await session.paintPixels(photo, picture, { look: undefined });
        painting--;
        return async () => {
          order.push(`write ${i}`);
          underWay--;
          return pixels.width;
        };
      },
    }),
  );
  assert.deepEqual(await Promise.all(results), [40, 41, 42, 43, 44]);
  const painted = order.filter((what) => what.startsWith('paint'));
  assert.equal(new Set(painted).size, paths.length);
  assert.notEqual(painted[0], 'paint 0');
  assert.ok(order.indexOf('open 0') < order.indexOf(painted[0]!), order.join(', '));
  assert.equal(most, AT_ONCE, 'as many are held as may be');
});

test('a photo that fails does not stop the others, and says why', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await drawnPhoto(join(folder, 'photo.png'), 40, 30);
  const session = await PaintSession.open([tinyCheckpoint(NET)], { precision: 'f32' });
  t.after(() => session.dispose());
  const work = (fails: 'open' | 'paint' | 'write' | undefined) =>
    session.run({
      ahead: true,
      open: async () => {
        if (fails === 'open') throw new Error('of open');
        return openPhoto(path);
      },
      paint: async (photo, picture) => {
        if (fails === 'paint') throw new Error('of paint');
        const { width } = await session.paintPixels(photo, picture, { look: undefined });
        return async () => {
          if (fails === 'write') throw new Error('of write');
          return width;
        };
      },
    });
  const all = await Promise.allSettled(
    (['open', undefined, 'paint', undefined, 'write', undefined] as const).map(work),
  );
  assert.deepEqual(
    all.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message)),
    ['of open', 40, 'of paint', 40, 'of write', 40],
  );
});

test('each of its styles paints as it would alone, and a session leaves no tensor', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await drawnPhoto(join(folder, 'photo.png'), 45, 33);
  const checkpoints = [tinyCheckpoint(NET), tinyCheckpoint('c3s1-4,R4,c3s1-3')];
  const alone = checkpoints.map((checkpoint) => {
    const network = new StyleNetwork(checkpoint, { precision: 'f32' });
    const { pixels } = network.stylize(drawnPicture(45, 33));
    network.dispose();
    return pixels;
  });
  await expectNoLeak(async () => {
    const session = await PaintSession.open(checkpoints, { precision: 'f32' });
    const paint = (style: number, amount = 1) =>
      session.run({
        ahead: true,
        open: () => openPhoto(path),
        paint: async (photo, picture) => {
          const look = { amount, colors: 'style' } as const;
          const { pixels } = await session.paintPixels(photo, picture, { style, look });
          return async () => pixels;
        },
      });
    const painted = await Promise.all([paint(0), paint(1), paint(0, 0.5)]);
    assert.deepEqual(painted.slice(0, 2), alone);
    assert.notDeepEqual(painted[2], alone[0]);
    // What is under way when it is given up is finished.
    const last = paint(1);
    await setImmediate();
    await Promise.all([last, session.dispose()]);
    await session.dispose();
  });
});

test('16 bit is painted in f32, unless an arithmetic is given', { skip: withoutBfloat16 }, async (t) => {
  const folder = await temporaryFolder(t);
  const { pixels, width, height } = drawnPicture(45, 33);
  const deep = Uint16Array.from(pixels, (value) => 257 * value);
  const path = join(folder, 'deep.png');
  await sharp(deep, { raw: { width, height, channels: 3 } })
    .toColourspace('rgb16')
    .png()
    .toFile(path);
  const paint = async (precision: 'auto' | Precision, format: 'png' | 'jpeg') => {
    const session = await PaintSession.open([tinyCheckpoint(NET)], { precision });
    const target = { path: join(folder, `${precision}.${format}`), format };
    const { written } = await session.run({
      ahead: true,
      open: () => openPhoto(path),
      paint: async (photo, picture) => {
        const painting = await session.paintFile(photo, target, { ...FILE, look: undefined, picture });
        return async () => painting;
      },
    });
    await written;
    await session.dispose();
    return sharp(target.path).raw({ depth: 'ushort' }).toBuffer();
  };
  assert.deepEqual(await paint('auto', 'png'), await paint('f32', 'png'));
  assert.notDeepEqual(await paint('bf16', 'png'), await paint('f32', 'png'));
  // What has 8 bit is painted in whatever is fast here.
  const fast = await choosePrecision('auto');
  assert.deepEqual(await paint('auto', 'jpeg'), await paint(fast, 'jpeg'));
});
