/**
 * What training on synthetic pictures costs against photos: the same paintings, settings and steps on both, judged by the
 * training objective on photos that neither has seen. Trains through the command line, and prints a Markdown table; what is
 * trained already in --out is only measured.
 *
 *   nice -n 5 node --import tsx bench/synthetic-gap.ts --data photos=<data set> --data synthetic=<data set> \
 *     --painting <file> … --loss-network <file> --held-out <folder of photos> --out <folder> [--steps 1500] [-- <options of train>]
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readPicture } from '../src/data/image-file.ts';
import { readLossNetworkWeights } from '../src/networks/loss-network-weights.ts';
import { loadRunState } from '../src/train/run/run-state.ts';
import type { LossValues } from '../src/train/step/loss-values.ts';
import { QUARTER_WIDTH } from './fast-to-good-variants.ts';
import { heldOutLosses, squarePhotos } from './held-out-photos.ts';

const CLI = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
const many = { type: 'string', multiple: true } as const;
const one = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: many,
    painting: many,
    'loss-network': one,
    'held-out': one,
    out: one,
    steps: { ...one, default: '1500' },
    'style-weight': { ...one, default: '4' },
  },
});
const { data, painting: paintings, 'loss-network': lossNetworkFile, 'held-out': heldOut, out } = values;
if (!data || !paintings || !lossNetworkFile || !heldOut || !out)
  throw new Error('Expected: --data name=folder … --painting … --loss-network --held-out --out');

const sets = data.map((text) => {
  const [name, folder] = text.split('=');
  if (!name || !folder) throw new Error(`Expected --data name=folder but received ${text}.`);
  return { name, folder };
});

/** Trains as a user would, unless it is done. Answers the run's folder. */
function train(painting: string, { name, folder }: (typeof sets)[number]): string {
  const style = `${basename(painting, extname(painting))}-${name}`;
  const run = join(out!, 'runs', style);
  if (existsSync(join(out!, `${style}.safetensors`))) return run;
  const given = {
    style: painting,
    data: folder,
    name: style,
    run,
    out: out!,
    steps: values.steps,
    'loss-network': lossNetworkFile!,
    architecture: QUARTER_WIDTH,
    'image-size': '128',
    'style-size': '512',
    batch: '1',
    warmup: '20',
    averaging: '0.99',
    // Given, as it would otherwise be found again on each data set.
    'style-weight': values['style-weight'],
    'preview-every': '0',
  };
  const words = Object.entries(given).flatMap(([option, value]) => [`--${option}`, value]);
  execFileSync(process.execPath, ['--import', 'tsx', CLI, 'train', ...words, ...positionals, '--overwrite'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return run;
}

const photos = await squarePhotos(heldOut, 24, 256);
const lossNetwork = await readLossNetworkWeights(lossNetworkFile);
const rows: string[] = [];
for (const painting of paintings) {
  const found: LossValues[] = [];
  for (const set of sets) {
    const { state } = await loadRunState(train(painting, set));
    const picture = await readPicture(painting, { longSide: state.config.styleSize });
    const losses = (await heldOutLosses(state.config, lossNetwork, picture, photos, state))(state);
    found.push(losses);
    const ratio = losses.total / found[0]!.total;
    rows.push(
      `| ${basename(painting, extname(painting))} | ${set.name} | ${losses.content.toFixed(3)} | ${losses.style.toFixed(4)} | ${losses.total.toFixed(3)} | ${ratio.toFixed(3)} |`,
    );
  }
}
process.stdout.write(
  `${photos.length} held-out photos at 256 px, ${values.steps} steps\n\n| painting | trained on | content | style | objective | of ${sets[0]!.name}' |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`,
);
