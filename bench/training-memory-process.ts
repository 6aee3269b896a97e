/** One point of bench/training-memory.ts in a process of its own: the peaks of its memory, as JSON on standard output. */
import { readFileSync, writeFileSync } from 'node:fs';
import { random } from '../src/data/random.ts';
import { parseArchitecture } from '../src/networks/architecture.ts';
import { parseTrainConfig } from '../src/train/config.ts';
import {
  lossActivations,
  lossWeights,
  stateBytes,
  transformActivations,
} from '../src/train/plan/memory-model.ts';
import { NetworkTrainer, type NetworkTrainerOptions } from '../src/train/trainer.ts';
import { drawnNetwork } from './drawn-network.ts';
import type { MemoryPoint } from './training-memory.ts';

const point = JSON.parse(process.argv[2] ?? '{}') as MemoryPoint;
const { imageSize, batch, styleSize, vggWidths, architecture, precision, stabilityWeight = 0 } = point;
const { steps } = point;
const config = parseTrainConfig({
  imageSize,
  batch,
  styleSize,
  architecture,
  steps,
  stabilityWeight,
  stabilityFrom: 0,
});

/** VmHWM: the most that the process has had in memory since it was last forgotten. */
const peak = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
const forgetPeak = () => writeFileSync('/proc/self/clear_refs', '5');

function noise(length: number): Uint8Array {
  const next = random(3);
  return Uint8Array.from({ length }, () => next() * 256);
}

async function* photos(): ReturnType<NetworkTrainerOptions['openBatches']> {
  for (let index = 0; ; index += batch) {
    const pixels = noise(batch * imageSize * imageSize * 3);
    yield { pixels, size: imageSize, count: batch, position: { epoch: 0, index } };
  }
}

const network = drawnNetwork(vggWidths);
const height = Math.round(styleSize * 0.68);
const painting = { pixels: noise(styleSize * height * 3), width: styleSize, height };
const before = peak();
const trainer = await NetworkTrainer.create({
  config,
  painting,
  lossNetwork: network,
  dataset: 'noise',
  openBatches: photos,
  precision,
});
const created = peak();
forgetPeak();
const seconds: number[] = [];
let last = performance.now();
for await (const _ of trainer.steps()) {
  seconds.push((performance.now() - last) / 1000);
  last = performance.now();
}
const stepped = peak();
const layers = parseArchitecture(architecture);
const paintings = stabilityWeight > 0 ? 2 : 1;
const names = [...Object.keys(config.contentLayers), ...Object.keys(config.styleLayers)];
process.stdout.write(
  `${JSON.stringify({
    ...point,
    before,
    created,
    stepped,
    seconds,
    transform: paintings * transformActivations(layers, imageSize),
    paintings: paintings * batch,
    loss: lossActivations(network, names, imageSize),
    style: lossActivations(network, Object.keys(config.styleLayers), styleSize, height),
    weights: lossWeights(network, names),
    state: stateBytes(layers),
  })}\n`,
);
