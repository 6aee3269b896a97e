/**
 * Time against held-out loss: trains variants of one training for the same time, each in a process of its own, and prints
 * a Markdown table of what they lose on photos that they were not trained on.
 *
 *   nice -n 19 node --import tsx bench/fast-to-good.ts <settings.json> <results.jsonl> [--time | --report]
 *
 * Clock: steps times the seconds of a step, which `--time` measures first, apart (on quiet cores, or above everything
 * else's priority). So the table holds for a machine with nothing else to do, and trainings may run beside other work.
 * What the results hold already is not measured again.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_TRAIN_CONFIG, type TrainConfig } from '../src/train/config.ts';
import { cropsFrom } from '../src/train/crop-schedule.ts';

export interface Variant {
  readonly name: string;
  /** What differs from the experiment's configuration. */
  readonly config: Partial<TrainConfig>;
  /** File of the style whose weights it starts from. */
  readonly from?: string;
}

interface Settings {
  readonly painting: string;
  readonly data: string;
  readonly lossNetwork: string;
  /** Folder of held-out photos. */
  readonly heldOut: string;
  readonly photos: number;
  readonly evaluatedSize: number;
  /** Seconds that each variant trains for. */
  readonly seconds: number;
  /** When losses are looked at, as shares of the time. */
  readonly shares: readonly number[];
  readonly config: Partial<TrainConfig>;
  readonly variants: readonly Variant[];
  /** Folder for a painted photo of each variant. */
  readonly previews?: string;
}

/** What a variant's process is told. */
export interface VariantCall
  extends Omit<Settings, 'photos' | 'variants' | 'seconds' | 'heldOut' | 'previews'>,
    Variant {
  readonly config: Partial<TrainConfig>;
  readonly photos: readonly string[];
  /** 0 only measures what a step takes. */
  readonly steps: number;
  readonly preview?: string;
}

/** What it answers: the seconds of its steps for each side of crops, or held-out losses at a step. */
export interface Measured {
  readonly name: string;
  readonly stepSeconds?: readonly number[];
  readonly step: number;
  readonly steps: number;
  readonly images: number;
  readonly photos: number;
  readonly cpuSeconds: number;
  readonly precision: string;
  readonly total: number;
  readonly content: number;
  readonly style: number;
  readonly tv: number;
}

/** Steps that take so many seconds, small crops included. */
export function stepsWithin(seconds: number, stepSeconds: readonly number[], smallCrops: number): number {
  const [first = Number.NaN, second = first] = stepSeconds;
  return Math.floor(seconds / (smallCrops * first + (1 - smallCrops) * second));
}

/** Seconds of the steps up to one of them. */
export function secondsUpTo(
  step: number,
  stepSeconds: readonly number[],
  config: Pick<TrainConfig, 'imageSize' | 'smallCrops' | 'steps'>,
): number {
  const parts = cropsFrom(0, config);
  return parts.reduce((sum, { from, steps }, i) => {
    const done = Math.max(0, Math.min(steps, step - from));
    return sum + done * (stepSeconds[i] ?? Number.NaN);
  }, 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [settingsFile, file, mode] = process.argv.slice(2);
  if (settingsFile === undefined || file === undefined)
    throw new Error('Expected: <settings.json> <results.jsonl> [--time | --report]');
  const settings = JSON.parse(readFileSync(settingsFile, 'utf8')) as Settings;
  const read = (): Measured[] =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .trim()
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as Measured)
      : [];
  const child = fileURLToPath(new URL('fast-to-good-process.ts', import.meta.url));
  const photos = readdirSync(settings.heldOut)
    .filter((name) => /\.(jpe?g|png|webp)$/i.test(name))
    .sort()
    .slice(0, settings.photos)
    .map((name) => join(settings.heldOut, name));
  const ask = (variant: Variant, steps: number) => {
    const preview =
      settings.previews === undefined ? {} : { preview: join(settings.previews, `${variant.name}.png`) };
    const call: VariantCall = {
      ...settings,
      ...variant,
      ...preview,
      config: configOf(variant),
      photos,
      steps,
    };
    const words = ['--import', 'tsx', child, JSON.stringify(call)];
    appendFileSync(
      file,
      execFileSync(process.execPath, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
    );
  };
  const configOf = (variant: Variant) => ({ ...settings.config, ...variant.config });
  /** Variants whose steps cost the same share one measurement. */
  const shapeOf = (variant: Variant) => {
    const { architecture, batch, imageSize, styleSize, smallCrops } = {
      ...DEFAULT_TRAIN_CONFIG,
      ...configOf(variant),
    };
    return `${architecture} ${batch} ${imageSize} ${styleSize} ${smallCrops > 0}`;
  };
  const secondsOf = (variant: Variant) => {
    const alike = settings.variants
      .filter((one) => shapeOf(one) === shapeOf(variant))
      .map(({ name }) => name);
    return read().find(({ name, stepSeconds }) => stepSeconds !== undefined && alike.includes(name))
      ?.stepSeconds;
  };
  if (mode !== '--report')
    for (const variant of settings.variants) {
      const seconds = secondsOf(variant);
      if (mode === '--time') {
        if (seconds === undefined) ask(variant, 0);
      } else if (
        seconds !== undefined &&
        !read().some(({ name, step }) => name === variant.name && step > 0)
      ) {
        const { smallCrops = 0 } = configOf(variant);
        ask(variant, stepsWithin(settings.seconds, seconds, smallCrops));
      }
    }
  for (const variant of settings.variants) {
    const rows = read().filter(({ name, step }) => name === variant.name && step > 0);
    const seconds = secondsOf(variant);
    if (seconds === undefined || rows.length === 0) continue;
    const { imageSize, smallCrops } = { ...DEFAULT_TRAIN_CONFIG, ...configOf(variant) };
    for (const { step, steps, images, total, content, style, tv, cpuSeconds } of rows) {
      const time = secondsUpTo(step, seconds, { imageSize, smallCrops, steps });
      process.stdout.write(
        `| ${variant.name} | ${time.toFixed(0)} s | ${step} | ${images} | ${total.toFixed(3)} | ${content.toFixed(3)} | ${style.toFixed(4)} | ${tv.toFixed(0)} | ${cpuSeconds.toFixed(0)} |\n`,
      );
    }
  }
}
