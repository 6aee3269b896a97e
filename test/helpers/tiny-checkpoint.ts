import { random } from '../../src/data/random.ts';
import { parseArchitecture } from '../../src/networks/architecture.ts';
import { saveCheckpoint } from '../../src/networks/checkpoint.ts';
import type { NamedArray } from '../../src/networks/safetensors.ts';
import { transformNetParameters } from '../../src/networks/transform-net-parameters.ts';

const ARCHITECTURE = 'c3s1-4,d5,d6,R6,u5,u4,c3s1-3';

/** Weights of a small transform net, drawn and not trained: its pictures are noise in the shape of the photo. */
export function tinyParameters(architecture = ARCHITECTURE, seed = 1): NamedArray[] {
  const next = random(seed);
  return transformNetParameters(parseArchitecture(architecture)).map(({ name, shape, mean, deviation }) => ({
    name,
    shape,
    values: Float32Array.from(
      { length: shape.reduce((product, side) => product * side, 1) },
      () => mean + (next() * 2 - 1) * (deviation || 0.3),
    ),
  }));
}

/** A checkpoint of such a net as a file. Answers its path. */
export async function writeTinyCheckpoint(path: string, architecture = ARCHITECTURE): Promise<string> {
  const description = {
    architecture,
    name: 'tiny',
    style: { file: 'tiny.png', title: 'Noise' },
    thumbnail: Buffer.from('picture').toString('base64'),
    training: { styleWeight: 5 },
    lossNetwork: { source: 'none' },
    steps: 3,
    images: 12,
    losses: { total: 1 },
    software: {},
  };
  await saveCheckpoint(path, description, tinyParameters(architecture), { overwrite: true });
  return path;
}
