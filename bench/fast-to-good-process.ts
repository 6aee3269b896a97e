/**
 * One training of bench/fast-to-good.ts in a process of its own. Writes JSON lines on standard output: what its steps take,
 * or what it loses on held-out photos at several steps.
 */
import { batches, openDataset } from '../src/data/batches.ts';
import { readPicture } from '../src/data/image-file.ts';
import { choosePrecision } from '../src/engine/precision.ts';
import { readLossNetworkWeights } from '../src/networks/loss-network-weights.ts';
import { parseTrainConfig } from '../src/train/config.ts';
import { probeSteps } from '../src/train/plan/probe-step.ts';
import { NetworkTrainer } from '../src/train/trainer.ts';
import { readWarmStart } from '../src/train/warm-start.ts';
import type { TrainingCall } from './fast-to-good.ts';
import { costOf } from './fast-to-good-variants.ts';
import { heldOutLosses, squarePhotos } from './held-out-photos.ts';

const call = JSON.parse(process.argv[2] ?? '{}') as TrainingCall;
const { name, experiment, steps } = call;
// So many that a probe sees enough of each side of crops.
const config = parseTrainConfig({
  ...call.config,
  lossNetwork: experiment.lossNetwork,
  steps: steps ?? 1000,
});
const lossNetwork = await readLossNetworkWeights(config.lossNetwork);
const painting = await readPicture(experiment.painting, { longSide: config.styleSize });
const dataset = await openDataset(experiment.data);
await dataset.close();
const precision = await choosePrecision('auto');
const trainer = await NetworkTrainer.create({
  config,
  painting,
  lossNetwork,
  precision,
  dataset: dataset.id,
  openBatches: (position, imageSize) =>
    batches({
      dataset: experiment.data,
      imageSize,
      batch: config.batch,
      seed: config.seed,
      ...(position === undefined ? {} : { position }),
    }),
  ...(call.from === undefined ? {} : { warmStart: await readWarmStart(call.from) }),
});
const answer = (of: object) => process.stdout.write(`${JSON.stringify(of)}\n`);
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

if (steps === undefined) {
  const probed = (await probeSteps(trainer, config))!;
  answer({ cost: costOf({ config }), stepSeconds: probed.map(({ seconds }) => seconds) });
} else {
  const photos = await squarePhotos(experiment.photos, experiment.photoCount, experiment.photoSide);
  const losses = await heldOutLosses(config, lossNetwork, painting, photos, trainer.runState());
  const lookAt = experiment.shares.map((share) => Math.round(share * steps));
  let apart = cpuSeconds();
  for await (const { step } of trainer.steps()) {
    if (!lookAt.includes(step)) continue;
    const before = cpuSeconds();
    const found = losses(trainer.runState());
    answer({ name, step, images: trainer.images, config, precision, ...found, cpuSeconds: before - apart });
    apart += cpuSeconds() - before;
  }
}
trainer.dispose();
