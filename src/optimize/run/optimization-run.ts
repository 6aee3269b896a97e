/** A run of `optimize` from its call to its end: reads what is given, optimises, keeps the record. Prints nothing. */
import { basename } from 'node:path';
import { writePicture } from '../../data/image-file.ts';
import { namedNetwork } from '../../networks/loss-network-identity.ts';
import type { LossNetworkWeights } from '../../networks/loss-network-weights.ts';
import { chooseLossNetwork, chooseRecipeNetwork } from '../../networks/weights/choose-loss-network.ts';
import type { Picture } from '../../picture.ts';
import { numberIn } from '../../system/number-in.ts';
import type { OptimizeConfig } from '../config.ts';
import type { OptimizeProgress, OptimizeResult } from '../progress.ts';
import { RECIPES } from '../recipes.ts';
import type { OptimizeCall } from './call.ts';
import { optimizeConfigOf } from './called-config.ts';
import { type OptimizePictures, readPictures } from './pictures.ts';
import { checkOutputs, type RecordOptions, RunRecord } from './record.ts';
import { parseStart } from './values.ts';

/** All that an optimisation works with, read and checked. */
export interface OptimizeSetup {
  readonly call: OptimizeCall;
  readonly config: OptimizeConfig;
  readonly outputs: RecordOptions;
  readonly pictures: OptimizePictures;
  readonly lossNetwork: LossNetworkWeights;
  readonly precision: 'f32' | 'bf16';
}

/**
 * Reads what is given, so that a mistake shows before anything is computed.
 *
 * @param say takes the line on which loss network was chosen.
 * @throws {ConfigError} a value that cannot be used, or a picture that is missing. {ImageError} one cannot be read. {FileError}
 *   something is in the way of what will be written. {WeightsError} the loss network cannot be read. {CheckpointError} there is
 *   no style of the name in `start`.
 */
export async function setUpOptimization(
  call: OptimizeCall,
  say: (line: string) => void,
): Promise<OptimizeSetup> {
  const config = optimizeConfigOf(call);
  const outputs = outputsOf(call);
  await checkOutputs(outputs);
  if (outputs.film?.toLowerCase().endsWith('.mp4')) {
    const { requireFfmpeg } = await import('../../data/ffmpeg.ts');
    await requireFfmpeg();
  }
  const pictures = await readPictures(call, config);
  const { readLossNetworkWeights } = await import('../../networks/loss-network-weights.ts');
  const lossNetwork = await readLossNetworkWeights(await lossNetworkFor(config, call.lossNetwork, say));

  // From here on TensorFlow is loaded.
  const { choosePrecision } = await import('../../engine/precision.ts');
  const precision = await choosePrecision(call.precision ?? 'f32');
  const start = await paintedStart(call, pictures.content, precision);
  return { call, config, outputs, pictures: { ...pictures, ...start }, lossNetwork, precision };
}

/**
 * Optimises, yielding the start and then every iteration. The picture is written where `out` says, with the files of the record.
 * What of them cannot be written is thrown when all else is. Leaving the loop early writes nothing more.
 *
 * @param signal ends the run after the current iteration; there is still a result.
 * @param onResult takes it when the picture is safe, before what could not be written is thrown.
 * @throws as `optimizePixels`. {FileError} something could not be written.
 */
export async function* runOptimization(
  { call, config, outputs, pictures, lossNetwork, precision }: OptimizeSetup,
  signal: AbortSignal | undefined,
  onResult: (result: OptimizeResult) => void = () => undefined,
): AsyncGenerator<OptimizeProgress, OptimizeResult, void> {
  const { optimizePixels } = await import('../optimization.ts');
  const { width, height } = pictures.content;
  const { iterations } = config;
  const facts = { width, height, iterations, title: titleOf(call) };
  const record = await RunRecord.open(outputs, facts);
  try {
    const run = optimizePixels(config, {
      ...pictures,
      ...{ lossNetwork, precision },
      ...(signal === undefined ? {} : { signal }),
    });
    let next = await run.next();
    try {
      for (; !next.done; next = await run.next()) {
        await record.add(next.value);
        yield next.value;
      }
    } finally {
      // Frees the tensors of a loop that is left early.
      if (!next.done) await run.return(undefined as never);
    }
    const result = next.value;
    const { out, overwrite, quality } = outputs;
    if (out !== undefined)
      await writePicture(out, result.picture, { overwrite, ...(quality !== undefined && { quality }) });
    const { picture: _, ...figures } = result;
    await record.finish(result.picture, {
      content: call.content === undefined ? null : nameOf(call.content),
      styles: (call.style ?? []).map(({ name }) => name),
      width,
      height,
      settings: config,
      precision,
      lossNetwork: namedNetwork(lossNetwork),
      result: figures,
    });
    onResult(result);
    record.throwFailure();
    return result;
  } finally {
    await record.discard();
  }
}

function lossNetworkFor(
  { recipe }: OptimizeConfig,
  named: string | undefined,
  say: (line: string) => void,
): Promise<string> {
  return recipe === undefined
    ? chooseLossNetwork(named, { say })
    : chooseRecipeNetwork(RECIPES[recipe].lossNetwork, named, { say });
}

function outputsOf(call: OptimizeCall): RecordOptions {
  const { out, overwrite = false, snapshotFolder, film, plot, trace } = call;
  const whole = (option: string, value: number | undefined, most: number) =>
    value === undefined ? undefined : numberIn(option, value, 1, most, true);
  return {
    ...{ out, overwrite, snapshotFolder, film, plot, trace },
    snapshots: whole('--snapshots', call.snapshots, 1e9),
    filmEvery: whole('--film-every', call.filmEvery, 1e9),
    quality: whole('--quality', call.quality, 100),
  };
}

/** The photo as a trained style paints it, where that is the start. */
async function paintedStart(
  { start }: OptimizeCall,
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

const nameOf = (picture: NonNullable<OptimizeCall['content']>): string =>
  typeof picture === 'string' ? basename(picture) : picture.name;

function titleOf({ content, style = [], recipe, warmUp }: OptimizeCall): string {
  const how = warmUp === undefined ? (recipe ?? 'default') : warmUp;
  const pictures = [...(content === undefined ? [] : [nameOf(content)]), ...style.map(({ name }) => name)];
  return [how, ...pictures].join(' · ');
}
