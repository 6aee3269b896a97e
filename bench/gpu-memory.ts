/**
 * How much memory a training step of a whole batch takes, worked out from its recorded graph (`graph-memory.ts`) over a grid of settings, and
 * the fit of it for src/train/plan/gpu-memory.ts. Needs no GPU: nothing is run.
 *
 *     node --import tsx bench/gpu-memory.ts [--against]
 *
 * `--against` measures some settings on the CPU with that graph as well: the process's growth while it trains.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { toBfloat16 } from '../src/engine/compile/bfloat16.ts';
import type { Precision } from '../src/engine/compile/compile.ts';
import { flattened } from '../src/engine/compile/program.ts';
import { record } from '../src/engine/compile/record.ts';
import { listOf } from '../src/engine/compile/tensor-record.ts';
import * as tf from '../src/engine/tensorflow.ts';
import { FULL_WIDTH, HALF_WIDTH, parseArchitecture } from '../src/networks/architecture.ts';
import { LossNetwork } from '../src/networks/loss-network.ts';
import { transformNetParameters } from '../src/networks/transform-net-parameters.ts';
import { parseTrainConfig } from '../src/train/config.ts';
import { graphMemory } from '../src/train/plan/gpu-memory.ts';
import { type MemoryFeatures, memoryFeatures } from '../src/train/plan/memory-model.ts';
import { targetsOf, weightsOf } from '../src/train/step/objective.ts';
import { drawChanges } from '../src/train/step/stability-changes.ts';
import { firstState } from '../src/train/step/train-state.ts';
import { makeTrainStep, type StepInputs, stepForm } from '../src/train/step/train-step.ts';
import { drawnNetwork } from './drawn-network.ts';
import { peakOfGraph } from './graph-memory.ts';
import { leastSquares, type MemoryPoint } from './training-memory.ts';

const QUARTER = [16, 32, 64, 128, 128];
const FULL = [64, 128, 256, 512, 512];
const NARROW = 'c9s1-8,d16,d32,R32x5,u16,u8,c9s1-3';

const point = (imageSize: number, batch: number, vggWidths: readonly number[], architecture: string) =>
  ({ imageSize, batch, vggWidths, architecture, styleSize: 256, precision: 'f32', steps: 6 }) as const;

const PLAIN: readonly MemoryPoint[] = [
  ...[128, 256].flatMap((size) => [1, 2, 4, 8].map((batch) => point(size, batch, QUARTER, HALF_WIDTH))),
  ...[1, 4, 16].map((batch) => point(256, batch, FULL, FULL_WIDTH)),
  ...[1, 4].map((batch) => point(256, batch, FULL, HALF_WIDTH)),
  ...[1, 4].map((batch) => point(256, batch, QUARTER, FULL_WIDTH)),
  ...[1, 4].map((batch) => point(256, batch, FULL, NARROW)),
  point(512, 2, FULL, HALF_WIDTH),
];
/** The most bytes that the graph of a step of the whole batch holds at once. */
export async function peakOf(one: MemoryPoint): Promise<{ peak: number; features: MemoryFeatures }> {
  const { imageSize, batch, vggWidths, architecture, precision, stabilityWeight = 0 } = one;
  const config = parseTrainConfig({ imageSize, batch, architecture, stabilityWeight, stabilityFrom: 0 });
  const source = drawnNetwork(vggWidths);
  const layers = parseArchitecture(architecture);
  const specs = transformNetParameters(layers);
  const network = new LossNetwork(source, config.pooling);
  const weights = { ...(await weightsOf(config, source.kind)), stabilityWeight };
  // What is remembered of a painting has the same shapes whatever its size.
  const painting = { pixels: new Uint8Array(64 * 64 * 3).fill(99), width: 64, height: 64 };
  const style = targetsOf(painting, network, weights);
  const form = stepForm({ layers, specs, lossNetwork: network, style, weights }, 'whole-batch');
  const named = firstState(specs, 1);
  const state = form.fromNamed(named);
  const inputs: StepInputs = {
    photos: tf.zeros([batch, imageSize, imageSize, 3]),
    learningRate: tf.scalar(0),
    averagingShare: tf.scalar(0),
    ...(stabilityWeight > 0 && { changes: drawChanges(config, { epoch: 0, index: 0 }, batch, imageSize) }),
  };
  const constants = [...network.tensors, ...Object.values(style)];
  const { program } = flattened(makeTrainStep(form), inputs, state);
  const graph = record(program, { inputs: listOf(inputs), state: listOf(state), constants });
  tf.dispose([inputs, named, state, constants]);
  const { peak } = peakOfGraph(
    precision === 'bf16' ? toBfloat16(graph) : graph,
    graph.functions.run!.fetchNames,
  );
  return { peak, features: memoryFeatures(config, source) };
}

