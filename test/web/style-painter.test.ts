/** The browser's painter in ONNX Runtime's WebAssembly build under Node, held to what Node paints. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import * as onnxRuntime from 'onnxruntime-web';
import { random } from '../../src/data/random.ts';
import { exportAs, type StyleToExport } from '../../src/export/export-style.ts';
import type { StyleGraphOptions } from '../../src/export/style-graph.ts';
import type { Look } from '../../src/infer/finish/look.ts';
import { openPhotoPainter } from '../../src/infer/finish/look-painter.ts';
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from '../../src/networks/checkpoint-format.ts';
import type { Picture } from '../../src/picture.ts';
import { CheckpointError, ConfigError, ImageError } from '../../src/system/errors.ts';
import type { OnnxRuntime } from '../../src/web/runtime.ts';
import { openStyleFile } from '../../src/web/style-file.ts';
import { type PainterLimits, type PaintSettings, StylePainter } from '../../src/web/style-painter.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { tinyCheckpoint, writeTinyStyles } from '../helpers/tiny-checkpoint.ts';

const runtime = onnxRuntime as unknown as OnnxRuntime;
/** All in bands of a few rows. */
const IN_BANDS: PainterLimits = { onePiece: 0, bandBytes: 3000 };

/** Areas, steps and grain. */
function noise(width: number, height: number): Picture {
  const next = random(width + height);
  const pixels = Uint8Array.from({ length: 3 * width * height }, (_, i) =>
    Math.floor(i / 90) % 2 === 0 ? 200 : Math.floor(next() * 256),
  );
  return { pixels, width, height };
}

const exportOnnx = async (style: StyleToExport, options: StyleGraphOptions) =>
  (await exportAs('onnx', style, options)) as Uint8Array;

const bytesOf = (checkpoint: Checkpoint) => formatCheckpoint(checkpoint, checkpoint.parameters);

async function paintedHere(
  bytes: Uint8Array,
  photo: Picture,
  settings: PaintSettings = {},
  limits: PainterLimits = {},
  style?: string,
): Promise<Picture> {
  const painter = await StylePainter.open(openStyleFile(bytes, 'style', style), { runtime }, limits);
  try {
    return await painter.paint(photo, settings);
  } finally {
    await painter.dispose();
  }
}

function paintedByNode(bytes: Uint8Array, photo: Picture, look: Partial<Look> = {}): Picture {
  const checkpoint = parseCheckpoint(bytes, 'style') as Checkpoint;
  const painter = openPhotoPainter(checkpoint, { amount: 1, colors: 'style', ...look }, {});
  try {
    return painter.stylize(photo);
  } finally {
    painter.dispose();
  }
}

function requireEqual(here: Picture, there: Picture, most = 1): void {
  assert.deepEqual([here.width, here.height], [there.width, there.height]);
  const largest = here.pixels.reduce(
    (found, value, i) => Math.max(found, Math.abs(value - there.pixels[i]!)),
    0,
  );
  assert.ok(largest <= most, `${here.width}×${here.height}: ${largest} grey levels apart`);
}

test('a checkpoint paints as in Node, at any size, with and without a margin', async () => {
  for (const margin of [0, 5]) {
    const bytes = bytesOf({ ...tinyCheckpoint(), margin });
    for (const photo of [noise(17, 33), noise(64, 48)])
      requireEqual(await paintedHere(bytes, photo), paintedByNode(bytes, photo));
  }
});

test('bands give the picture in one piece: no seam, whatever the sides and layers', async () => {
  for (const [architecture, margin] of [
    ['c3s1-4,d5,d6,R6x3,u5,u4,c3s1-3', 0],
    ['c5s1-4,d6,R6,u4,c9s1-3', 7],
    ['c3s1-4,R4x2,c3s1-3', 0],
    // As imported styles have it.
    ['c3s1-4,d5,R5,U2,c3s1-4,c3s1-3,linear', 3],
    ['zero,c5s1-4,d5,d6,R6x3,t5,t4,c3s1-6,c1s1-3,tanh150', 0],
  ] as const) {
    const bytes = bytesOf({ ...tinyCheckpoint(architecture), margin });
    for (const photo of [noise(35, 61), noise(64, 48)])
      requireEqual(await paintedHere(bytes, photo, {}, IN_BANDS), paintedByNode(bytes, photo));
  }
});

test('amount and strokes are those of stylize, in one piece and in bands', async () => {
  const bytes = bytesOf({ ...tinyCheckpoint(), margin: 4 });
  const photo = noise(80, 56);
  for (const limits of [{}, IN_BANDS])
    for (const amount of [0, 0.3])
      requireEqual(
        await paintedHere(bytes, photo, { amount }, limits),
        paintedByNode(bytes, photo, { amount }),
      );
  // Smaller and larger than the photo.
  for (const stroke of [12, 5])
    requireEqual(
      await paintedHere(bytes, photo, { stroke, amount: 0.6 }),
      paintedByNode(bytes, photo, { stroke, amount: 0.6 }),
      2,
    );
});

