import { join, parse } from 'node:path';
import { random } from '../../src/data/random.ts';
import { parseArchitecture } from '../../src/networks/architecture.ts';
import { type Checkpoint, saveCheckpoint } from '../../src/networks/checkpoint.ts';
import type { NamedArray } from '../../src/networks/safetensors.ts';
import { isOfStyle, transformNetParameters } from '../../src/networks/transform-net-parameters.ts';
import { shippedStyles } from './shipped-files.ts';

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

/** A checkpoint of such a net. */
export function tinyCheckpoint(architecture = ARCHITECTURE): Checkpoint {
  return {
    ...{ architecture, layers: parseArchitecture(architecture), parameters: tinyParameters(architecture) },
    ...{ name: 'tiny', style: { file: 'tiny.png' }, training: {}, lossNetwork: { source: 'none' } },
    ...{ steps: 1, images: 1, losses: {}, software: {} },
  };
}

/** The same as a file. Answers its path. @param more of its training's settings. */
export async function writeTinyCheckpoint(
  path: string,
  architecture = ARCHITECTURE,
  more: Readonly<Record<string, unknown>> = {},
  seed = 1,
): Promise<string> {
  const description = {
    architecture,
    name: 'tiny',
    style: { file: 'tiny.png', title: 'Noise' },
    thumbnail: Buffer.from('picture').toString('base64'),
    training: { styleWeight: 5, ...more },
    lossNetwork: { source: 'none' },
    steps: 3,
    images: 12,
    losses: { total: 1 },
    software: {},
  };
  await saveCheckpoint(path, description, tinyParameters(architecture, seed), { overwrite: true });
  return path;
}

/** A checkpoint of such nets that differ in scales and offsets only, one per name. Answers its path. */
export async function writeTinyStyles(
  path: string,
  names: readonly string[],
  architecture = ARCHITECTURE,
): Promise<string> {
  const each = names.map(
    (_, i) => new Map(tinyParameters(architecture, i + 1).map((one) => [one.name, one])),
  );
  const specs = transformNetParameters(parseArchitecture(architecture), names.length);
  const parameters = specs.map(({ name, shape }) => {
    const own = isOfStyle(name) ? each : each.slice(0, 1);
    return { name, shape, values: Float32Array.from(own.flatMap((style) => [...style.get(name)!.values])) };
  });
  const description = {
    architecture,
    name: 'styles',
    style: {},
    styles: names.map((name, i) => ({
      name,
      style: { file: `${name}.png` },
      thumbnail: Buffer.from('picture').toString('base64'),
      training: { styleWeight: i + 1 },
    })),
    training: { styleWeight: 5 },
    lossNetwork: { source: 'none' },
    steps: 3,
    images: 12,
    losses: { total: 1 },
    software: {},
  };
  await saveCheckpoint(path, description, parameters, { overwrite: true });
  return path;
}

/** Writes tiny styles in the places of those that are shipped, but for a few: what shows all of them takes its time. */
export async function writeStandIns(checkpoints: string, ...kept: readonly string[]): Promise<void> {
  for (const file of shippedStyles.filter((name) => !kept.includes(parse(name).name)))
    await writeTinyCheckpoint(join(checkpoints, file), 'c3s1-3');
}
