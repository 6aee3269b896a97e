/** Our engine as a process of its own: `ours.ts eager|compiled f32|bf16` (bench/engine-process.ts). */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bfloat16Units } from '../src/engine/bfloat16-units.ts';
import {
  compile,
  interpret,
  type NoTensors,
  type Precision,
  type TensorRecord,
} from '../src/engine/compile/compile.ts';
import { compileTogether, interpretTogether } from '../src/engine/compile/compile-together.ts';
import { measureConvolution } from '../src/engine/measure-convolution.ts';
import { bytesTensor } from '../src/engine/ops/bytes.ts';
import * as tf from '../src/engine/tensorflow.ts';
import { device, softwareVersions } from '../src/engine/versions.ts';
import { loadMakers } from '../src/losses/terms.ts';
import { type Layer, parseArchitecture } from '../src/networks/architecture.ts';
import { LossNetwork } from '../src/networks/loss-network.ts';
import { readSafetensors } from '../src/networks/safetensors-file.ts';
import { transformNet } from '../src/networks/transform-net.ts';
import { transformNetParameters } from '../src/networks/transform-net-parameters.ts';
import { buildTrainFunctions } from '../src/train/step/train-functions.ts';
import { initialTrainState } from '../src/train/step/train-state.ts';
import { styleTargets } from '../src/train/step/train-step.ts';
import { ANSWERED, type Case, LOSSES } from './cases.ts';
import { PICTURES, VGG, WEIGHTS } from './materials.ts';
import { drawnLossNetwork } from './vgg-layers.ts';

const [mode, precision] = process.argv.slice(2) as ['eager' | 'compiled', Precision];
const build = mode === 'eager' ? interpret : compile;

/** One case, ready to run. */
interface Prepared {
  /** One run, until its values are in JavaScript's hands. */
  run(): Float32Array;
  /** Goes back to the first state. */
  restart(): void;
}

async function load(folder: string, file: string): Promise<ReadonlyMap<string, tf.Tensor>> {
  const { tensors } = await readSafetensors(join(folder, file));
  return new Map([...tensors].map(([name, { values, shape }]) => [name, tf.tensor(values, [...shape])]));
}

async function prepare(one: Case, folder: string): Promise<Prepared> {
  const layers = parseArchitecture(one.architecture);
  const weights = await load(folder, WEIGHTS);
  const pictures = await load(folder, PICTURES);
  const photos = pictures.get('photos')!;
  if (one.kind === 'training') {
    return prepareTraining(layers, weights, photos, pictures.get('painting') as tf.Tensor4D, folder);
  }
  if (one.staysOnDevice) return onDevice(layers, weights, photos as tf.Tensor4D);
  const network = build(
    ({ image }: { image: tf.Tensor4D }) => ({
      outputs: { painted: transformNet(layers, Object.fromEntries(weights), image) },
    }),
    { inputs: { image: [1, null, null, 3] }, constants: [...weights.values()], precision },
  );
  return prepared(
    () => network.run({ image: photos as tf.Tensor4D }),
    ({ painted }) => [painted],
  );
}

/** The photo is state, so that no call brings it; of the painting one pixel is answered. */
function onDevice(
  layers: readonly Layer[],
  weights: ReadonlyMap<string, tf.Tensor>,
  photo: tf.Tensor4D,
): Prepared {
  const make = mode === 'eager' ? interpretTogether : compileTogether;
  const network = make<{ run: { inputs: NoTensors; outputs: { pixel: tf.Tensor } } }, { photo: tf.Tensor }>(
    {
      run: {
        program: (_, { photo }) => {
          const painted = transformNet(layers, Object.fromEntries(weights), photo as tf.Tensor4D);
          return { outputs: { pixel: tf.slice(painted, [0, 0, 0, 0], [1, 1, 1, 3]) } };
        },
        inputs: {},
      },
    },
    { state: { photo }, constants: [...weights.values()], precision },
  );
  return prepared(
    () => network.run.run({}),
    ({ pixel }) => [pixel],
  );
}

async function prepareTraining(
  layers: readonly Layer[],
  weights: ReadonlyMap<string, tf.Tensor>,
  photos: tf.Tensor,
  painting: tf.Tensor4D,
  folder: string,
): Promise<Prepared> {
  const lossNetwork = new LossNetwork(drawnLossNetwork((await readSafetensors(join(folder, VGG))).tensors));
  const shares = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 1]));
  const style = styleTargets(lossNetwork, painting, LOSSES.styleLayers);
  const specs = transformNetParameters(layers);
  const objective = {
    makers: await loadMakers(),
    contentWeight: LOSSES.content,
    styleWeight: LOSSES.style,
    tvWeight: LOSSES.tv,
    contentLayers: shares(LOSSES.contentLayers),
    styleLayers: shares(LOSSES.styleLayers),
  };
  const state = initialTrainState(Object.fromEntries(specs.map(({ name }) => [name, weights.get(name)!])));
  // As a training gets them; peers get the same numbers.
  const bytes = bytesTensor(Uint8Array.from(photos.dataSync()), photos.shape);
  const [learningRate, averagingShare] = [tf.scalar(LOSSES.learningRate), tf.scalar(0.002)];
  const inputs = { photos: bytes, learningRate, averagingShare };
  const [batch, imageSize] = photos.shape as [number, number];
  const training = buildTrainFunctions(
    { layers, specs, lossNetwork, style, weights: objective },
    {
      config: { batch, imageSize },
      engine: mode,
      precision,
      state,
      constants: [...lossNetwork.tensors, ...Object.values(style)],
    },
  );
  return {
    run() {
      const { losses } = training.step(inputs);
      // A training step also answers terms that weigh nothing here and what its guard looks at; peers compute neither.
      return Float32Array.from(ANSWERED, (term) => losses[term]);
    },
    restart: () => training.writeState(state),
  };
}

/** @param work one run. @param wanted what of its outputs peers compute, too. */
function prepared<Outputs extends TensorRecord>(
  work: () => Outputs,
  wanted: (outputs: Outputs) => readonly tf.Tensor[],
): Prepared {
  const run = () => {
    const outputs = work();
    const values = wanted(outputs).map((output) => output.dataSync() as Float32Array);
    tf.dispose(outputs);
    return values.length === 1 ? values[0]! : Float32Array.from(values, ([scalar]) => scalar!);
  };
  return { run, restart: () => undefined };
}

let current: Prepared | undefined;

async function answer(question: Record<string, unknown>): Promise<object> {
  switch (question.command) {
    case 'machine':
      return {
        speed: measureConvolution(device() === 'GPU' || bfloat16Units().present),
        versions: softwareVersions(),
      };
    case 'prepare': {
      const started = performance.now();
      current = await prepare(question.case as Case, question.folder as string);
      // The first runs compile and allocate; writing the output is the second.
      current.run();
      if (process.env.TF_XLA_FLAGS === undefined) return {};
      return { note: `ready after ${((performance.now() - started) / 1000).toFixed(0)} s` };
    }
    case 'output': {
      current!.restart();
      const values = current!.run();
      await writeFile(
        question.file as string,
        new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      );
      return {};
    }
    case 'run': {
      const started = performance.now();
      current!.run();
      return { ms: performance.now() - started };
    }
    default:
      throw new Error(`Unknown command ${question.command}`);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line)).catch((error: Error) => ({ error: error.message }));
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
