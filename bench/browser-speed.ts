/**
 * How fast styles paint in Chromium, compared with what others have published: docs/web.md has the table.
 *
 *     node --import tsx bench/browser-speed.ts <folder> [WebAssembly [7]]
 *
 * A second word leaves out pages of others without it in their names: WebGL without a graphics card takes minutes a picture. The third is the
 * number of rounds.
 *
 * The folder has ml5.min.js (npm: ml5 0.12.2), wave/ (ml5js/ml5-data-and-models, models/style-transfer/wave), tf.min.js and
 * tf-backend-wasm.min.js with its .wasm files (npm: @tensorflow/tfjs 4.22.0, @tensorflow/tfjs-backend-wasm 4.22.0), and transformer/
 * (reiinakano/arbitrary-image-stylization-tfjs, saved_model_transformer_separable_js).
 *
 * All take turns, so that what else the machine does disturbs all alike: the ratio is the median of those of single rounds.
 */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { makeGallery } from '../tools/gallery/make-gallery.ts';
import { serveFolder } from '../tools/gallery/serve-folder.ts';

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const SIZES = [
  [256, 256],
  [640, 480],
] as const;

/** Pages with a function `prepare(width, height)` that answers one that paints once. */
const PAGES: Readonly<Record<string, string>> = {
  'great-wave': ours('great-wave'),
  'wave-film': ours('wave-film'),
  'ml5 wave, WebGL': `<script src="ml5.min.js"></script><script>
    const ready = new Promise((done) => { const model = ml5.styleTransfer('/peers/wave', () => done(model)); });
    async function prepare(width, height) {
      const model = await ready;
      const image = await picture(width, height);
      return () => new Promise((done, failed) => model.transfer(image, (error, result) => (error ? failed(error) : done(result.src.length))));
    }</script>`,
  'arbitrary, separable, WebGL': arbitrary('webgl'),
  'arbitrary, separable, WebAssembly': arbitrary('wasm'),
};

/** A photo-like picture, as an element. */
const PICTURE = `<script>
  async function picture(width, height) {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d');
    const image = new Image();
    image.src = '/samples/harbour.jpg';
    await image.decode();
    context.drawImage(image, 0, 0, width, height);
    const small = new Image(width, height);
    small.src = canvas.toDataURL();
    await small.decode();
    return small;
  }</script>`;

function ours(style: string): string {
  return `<script type="module">
    import { StyleWorker } from '/index.js';
    const worker = new StyleWorker({ backend: 'wasm', runtimeFolder: '/runtime/',
      worker: () => new Worker('/worker.js', { type: 'module' }) });
    window.prepare = async (width, height) => {
      const style = await worker.load('/styles/${style}.safetensors');
      const image = await picture(width, height);
      return () => style.paint(image);
    };</script>`;
}

function arbitrary(backend: string): string {
  return `<script src="tf.min.js"></script><script src="tf-backend-wasm.min.js"></script><script>
    async function prepare(width, height) {
      tf.wasm.setWasmPaths('/peers/');
      await tf.setBackend('${backend}');
      const model = await tf.loadGraphModel('/peers/transformer/model.json');
      const image = await picture(width, height);
      const style = tf.randomNormal([1, 1, 1, 100], 0, 1, 'float32', 1);
      return async () => {
        const painted = tf.tidy(() => model.predict([tf.browser.fromPixels(image).toFloat().div(255).expandDims(), style]).squeeze());
        await tf.browser.toPixels(painted, document.createElement('canvas'));
        painted.dispose();
      };
    }</script>`;
}

const [peers, only = '', rounds = '7'] = process.argv.slice(2);
if (peers === undefined) throw new Error('Name the folder of the peers.');
const folder = await mkdtemp(join(tmpdir(), 'fast-style-speed-'));
const gallery = join(folder, 'gallery');
await makeGallery(gallery);
await build({ entryPoints: [at('src/web/index.ts')], bundle: true, format: 'esm', outdir: gallery });
await cp(peers, join(gallery, 'peers'), { recursive: true });
for (const [i, script] of Object.values(PAGES).entries())
  await writeFile(join(gallery, 'peers', `page-${i}.html`), `<!doctype html>${PICTURE}${script}`);
const { server, address } = await serveFolder(gallery, 0);
const browser = await chromium.launch({
  executablePath: process.env.FAST_STYLE_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--enable-unsafe-swiftshader'],
});
try {
  for (const [width, height] of SIZES) {
    const pages = [];
    for (const [i, name] of Object.keys(PAGES).entries()) {
      if (name.includes(',') && !name.includes(only)) continue;
      const page = await browser.newPage();
      page.setDefaultTimeout(0);
      await page.goto(`${address}peers/page-${i}.html`);
      const begin = `prepare(${width}, ${height}).then(async (paint) => { window.paint = paint; await paint(); })`;
      await page.evaluate(begin);
      pages.push({ name, page, times: [] as number[] });
    }
    for (let round = 0; round < Number(rounds); round++)
      for (const { page, times } of pages)
        times.push(
          await page.evaluate<number>(
            `(async () => { const from = performance.now(); await paint(); return performance.now() - from; })()`,
          ),
        );
    const [own] = pages;
    for (const { name, page, times } of pages) {
      const ratios = times.map((time, round) => time / own!.times[round]!);
      console.log(
        `${width}×${height} ${name}: ${median(times).toFixed(0)} ms, × ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
      );
      await page.close();
    }
  }
} finally {
  await browser.close();
  server.close();
  await rm(folder, { recursive: true });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
