import type { Picture } from '../picture.ts';
import type { Backend } from './messages.ts';
import type { ModelRunner } from './runtime.ts';
import type { StyleFile } from './style-file.ts';
import { type PainterLimits, StylePainter } from './style-painter.ts';

export interface CheckedPainter {
  readonly painter: StylePainter;
  readonly backend: Backend;
  /** Why it is not the one that was to be used. */
  readonly reason?: string;
}

/** Grey levels of 255 by which backends may differ. */
const MOST = 2;
/** Side of the picture that both paint, px; a size exported with the style comes before it. */
const SIDE = 48;

/**
 * Opens a style, and on a graphics card only if that paints a test picture as WebAssembly does: ONNX Runtime 1.30 computes
 * convolutions from 6 to 20 channels wrongly there (compare https://github.com/microsoft/onnxruntime/issues/29651), and drivers have
 * faults of their own.
 */
export async function openChecked(
  file: StyleFile,
  runner: ModelRunner,
  limits: PainterLimits,
): Promise<CheckedPainter> {
  if (runner.providers?.[0] !== 'webgpu')
    return { painter: await StylePainter.open(file, runner, limits), backend: 'wasm' };
  const sure = await StylePainter.open(file, { ...runner, providers: ['wasm'] }, limits);
  const reason = await reasonAgainst(file, runner, limits, sure);
  if (typeof reason === 'string') return { painter: sure, backend: 'wasm', reason };
  await sure.dispose();
  return { painter: reason, backend: 'webgpu' };
}

/** @returns the style on the graphics card, or why it is not to be used. */
async function reasonAgainst(
  file: StyleFile,
  runner: ModelRunner,
  limits: PainterLimits,
  sure: StylePainter,
): Promise<StylePainter | string> {
  let painter: StylePainter | undefined;
  try {
    painter = await StylePainter.open(file, runner, limits);
    const { width, height } = painter.size ?? { width: SIDE, height: SIDE };
    const picture = testPicture(Math.max(width, painter.smallest), Math.max(height, painter.smallest));
    const [there, here] = [await painter.paint(picture), await sure.paint(picture)];
    const apart = there.pixels.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - here.pixels[i]!)),
      0,
    );
    if (apart <= MOST) return painter;
    await painter.dispose();
    return `WebGPU paints this style otherwise here, by ${apart} grey levels of 255`;
  } catch (error) {
    await painter?.dispose();
    return `WebGPU cannot paint this style here: ${(error as Error).message}`;
  }
}

/** Slopes and steps in all colours. */
function testPicture(width: number, height: number): Picture {
  const pixels = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return (5 * x + 3 * y + 80 * c + 90 * (Math.floor(x / 9) % 2)) % 256;
  });
  return { pixels, width, height };
}
