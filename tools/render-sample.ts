/**
 * Renders a sample picture, a made-up place that passes for a photograph:
 *   npx tsx tools/render-sample.ts harbour --out samples/harbour.jpg
 * The same numbers go in, so the same picture comes out.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { writePicture } from '../src/data/image-file.ts';
import { develop } from './scene/film.ts';
import { plans } from './scene/plans.ts';
import { prepare } from './scene/render.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    width: { type: 'string' },
    rays: { type: 'string', default: '12' },
    detail: { type: 'string', default: '1' },
    threads: { type: 'string', default: String(availableParallelism()) },
    quality: { type: 'string', default: '80' },
  },
});

const name = positionals[0] as keyof typeof plans;
const plan = plans[name];
if (!plan) throw new Error(`expected the name of a picture (${Object.keys(plans).join(', ')}), got ${name}`);
const width = Number(values.width ?? plan.width);
const height = Math.round((width * plan.height) / plan.width);
const studio = prepare(plan, { width, height, rays: Number(values.rays), detail: Number(values.detail) });

const started = Date.now();
await Promise.all(
  Array.from({ length: Number(values.threads) }, () => {
    const worker = new Worker(new URL('./scene/worker.mjs', import.meta.url), {
      workerData: { name, studio },
    });
    return new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', () => resolve());
    });
  }),
);

const out = values.out ?? `samples/${name}.jpg`;
const pixels = develop(studio.light, width, height, plan.development);
await writePicture(out, { pixels, width, height }, { quality: Number(values.quality), overwrite: true });
console.log(`${out}: ${width} × ${height}, ${Math.round((Date.now() - started) / 1000)} s`);
