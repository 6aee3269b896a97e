/**
 * What loss networks cost: forward pass and gradient to a picture, turn by turn, in the same process. Prints a Markdown table.
 *
 *   node --import tsx bench/loss-network-cost.ts [--size 256] [--rounds 40] <name or file> <name or file> …
 *
 * 'network' is the gradient of the features' mean squares at training's layers, 'losses' that of training's content and style terms.
 * 'ops' and 'graph' are Gram matrices of a picture, as of a painting before training: op by op, and by a graph that is made for it.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { compile } from '../src/engine/compile/compile.ts';
import { runOnce } from '../src/engine/compile/compile-as-called.ts';
import * as tf from '../src/engine/tensorflow.ts';
import { softwareVersions } from '../src/engine/versions.ts';
import { layersOf, lossesOf } from '../src/losses/term.ts';
import { termsOf } from '../src/losses/terms.ts';
import { LossNetwork } from '../src/networks/loss-network.ts';
import { type LossNetworkWeights, readLossNetworkWeights } from '../src/networks/loss-network-weights.ts';
import { DEFAULT_TRAIN_CONFIG } from '../src/train/config.ts';
import { weightsOf } from '../src/train/step/objective.ts';
import { styleTargets } from '../src/train/step/train-step.ts';

const WARM_UP = 4;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { size: { type: 'string', default: '256' }, rounds: { type: 'string', default: '40' } },
});
const size = Number(values.size);
const weights = await weightsOf({ ...DEFAULT_TRAIN_CONFIG, tvWeight: 0, latticeWeight: 0 }, 'vgg19');
const terms = termsOf(weights).filter(({ weight }) => weight !== 0);
const layers = layersOf(terms);
const picture = tf.randomUniform<tf.Rank.R4>([1, size, size, 3], 0, 255, 'float32', 1);

/** Milliseconds of one call. */
type Run = () => number;

function compiled(loss: (image: tf.Tensor4D) => tf.Scalar, constants: readonly tf.Tensor[]): Run {
  const { run } = compile(
    ({ image }: { image: tf.Tensor4D }) => {
      const { value, grad } = tf.valueAndGrad((x) => loss(x as tf.Tensor4D))(image);
      return { outputs: { value, grad } };
    },
    { inputs: { image: picture.shape }, constants },
  );
  return () => {
    const began = performance.now();
    const outputs = run({ image: picture });
    outputs.value.dataSync();
    const took = performance.now() - began;
    tf.dispose(outputs);
    return took;
  };
}

/** Gram matrices of the picture. */
function measured(gramsOf: () => Readonly<Record<string, tf.Tensor>>): Run {
  return () => {
    const began = performance.now();
    const grams = gramsOf();
    for (const gram of Object.values(grams)) gram.dataSync();
    tf.dispose(grams);
    return performance.now() - began;
  };
}

const MEASURED = ['network', 'losses', 'ops', 'graph'] as const;
type What = (typeof MEASURED)[number];

function runsOf(file: LossNetworkWeights): Record<What, Run> {
  const network = new LossNetwork(file);
  const content = network.featureMaps(picture, Object.keys(weights.contentLayers));
  const styleOf = (of: tf.Tensor4D) => styleTargets(network, of, Object.keys(weights.styleLayers), weights);
  const style = styleOf(picture);
  const targets = { content, paintings: { 0: { statistics: style } } };
  return {
    network: compiled((image) => {
      const maps = Object.values(network.featureMaps(image, layers));
      return tf.addN(maps.map((map) => tf.mean(tf.square(map)))) as tf.Scalar;
    }, network.tensors),
    losses: compiled(
      (image) => lossesOf(terms, image, network.featureMaps(image, layers), targets).total,
      [...network.tensors, ...Object.values(content), ...Object.values(style)],
    ),
    ops: measured(() => styleOf(picture)),
    graph: measured(() =>
      runOnce((given) => ({ outputs: styleOf(given.picture) }), network.tensors, { picture }),
    ),
  };
}

const all = await Promise.all(
  positionals.map(async (name) => {
    const file = await readLossNetworkWeights(name);
    return {
      source: file.source,
      runs: runsOf(file),
      times: { network: [], losses: [], ops: [], graph: [] } as Times,
    };
  }),
);
type Times = Record<What, number[]>;
for (let round = -WARM_UP; round < Number(values.rounds); round++)
  for (const { runs, times } of all)
    for (const what of MEASURED) {
      const took = runs[what]();
      if (round >= 0) times[what].push(took);
    }
const quantile = (times: readonly number[], share: number) =>
  [...times].sort((a, b) => a - b)[Math.floor(share * (times.length - 1))]!;
const cell = (what: What, share: number) => (times: Times) => {
  const took = quantile(times[what], share);
  return `${took.toFixed(1)} (${(quantile(all[0]!.times[what], share) / took).toFixed(2)}×)`;
};
const columns = [
  ...[cell('network', 0), cell('network', 0.5), cell('losses', 0), cell('losses', 0.5)],
  ...[cell('ops', 0.5), cell('graph', 0.5)],
];
process.stdout.write(
  `ms for ${size}×${size} px, f32, ${values.rounds} rounds; ${cpus()[0]?.model}, ${cpus().length} cores, TensorFlow ${softwareVersions().tensorflow}\n\n` +
    '| loss network | network, fastest | median | with losses, fastest | median | ops, median | graph, median |\n|---|---|---|---|---|---|---|\n',
);
for (const { source, times } of all)
  process.stdout.write(`| ${source} | ${columns.map((column) => column(times)).join(' | ')} |\n`);
