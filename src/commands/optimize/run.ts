import { basename } from 'node:path';
import { writePicture } from '../../data/image-file.ts';
import { chooseLossNetwork, chooseRecipeNetwork } from '../../networks/weights/choose-loss-network.ts';
import type { OptimizeConfig } from '../../optimize/config.ts';
import type { OptimizeProgress, OptimizeResult } from '../../optimize/progress.ts';
import { RECIPES } from '../../optimize/recipes/recipes.ts';
import type { Picture } from '../../picture.ts';
import { printableLine } from '../../system/printable.ts';
import { catchInterruption, InterruptedError } from '../shared/interruption.ts';
import { numberIn } from '../shared/number-in.ts';
import { progressBar } from '../shared/progress-bar.ts';
import { say, tell } from '../shared/say.ts';
import { optimizeConfigOf } from './config.ts';
import type { OptimizeSettings } from './options.ts';
import { type OptimizePictures, readPictures } from './pictures.ts';
import { checkOutputs, type RecordOptions, RunRecord } from './record.ts';
import { parseStart } from './values.ts';

/** Optimises one picture from the command line: reads what is given, shows progress, writes what there is. */
export async function optimizePicture(given: OptimizeSettings): Promise<void> {
  const config = optimizeConfigOf(given);
  const outputs = outputsOf(given);
  await checkOutputs(outputs);
  if (outputs.film?.toLowerCase().endsWith('.mp4')) {
    const { requireFfmpeg } = await import('../../data/ffmpeg.ts');
    await requireFfmpeg();
  }
  const pictures = await readPictures(given, config);
  const { readLossNetworkWeights } = await import('../../networks/loss-network-weights.ts');
  const { namedNetwork } = await import('../../networks/loss-network-identity.ts');
  const lossNetwork = await readLossNetworkWeights(await lossNetworkFor(config, given.lossNetwork));

  // From here on TensorFlow is loaded.
  const { choosePrecision } = await import('../../engine/precision.ts');
  const precision = await choosePrecision(given.precision ?? 'f32');
  const start = await paintedStart(given, pictures.content, precision);
  const { optimize } = await import('../../optimize/optimization.ts');
  const { width, height } = pictures.content;
  const record = await RunRecord.open(outputs, {
    width,
    height,
    iterations: config.iterations,
    title: titleOf(given),
  });
  const { signal, release } = catchInterruption();
  const bar = progressBar({ label: 'Optimising', total: config.iterations });
  try {
    const run = optimize(config, { ...pictures, ...start, lossNetwork, precision, signal });
    let next = await run.next();
    for (; !next.done; next = await run.next()) {
      await record.add(next.value);
      bar.update(next.value.iteration, noteOf(next.value));
    }
    bar.stop();
    const result = next.value;
    const { quality } = outputs;
    const { out, overwrite } = outputs;
    await writePicture(out, result.picture, { overwrite, ...(quality !== undefined && { quality }) });
    const { picture: _, ...facts } = result;
    await record.finish(result.picture, {
      content: given.content === undefined ? null : basename(given.content),
      styles: (given.style ?? []).map((path) => basename(path)),
      width,
      height,
      settings: config,
      precision,
      lossNetwork: namedNetwork(lossNetwork),
      result: facts,
    });
    tellResult(result, out, config);
    record.throwFailure();
  } finally {
    bar.stop();
    release();
    await record.discard();
  }
}

function lossNetworkFor({ recipe }: OptimizeConfig, named: string | undefined): Promise<string> {
  return recipe === undefined
    ? chooseLossNetwork(named, { say })
    : chooseRecipeNetwork(RECIPES[recipe].lossNetwork, named, { say });
}

/** Says what came of a run. @throws {InterruptedError} it was stopped by Ctrl-C. */
function tellResult(result: OptimizeResult, out: string, { iterations: wanted }: OptimizeConfig): void {
  for (const note of result.notes) say(note);
  const { picture, iterations, evaluations, seconds, total, undone, stopped, message } = result;
  if (undone > 0) process.stderr.write(`${undone} steps were undone and shortened.\n`);
  if (stopped === 'aborted')
    throw new InterruptedError(
      `Stopped after iteration ${iterations} of ${wanted}; the picture so far is in ${out}.`,
    );
  const size = `${picture.width}×${picture.height}`;
  const effort = `${iterations} iterations, ${evaluations} evaluations, ${seconds.toFixed(1)} s`;
  tell(`${printableLine(out)} (${size}, ${effort}, total ${total.toPrecision(4)}): ${message}`);
}

function outputsOf(given: OptimizeSettings): RecordOptions {
  const { out, overwrite = false, snapshotFolder, film, plot, trace } = given;
  const whole = (option: string, value: number | undefined, most: number) =>
    value === undefined ? undefined : numberIn(option, value, 1, most, true);
  return {
    out: out!,
    overwrite,
    snapshotFolder,
    film,
    plot,
    trace,
    snapshots: whole('--snapshots', given.snapshots, 1e9),
    filmEvery: whole('--film-every', given.filmEvery, 1e9),
    quality: whole('--quality', given.quality, 100),
  };
}

/** The photo as a trained style paints it, where that is the start. */
async function paintedStart(
  { start }: OptimizeSettings,
  photo: Picture,
  precision: 'f32' | 'bf16',
): Promise<Pick<OptimizePictures, 'given'>> {
  const { network } = start === undefined ? {} : parseStart(start);
  if (network === undefined) return {};
  const { openStyle } = await import('../../infer/open-style.ts');
  const { StyleNetwork } = await import('../../infer/style-network.ts');
  const stylizer = new StyleNetwork((await openStyle(network)).checkpoint, { precision });
  try {
    return { given: stylizer.stylize(photo) };
  } finally {
    stylizer.dispose();
  }
}

function titleOf({ content, style = [], recipe, warmUp }: OptimizeSettings): string {
  const how = warmUp === undefined ? (recipe ?? 'default') : warmUp;
  return [
    how,
    ...[content, ...style].filter((path) => path !== undefined).map((path) => basename(path)),
  ].join(' · ');
}

function noteOf({ total, terms, weights, scale }: OptimizeProgress): string {
  const shown = Object.entries(terms)
    .filter((term): term is [string, number] => Object.hasOwn(weights, term[0]) && term[1] !== 0)
    .map(([term, value]) => `${term} ${value.toPrecision(3)}`);
  const size = scale.count > 1 ? `${scale.width}×${scale.height} ` : '';
  return `${size}total ${total.toPrecision(4)} ${shown.join(' ')}`;
}