test('exported .onnx files of both layouts, with and without an amount, paint the same', async () => {
  const checkpoint = { ...tinyCheckpoint(), margin: 5 };
  const style = { checkpoint, label: 'tiny' };
  const photo = noise(64, 48);
  for (const layout of ['nhwc', 'nchw'] as const) {
    const bytes = await exportOnnx(style, { layout, weights: 'float16', hasAmount: layout === 'nchw' });
    const amount = layout === 'nchw' ? 0.4 : 1;
    requireEqual(
      await paintedHere(bytes, photo, { amount }),
      paintedByNode(bytesOf(checkpoint), photo, { amount }),
    );
    const { credits } = openStyleFile(bytes, 'style');
    assert.equal(credits.name, 'tiny');
  }
});

test('one style of a file of several, from a checkpoint and from an .onnx file', async (t) => {
  const path = await writeTinyStyles(join(await temporaryFolder(t), 'pair.safetensors'), ['a', 'b']);
  const bytes = await readFile(path);
  const whole = parseCheckpoint(bytes, path);
  const onnx = await exportOnnx(
    { checkpoint: whole, label: 'pair' },
    { layout: 'nhwc', weights: 'float32', hasAmount: false },
  );
  const photo = noise(40, 40);
  const fromCheckpoint = await paintedHere(bytes, photo, {}, {}, 'b');
  requireEqual(await paintedHere(onnx, photo, {}, {}, 'b'), fromCheckpoint);
  requireEqual(await paintedHere(bytes, photo, {}, IN_BANDS, 'b'), fromCheckpoint);
  assert.notDeepEqual((await paintedHere(onnx, photo, {}, {}, 'a')).pixels, fromCheckpoint.pixels);
  for (const file of [bytes, onnx]) {
    assert.throws(
      () => openStyleFile(file, 'pair'),
      /one of the 2 styles in pair \(a, b\) but received none/,
    );
    assert.throws(() => openStyleFile(file, 'pair', 'c'), CheckpointError);
  }
});

test('a picture that is too large is painted reduced where that is asked for, and refused where nothing else is left', async () => {
  const bytes = bytesOf(tinyCheckpoint());
  const photo = noise(96, 64);
  const reduced = await paintedHere(bytes, photo, { large: 'reduce' }, { onePiece: 2000 });
  // 54×36 px, as a stroke of that size.
  requireEqual(reduced, paintedByNode(bytes, photo, { stroke: 512 / 54 }), 2);
  await assert.rejects(paintedHere(bytes, photo, {}, { ...IN_BANDS, memory: 1000 }), ImageError);
  const onnx = await exportOnnx(
    { checkpoint: tinyCheckpoint(), label: 'tiny' },
    { layout: 'nhwc', weights: 'float32', hasAmount: false },
  );
  await assert.rejects(paintedHere(onnx, photo, {}, IN_BANDS), /load the style's \.safetensors file/);
});

test('progress grows to the end, and a turn that throws ends the painting', async () => {
  const painter = await StylePainter.open(
    openStyleFile(bytesOf(tinyCheckpoint()), 'style'),
    { runtime },
    IN_BANDS,
  );
  try {
    const shares: number[] = [];
    const photo = noise(48, 64);
    await painter.paint(photo, {}, undefined, (share) => shares.push(share));
    assert.ok(shares.length > 20, `${shares.length} bands`);
    assert.deepEqual(
      shares,
      [...shares].sort((a, b) => a - b),
    );
    assert.ok(Math.abs(shares.at(-1)! - 1) < 1e-9);
    let turns = 0;
    const turn = async () => {
      if (++turns === 5) throw new Error('given up');
    };
    await assert.rejects(painter.paint(photo, {}, turn), /given up/);
    assert.equal(turns, 5);
  } finally {
    await painter.dispose();
  }
});

test('what cannot be painted is refused with a reason', async () => {
  const bytes = bytesOf(tinyCheckpoint());
  await assert.rejects(paintedHere(bytes, noise(15, 40)), ImageError);
  await assert.rejects(paintedHere(bytes, noise(40, 40), { amount: 2 }), ConfigError);
  await assert.rejects(paintedHere(bytes, noise(40, 40), { large: 'tiles' as 'bands' }), ConfigError);
  assert.throws(() => openStyleFile(bytes.slice(0, 5000), 'cut'), CheckpointError);
  assert.throws(() => openStyleFile(Uint8Array.of(8, 8, 200), 'cut.onnx'), CheckpointError);
  assert.throws(() => openStyleFile(Uint8Array.of(8, 8), 'other.onnx'), /without the architecture/);
  const onnx = await exportOnnx(
    { checkpoint: tinyCheckpoint(), label: 'tiny' },
    { layout: 'nhwc', weights: 'float32', hasAmount: false, size: { width: 40, height: 32 } },
  );
  await paintedHere(onnx, noise(40, 32));
  await assert.rejects(paintedHere(onnx, noise(41, 32)), /40×32 px for a style exported with that size/);
  await assert.rejects(paintedHere(onnx, noise(40, 32), { amount: 0.5 }), /--amount-input/);
});
