/**
 * How far `stylize --tiles fast` is from the exact picture, and how far it would be with the statistics of a thumbnail:
 *
 *   node --import tsx bench/sampled-statistics.ts <style> <photo …>
 *
 * The largest and the mean difference in grey levels, and the peak signal-to-noise ratio.
 */
import { basename } from 'node:path';
import { readPicture, resizePicture } from '../src/data/image-file.ts';
import { toTensor } from '../src/engine/pixels.ts';
import { findStyle } from '../src/infer/find-style.ts';
import { rowsOf } from '../src/infer/finish/finished-rows.ts';
import { SampledNetwork } from '../src/infer/sampled/sampled-network.ts';
import { StyleNetwork } from '../src/infer/style-network.ts';
import { loadCheckpoint } from '../src/networks/checkpoint.ts';

const [style, ...photos] = process.argv.slice(2);
if (style === undefined || photos.length === 0) {
  console.error('Expected a style and photos: bench/sampled-statistics.ts great-wave samples/*.jpg');
  process.exit(2);
}
/** Long side of the thumbnail, px. */
const THUMBNAIL = 512;

const checkpoint = await loadCheckpoint(await findStyle(style));
const stylizer = new StyleNetwork(checkpoint);
const network = new SampledNetwork(checkpoint.layers, checkpoint.parameters, 'f32');
console.log('| Picture | Statistics of | Largest | Mean | PSNR |\n|---|---|---:|---:|---:|');
for (const path of photos) {
  const photo = await readPicture(path);
  const { width, height } = photo;
  const exact = stylizer.stylize(photo).pixels;
  const scale = Math.min(1, THUMBNAIL / Math.max(width, height));
  const thumbnail = await resizePicture(photo, Math.round(width * scale), Math.round(height * scale));
  for (const kind of ['windows', 'a thumbnail'] as const) {
    const painted = new Uint8Array(exact.length);
    let at = 0;
    await network.paint(
      rowsOf(photo),
      (rows) => {
        painted.set(rows, at);
        at += rows.length;
      },
      { bandRows: 512, bits: 8, ...(kind === 'windows' ? {} : { samples: () => toTensor(thumbnail) }) },
    );
    let [most, sum, squares] = [0, 0, 0];
    exact.forEach((value, i) => {
      const far = Math.abs(value - painted[i]!);
      most = Math.max(most, far);
      sum += far;
      squares += far * far;
    });
    const psnr = 10 * Math.log10(255 ** 2 / (squares / exact.length));
    const name = `${basename(path)}, ${width}×${height}`;
    console.log(
      `| ${name} | ${kind} | ${most} | ${(sum / exact.length).toFixed(2)} | ${psnr.toFixed(1)} dB |`,
    );
  }
}
network.dispose();
stylizer.dispose();
