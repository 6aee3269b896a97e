/**
 * Exported styles, painted in the formats' own runtimes (ONNX Runtime's WebAssembly build, TensorFlow) and compared with our own
 * network.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { random } from '../../src/data/random.ts';
import { checkExport } from '../../src/export/check-export.ts';
import { exportAs, openForExport, type StyleToExport } from '../../src/export/export-style.ts';
import type { ExportedFiles } from '../../src/export/format-writer.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../../src/export/formats.ts';
import type { StyleGraphOptions } from '../../src/export/style-graph.ts';
import { ConfigError } from '../../src/system/errors.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { tinyCheckpoint, writeTinyStyles } from '../helpers/tiny-checkpoint.ts';

const PLAIN: StyleGraphOptions = { layout: 'nhwc', weights: 'float32', hasAmount: false };
/** Odd sides, one of them the smallest; sides that need no cropping; larger than every margin. */
const SIZES = [
  [17, 33],
  [16, 16],
  [64, 48],
  [203, 90],
  [256, 192],
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

const FORMATS = Object.keys(EXPORT_FORMATS) as ExportFormat[];

async function requireEqual(
  format: ExportFormat,
  style: StyleToExport,
  options: StyleGraphOptions,
  shown = pictures,
  amount?: number,
) {
  const files = await exportAs(format, style, options);
  const found = await checkExport(format, files, style.checkpoint, options, shown, amount);
  assert.ok(found.length >= shown.length);
  for (const { picture, largest, mean } of found) {
    assert.ok(largest <= 1, `${picture}: ${largest}`);
    assert.ok(mean < 0.01, `${picture}: ${mean} in the mean`);
  }
  return found;
}

function sizeOf(files: ExportedFiles): number {
  if (files instanceof Uint8Array) return files.length;
  return [...files.values()].reduce((sum, { length }) => sum + length, 0);
}

for (const format of FORMATS) {
  test(`${format}: a style paints the same at any size, in both layouts, without a leak`, async () => {
    await expectNoLeak(async () => {
      await requireEqual(format, tiny(), PLAIN);
      await requireEqual(format, tiny(), { ...PLAIN, layout: 'nchw' });
    });
  });

  test(`${format}: a margin is mirrored and cut off within the file, even one wider than the picture`, async () => {
    for (const margin of [5, 16, 40]) await requireEqual(format, tiny(margin), PLAIN);
    const size = { width: 64, height: 48 };
    for (const margin of [16, 70])
      await requireEqual(format, tiny(margin), { ...PLAIN, size }, [noise(64, 48)]);
  });

  test(`${format}: networks without halving, and with one`, async () => {
    await requireEqual(format, tiny(0, 'c3s1-4,R4,c3s1-3'), PLAIN);
    await requireEqual(format, tiny(0, 'c5s1-4,d6,R6x2,u4,c5s1-3'), PLAIN);
  });

  test(`${format}: float16 loses nothing of a checkpoint and takes half the room`, async (t) => {
    // As saved: rounded to halves already.
    const folder = await temporaryFolder(t);
    const style = await openForExport(
      `${await writeTinyStyles(join(folder, 'two.safetensors'), ['a', 'b'])}:b`,
    );
    await requireEqual(format, style, { ...PLAIN, weights: 'float16' });
    const larger = tiny(0, 'c9s1-16,d32,d64,R64,u32,u16,c9s1-3');
    const single = sizeOf(await exportAs(format, larger, PLAIN));
    const half = sizeOf(await exportAs(format, larger, { ...PLAIN, weights: 'float16' }));
    assert.ok(half < 0.55 * single, `${half} of ${single} bytes`);
  });

  test(`${format}: a file of several styles takes their weights as an input`, async (t) => {
    const path = await writeTinyStyles(join(await temporaryFolder(t), 'three.safetensors'), ['a', 'b', 'c']);
    const found = await requireEqual(format, await openForExport(path), PLAIN, pictures.slice(2, 3));
    assert.deepEqual(
      found.map(({ style }) => style),
      ['a', 'b', 'c'],
    );
  });

  test(`${format}: the amount is an input`, async () => {
    const options = { ...PLAIN, hasAmount: true };
    for (const amount of [0, 0.3, 1])
      await requireEqual(format, tiny(16), options, pictures.slice(0, 3), amount);
  });

  test(`${format}: a file that paints something else is noticed`, async () => {
    const style = tiny();
    const parameters = style.checkpoint.parameters.map((array) =>
      array.name === 'layers.0.offset'
        ? { ...array, values: array.values.map((value) => value + 0.5) }
        : array,
    );
    const other = { ...style.checkpoint, parameters } as typeof style.checkpoint;
    const files = await exportAs(format, style, PLAIN);
    const [first] = await checkExport(format, files, other, PLAIN, pictures.slice(2, 3));
    assert.ok(first!.largest > 1, `${first!.largest}`);
  });

  test(`${format}: a size that the style cannot paint is refused`, async () => {
    for (const size of [
      { width: 15, height: 64 },
      { width: 64.5, height: 64 },
      { width: 64, height: 70_000 },
    ])
      await assert.rejects(exportAs(format, tiny(), { ...PLAIN, size }), ConfigError);
  });
}
