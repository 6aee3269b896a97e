/**
 * Time against held-out loss: trains the variants of `fast-to-good-variants.ts` for the same time, each in a process of its
 * own, and prints a Markdown table.
 *
 *   node --import tsx bench/fast-to-good.ts --time <options>                 what a step of each takes
 *   nice -n 19 node --import tsx bench/fast-to-good.ts <options>             trains what is not in the results yet
 *
 * Options: --painting, --data, --loss-network, --photos <folder of held-out photos>, --results <file.jsonl>; --seconds for
 * each variant (60), --image-size (128), --style-size (512), --style-weight (the default), --only <variant;variant>.
 *
 * Clock: steps times the seconds of a step, which `--time` has measured by themselves, on quiet cores or above everything
 * else's priority. So trainings may run next to other work, and the table is of a machine with nothing else to do.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { TrainConfig } from '../src/train/config.ts';
import { type HeldOut, type StepTimes, stepsWithin, table } from './fast-to-good-report.ts';
import { costOf, SHORT, VARIANTS, type Variant } from './fast-to-good-variants.ts';
import { jsonLines } from './json-lines.ts';

interface Experiment {
  readonly painting: string;
  readonly data: string;
  readonly lossNetwork: string;
  /** Folder of held-out photos, how many of them, and the side of their middles in px. */
  readonly photos: string;
  readonly photoCount: number;
  readonly photoSide: number;
  /** When they are looked at, as shares of the time. */
  readonly shares: readonly number[];
}

/** What a process gets; without steps it measures what one takes. */
export interface TrainingCall extends Variant {
  readonly experiment: Experiment;
  readonly steps?: number;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      time: { type: 'boolean', default: false },
      painting: text,
      data: text,
      'loss-network': text,
      photos: text,
      results: text,
      only: text,
      seconds: { ...text, default: '60' },
      'image-size': { ...text, default: '128' },
      'style-size': { ...text, default: '512' },
      'style-weight': text,
    },
  });
  const needed = (name: 'painting' | 'data' | 'loss-network' | 'photos' | 'results') => {
    const value = values[name];
    if (value === undefined) throw new Error(`Expected --${name}.`);
    return value;
  };
  const experiment: Experiment = {
    painting: needed('painting'),
    data: needed('data'),
    lossNetwork: needed('loss-network'),
    photos: needed('photos'),
    photoCount: 16,
    photoSide: 256,
    shares: [0.25, 0.5, 1],
  };
  const results = needed('results');
  const lines = () => jsonLines<object>(results);
  const times = () => lines().filter((line): line is StepTimes => 'stepSeconds' in line);
  const trained = () => lines().filter((line): line is HeldOut => 'step' in line);
  const shared: Partial<TrainConfig> = {
    ...SHORT,
    imageSize: Number(values['image-size']),
    styleSize: Number(values['style-size']),
    ...(values['style-weight'] === undefined ? {} : { styleWeight: Number(values['style-weight']) }),
  };
  const only = values.only?.split(';');
  const variants = VARIANTS.filter(({ name }) => only?.includes(name) ?? true).map((variant) => ({
    ...variant,
    config: { ...shared, ...variant.config },
  }));
  const timesOf = (variant: Variant) => times().find(({ cost }) => cost === costOf(variant))?.stepSeconds;
  const child = fileURLToPath(new URL('fast-to-good-process.ts', import.meta.url));
  const ask = (call: TrainingCall) => {
    const words = ['--import', 'tsx', child, JSON.stringify(call)];
    appendFileSync(results, execFileSync(process.execPath, words, { encoding: 'utf8' }));
  };
  for (const variant of variants) {
    const stepSeconds = timesOf(variant);
    if (values.time) {
      if (stepSeconds === undefined) ask({ ...variant, experiment });
      continue;
    }
    if (stepSeconds === undefined) throw new Error(`Expected the times of steps: run with --time first.`);
    if (trained().some(({ name }) => name === variant.name)) continue;
    const { smallCrops = 0 } = variant.config;
    ask({ ...variant, experiment, steps: stepsWithin(Number(values.seconds), stepSeconds, smallCrops) });
  }
  const variantOf = (name: string) => variants.find((one) => one.name === name);
  process.stdout.write(
    table(trained(), (name) => {
      const variant = variantOf(name);
      return variant === undefined ? undefined : timesOf(variant);
    }),
  );
}
