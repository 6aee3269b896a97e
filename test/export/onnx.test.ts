/** Exported styles, painted in ONNX Runtime's WebAssembly build and compared with our own network. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { random } from '../../src/data/random.ts';
import { checkOnnx } from '../../src/export/check-onnx.ts';
import { exportOnnx, openForExport, type StyleToExport } from '../../src/export/export-style.ts';
import type { OnnxStyleOptions } from '../../src/export/onnx/style-model.ts';
import { ConfigError } from '../../src/system/errors.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { tinyCheckpoint, writeTinyStyles } from '../helpers/tiny-checkpoint.ts';

const PLAIN: OnnxStyleOptions = { layout: 'nhwc', weights: 'float32', hasAmount: false };
/** Odd sides, one of them the smallest; sides that need no cropping; larger than every margin. */
const SIZES = [
  [17, 33],
  [16, 16],
  [64, 48],
  [203, 90],
] as const;

function noise(width: number, height: number) {
  const next = random(width + height);
  // Even areas and steps as well, not grain alone.
  const pixels = Uint8Array.from({ length: 3 * width * height }, (_, i) =>
    Math.floor(i / 90) % 2 === 0 ? 200 : Math.floor(next() * 256),
  );
  return { name: `${width}×${height}`, pixels, width, height };
}

const pictures = SIZES.map(([width, height]) => noise(width, height));

const tiny = (margin = 0, architecture?: string): StyleToExport => ({
  checkpoint: { ...tinyCheckpoint(architecture), margin },
  label: 'tiny',
});

async function requireEqual(
  style: StyleToExport,
  options: OnnxStyleOptions,
  shown = pictures,
  amount?: number,
) {
  const found = await checkOnnx(exportOnnx(style, options), style.checkpoint, options, shown, amount);
  assert.ok(found.length >= shown.length);
  for (const { picture, largest, mean } of found) {
    assert.ok(largest <= 1, `${picture}: ${largest}`);
    assert.ok(mean < 0.01, `${picture}: ${mean} in the mean`);
  }
  return found;
}

test('a style paints the same in ONNX Runtime, at any size, in both layouts, without a leak', async () => {
  await expectNoLeak(async () => {
    await requireEqual(tiny(), PLAIN);
    await requireEqual(tiny(), { ...PLAIN, layout: 'nchw' });
  });
});

test('a margin is mirrored and cut off within the file, even one wider than the picture', async () => {
  for (const margin of [5, 16, 40]) await requireEqual(tiny(margin), PLAIN);
  const size = { width: 64, height: 48 };
  for (const margin of [16, 70]) await requireEqual(tiny(margin), { ...PLAIN, size }, [noise(64, 48)]);
});

test('networks without halving, and with one', async () => {
  await requireEqual(tiny(0, 'c3s1-4,R4,c3s1-3'), PLAIN);
  await requireEqual(tiny(0, 'c5s1-4,d6,R6x2,u4,c5s1-3'), PLAIN);
});

test('float16 loses nothing of a checkpoint and takes half the room', async (t) => {
  // As saved: rounded to halves already.
  const folder = await temporaryFolder(t);
  const style = await openForExport(
    `${await writeTinyStyles(join(folder, 'two.safetensors'), ['a', 'b'])}:b`,
  );
  await requireEqual(style, { ...PLAIN, weights: 'float16' });
  const [single, half] = (['float32', 'float16'] as const).map(
    (weights) => exportOnnx(tiny(0, 'c9s1-16,d32,d64,R64,u32,u16,c9s1-3'), { ...PLAIN, weights }).length,
  );
  assert.ok(half! < 0.55 * single!, `${half} of ${single} bytes`);
});

test('a file of several styles takes their weights as an input', async (t) => {
  const path = await writeTinyStyles(join(await temporaryFolder(t), 'three.safetensors'), ['a', 'b', 'c']);
  const found = await requireEqual(await openForExport(path), PLAIN, pictures.slice(2, 3));
  assert.deepEqual(
    found.map(({ style }) => style),
    ['a', 'b', 'c'],
  );
});

test('the amount is an input', async () => {
  const options = { ...PLAIN, hasAmount: true };
  for (const amount of [0, 0.3, 1]) await requireEqual(tiny(16), options, pictures.slice(0, 3), amount);
});

test('a file that paints something else is noticed', async () => {
  const style = tiny();
  const other = {
    ...style.checkpoint,
    parameters: tinyCheckpoint('c3s1-4,d5,d6,R6,u5,u4,c3s1-3').parameters.map((array) =>
      array.name === 'layers.0.offset'
        ? { ...array, values: array.values.map((value) => value + 0.5) }
        : array,
    ),
  } as typeof style.checkpoint;
  const [first] = await checkOnnx(exportOnnx(style, PLAIN), other, PLAIN, pictures.slice(2, 3));
  assert.ok(first!.largest > 1, `${first!.largest}`);
});

test('a size that the style cannot paint is refused', () => {
  for (const size of [
    { width: 15, height: 64 },
    { width: 64.5, height: 64 },
    { width: 64, height: 70_000 },
  ])
    assert.throws(() => exportOnnx(tiny(), { ...PLAIN, size }), ConfigError);
});