const nameOf = ({ precision, architecture, vggWidths, imageSize, batch, stabilityWeight }: MemoryPoint) =>
  `${precision} ${architecture.split(',')[0]} VGG ${vggWidths[0]} ${imageSize} px × ${batch}${stabilityWeight ? ', stability' : ''}`;

const inPercent = (share: number) => `${share < 0 ? '' : '+'}${(100 * share).toFixed(0)} %`;

interface Found {
  readonly one: MemoryPoint;
  readonly peak: number;
  readonly features: MemoryFeatures;
}

const TERMS = {
  transform: ({ batch, transform }: MemoryFeatures) => batch * transform,
  loss: ({ batch, loss }: MemoryFeatures) => batch * loss,
  weights: ({ weights }: MemoryFeatures) => weights,
  state: ({ state }: MemoryFeatures) => state,
};

function reportFit(precision: Precision, isSteady: boolean, found: readonly Found[]): void {
  // Of one photo TensorFlow normalises in bf16 by another op: it takes less, and is left to be less.
  const fitted = found.filter(({ one }) => precision === 'f32' || one.batch > 1);
  const rows = fitted.map(({ features, peak }) => Object.values(TERMS).map((term) => term(features) / peak));
  const factors = leastSquares(rows);
  const said = Object.keys(TERMS).map((name, j) => `${name} ${factors[j]!.toFixed(2)}`);
  process.stdout.write(`${precision} ${isSteady ? 'steady' : 'plain'}: ${said.join(', ')}\n`);
  for (const { one, peak, features } of found) {
    const off = graphMemory(features, precision) / peak - 1;
    process.stdout.write(`  ${nameOf(one)}: ${(peak / 1e6).toFixed(0)} MB, the model ${inPercent(off)}\n`);
  }
}

/** What a process with the whole-batch graph takes on the CPU for each photo more, and what the graph says. */
async function against(one: MemoryPoint, batches: readonly [number, number]): Promise<void> {
  const child = fileURLToPath(new URL('training-memory-process.ts', import.meta.url));
  const env = { ...process.env, FAST_STYLE_BATCHING: 'whole-batch' };
  const perPhoto = ([few, many]: readonly number[]) => (many! - few!) / (batches[1] - batches[0]) / 1e6;
  const [taken, worked]: [number[], number[]] = [[], []];
  for (const batch of batches) {
    const point = { ...one, batch };
    const words = ['--import', 'tsx', child, JSON.stringify(point)];
    const said = execFileSync(process.execPath, words, { encoding: 'utf8', env });
    taken.push((JSON.parse(said) as { stepped: number }).stepped);
    worked.push((await peakOf(point)).peak);
  }
  const off = inPercent(perPhoto(taken) / perPhoto(worked) - 1);
  process.stdout.write(
    `${nameOf({ ...one, batch: batches[1] })} after ${batches[0]}: ${perPhoto(taken).toFixed(0)} MB a photo, by the graph ${perPhoto(worked).toFixed(0)} (${off})\n`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--against')) {
    await against(point(256, 1, QUARTER, HALF_WIDTH), [1, 4]);
    await against(point(256, 1, QUARTER, HALF_WIDTH), [4, 8]);
    await against(point(256, 1, FULL, FULL_WIDTH), [1, 4]);
  } else {
    for (const precision of ['f32', 'bf16'] as const)
      for (const stabilityWeight of [0, 10]) {
        const found: Found[] = [];
        for (const each of PLAIN) {
          const one = { ...each, precision, stabilityWeight };
          found.push({ one, ...(await peakOf(one)) });
        }
        reportFit(precision, stabilityWeight > 0, found);
      }
  }
}
