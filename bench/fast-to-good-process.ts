/**
 * One variant of bench/fast-to-good.ts in a process of its own: trains it for a number of steps and says, as JSON on
 * standard output, what it loses on photos that it was not trained on at several times; or, with 0 steps, what its steps
 * take.
 */
import { batches, openDataset } from '../src/data/batches.ts';
import { readPicture, writePicture } from '../src/data/image-file.ts';
import { compile } from '../src/engine/compile/compile.ts';
import { toTensor } from '../src/engine/pixels.ts';
import { choosePrecision } from '../src/engine/precision.ts';
import * as tf from '../src/engine/tensorflow.ts';
import { Stylizer } from '../src/infer/stylizer.ts';
import { parseArchitecture } from '../src/networks/architecture.ts';
import { LossNetwork } from '../src/networks/loss-network.ts';
import { readLossNetworkWeights } from '../src/networks/loss-network-weights.ts';
import { transformNetParameters } from '../src/networks/transform-net-parameters.ts';
import { parseTrainConfig } from '../src/train/config.ts';
import { cropsFrom } from '../src/train/crop-schedule.ts';
import { targetsOf, weightsOf } from '../src/train/objective.ts';
import type { RunState } from '../src/train/run-state.ts';
import { lossValues, makeEvaluation } from '../src/train/train-step.ts';
import { Trainer } from '../src/train/trainer.ts';
import { readWarmStart } from '../src/train/warm-start.ts';
import type { Measured, VariantCall } from './fast-to-good.ts';
import { median } from './statistics.ts';

const call = JSON.parse(process.argv[2] ?? '{}') as VariantCall;
const timed = call.steps === 0;
const config = parseTrainConfig({
  ...call.config,
  lossNetwork: call.lossNetwork,
  steps: timed ? TIMED_STEPS() : call.steps,
});
const lossNetwork = await readLossNetworkWeights(call.lossNetwork);
const painting = await readPicture(call.painting, { longSide: config.styleSize });
const { id, count, close } = await openIndex(call.data);
await close();
const precision = await choosePrecision('auto');
const trainer = Trainer.create({
  config,
  painting,
  lossNetwork,
  precision,
  dataset: id,
  openBatches: (position, imageSize) =>
    batches({ ...config, dataset: call.data, imageSize, ...(position === undefined ? {} : { position }) }),
  ...(call.from === undefined ? {} : { warmStart: await readWarmStart(call.from) }),
});
const answer = (of: Partial<Measured>) => process.stdout.write(`${JSON.stringify(of)}\n`);
if (timed) answer({ name: call.name, stepSeconds: await stepSeconds() });
else await train();
trainer.dispose();

/** Enough for both sides of crops, behind a first step each. */
function TIMED_STEPS(): number {
  return 1000;
}

async function openIndex(folder: string) {
  const dataset = await openDataset(folder);
  return { id: dataset.id, count: dataset.count, close: () => dataset.close() };
}

/** Seconds of a step for each side of crops, medians behind two steps in which TensorFlow optimises the graph. */
async function stepSeconds(): Promise<number[]> {
  const before = trainer.runState();
  const found: number[] = [];
  for (const { from } of cropsFrom(0, config)) {
    trainer.restore({ ...before, step: from });
    const seconds: number[] = [];
    let last: number | undefined;
    for await (const _ of trainer.steps()) {
      const now = performance.now();
      if (last !== undefined) seconds.push((now - last) / 1000);
      last = now;
      if (seconds.length >= 30 || (seconds.length >= 7 && seconds.reduce((a, b) => a + b) > 6)) break;
    }
    found.push(median(seconds.slice(1)));
  }
  return found;
}

async function train(): Promise<void> {
  const layers = parseArchitecture(config.architecture);
  const specs = transformNetParameters(layers);
  const network = new LossNetwork(lossNetwork, config.pooling);
  const weights = weightsOf(config, lossNetwork.kind);
  const style = targetsOf(painting, network, weights);
  const first = stateTensors(trainer.runState());
  const evaluation = compile(
    (given, state) => {
      const { outputs } = makeEvaluation({ layers, specs, lossNetwork: network, style, weights })(
        given,
        state,
      );
      return { outputs, nextState: [...state] };
    },
    {
      inputs: [[1, call.evaluatedSize, call.evaluatedSize, 3]],
      state: first,
      constants: [...network.tensors, ...Object.values(style)],
      precision: 'f32',
    },
  );
  tf.dispose(first);
  const photos = await Promise.all(
    call.photos.map((path) =>
      readPicture(path, { shortSide: call.evaluatedSize }).then((picture) =>
        square(picture, call.evaluatedSize),
      ),
    ),
  );
  const heldOut = () => {
    const tensors = stateTensors(trainer.runState());
    evaluation.writeState(tensors);
    tf.dispose(tensors);
    const found = photos.map((photo) => {
      const input = toTensor(photo);
      const outputs = evaluation.run(input);
      const values = lossValues(outputs);
      tf.dispose([input, ...outputs]);
      return values;
    });
    const mean = (term: 'total' | 'content' | 'style' | 'tv') =>
      found.reduce((sum, values) => sum + values[term], 0) / found.length;
    return { total: mean('total'), content: mean('content'), style: mean('style'), tv: mean('tv') };
  };
  const cpu = process.cpuUsage();
  let evaluating = 0;
  const stepsAt = call.shares.map((share) => Math.round(share * config.steps));
  for await (const { step } of trainer.steps()) {
    if (!stepsAt.includes(step)) continue;
    const before = process.cpuUsage();
    const losses = heldOut();
    const used = process.cpuUsage(before);
    evaluating += used.user + used.system;
    const all = process.cpuUsage(cpu);
    const cpuSeconds = (all.user + all.system - evaluating) / 1e6;
    answer({
      name: call.name,
      step,
      steps: config.steps,
      images: trainer.images,
      photos: count,
      cpuSeconds,
      precision,
      ...losses,
    });
  }
  if (call.preview !== undefined) await paint(layers, call.preview);
}

async function paint(layers: ReturnType<typeof parseArchitecture>, path: string): Promise<void> {
  const stylizer = new Stylizer(
    {
      architecture: config.architecture,
      layers,
      parameters: trainer.parameters(),
      name: call.name,
      style: {},
      training: {},
      lossNetwork: {},
      software: {},
      steps: trainer.stepsDone,
      images: trainer.images,
      losses: {},
    },
    { precision },
  );
  try {
    await writePicture(path, stylizer.stylize(await readPicture(call.photos[0]!, { longSide: 512 })), {
      overwrite: true,
    });
  } finally {
    stylizer.dispose();
  }
}

function stateTensors({ tensors }: RunState): tf.Tensor[] {
  return tensors.map(({ values, shape }) => tf.tensor(values, [...shape]));
}

/** Its middle. */
function square({ pixels, width, height }: Awaited<ReturnType<typeof readPicture>>, side: number) {
  const [left, top] = [(width - side) >> 1, (height - side) >> 1];
  const cut = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    const from = ((top + y) * width + left) * 3;
    cut.set(pixels.subarray(from, from + side * 3), y * side * 3);
  }
  return { pixels: cut, width: side, height: side };
}
