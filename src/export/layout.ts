import type { ExportLayout } from './graph-writer.ts';

/** Samples as the model has them from samples pixel by pixel, or back. */
export function arranged(values: Float32Array, layout: ExportLayout, way: 'in' | 'out'): Float32Array {
  if (layout === 'nhwc') return values;
  const pixels = values.length / 3;
  const out = new Float32Array(values.length);
  for (let i = 0; i < pixels; i++)
    for (let c = 0; c < 3; c++) {
      const [byPixel, byChannel] = [3 * i + c, c * pixels + i];
      if (way === 'in') out[byChannel] = values[byPixel]!;
      else out[byPixel] = values[byChannel]!;
    }
  return out;
}
