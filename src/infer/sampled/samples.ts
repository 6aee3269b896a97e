import { toFloats } from '../../engine/samples.ts';
import * as tf from '../../engine/tensorflow.ts';
import type { PictureSize, PixelRows } from '../../picture.ts';

/** Side of a window, px, and how many there are at most. */
const [SIDE, WINDOWS] = [256, 24];

export interface Window {
  readonly left: number;
  readonly top: number;
}

/**
 * Where windows lie, and how large they are: spread evenly; side by side where the picture is small enough. They never overlap,
 * since what is seen twice would count twice.
 */
export function windowsOf({ width, height }: PictureSize): {
  readonly size: PictureSize;
  readonly windows: readonly Window[];
} {
  const most = {
    across: Math.max(1, Math.floor(width / SIDE)),
    down: Math.max(1, Math.floor(height / SIDE)),
  };
  // As square a grid as the picture allows.
  const wanted = Math.max(1, Math.round(Math.sqrt((WINDOWS * width) / height)));
  const across = Math.min(most.across, WINDOWS, wanted);
  const down = Math.min(most.down, Math.max(1, Math.floor(WINDOWS / across)));
  const size = {
    width: across === most.across ? Math.floor(width / across) : SIDE,
    height: down === most.down ? Math.floor(height / down) : SIDE,
  };
  const windows = Array.from({ length: across * down }, (_, i) => ({
    left: place(i % across, across, width, size.width),
    top: place(Math.floor(i / across), down, height, size.height),
  }));
  return { size, windows };
}

/** The middle of each of so many equal parts of a side. */
function place(i: number, count: number, all: number, side: number): number {
  return Math.round(((i + 0.5) * all) / count - side / 2);
}

/** Windows of a picture at its own scale. @returns [N, S, S, 3], float32 in [0, 255]. Caller disposes. */
export function readSamples(picture: PixelRows): tf.Tensor4D {
  const { size, windows } = windowsOf(picture);
  const values = new Float32Array(windows.length * size.width * size.height * 3);
  windows.forEach(({ left, top }, i) => {
    const rows = toFloats(picture.read(top, top + size.height));
    for (let y = 0; y < size.height; y++) {
      const from = 3 * (y * picture.width + left);
      values.set(rows.subarray(from, from + 3 * size.width), 3 * size.width * (i * size.height + y));
    }
  });
  return tf.tensor4d(values, [windows.length, size.height, size.width, 3]);
}
