/** Weights and pictures that all engines read: drawn once per run, the same on every machine. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPicture } from '../src/data/image-file.ts';
import { random } from '../src/data/random.ts';
import { parseArchitecture } from '../src/networks/architecture.ts';
import { formatSafetensors, type NamedArray } from '../src/networks/safetensors.ts';
import { transformNetParameters } from '../src/networks/transform-net-parameters.ts';
import { type Case, VGG19_BLOCKS } from './cases.ts';
import type { OptimisationCase } from './optimisation-case.ts';

/** The files of a case, in the folder that `prepare` names. */
export const WEIGHTS = 'weights.safetensors';
export const VGG = 'vgg.safetensors';
/** `photos` and, for training and optimising, `painting`; for optimising the `start`, noise: [N, H, W, 3], RGB in [0, 255]. */
export const PICTURES = 'pictures.safetensors';

export async function writeMaterials(one: Case | OptimisationCase, folder: string): Promise<void> {
  const write = (name: string, arrays: readonly NamedArray[]) =>
    writeFile(join(folder, name), formatSafetensors(arrays, {}, 'F32'));
  if (one.kind === 'optimisation') {
    const { width, height, vggWidths } = one;
    await write(PICTURES, [
      await pictures('photos', ['valley.jpg'], width, height),
      await pictures('painting', ['harbour.jpg'], width, height),
      drawn('start', [1, height, width, 3], 127.5, 127.5 / Math.sqrt(3), 1),
    ]);
    await write(VGG, vggWeights(vggWidths));
    return;
  }
  await write(WEIGHTS, transformWeights(one.architecture));
  const [width, height] = [one.width, one.height];
  if (one.kind === 'forward') {
    await write(PICTURES, [await pictures('photos', ['valley.jpg'], width, height)]);
    return;
  }
  const names = Array.from({ length: one.batch }, (_, i) => (i % 2 === 0 ? 'valley.jpg' : 'harbour.jpg'));
  await write(PICTURES, [
    await pictures('photos', names, width, height),
    await pictures('painting', ['harbour.jpg'], width, height),
  ]);
  await write(VGG, vggWeights(one.vggWidths));
}

/**
 * As training starts from, but with residual blocks that count and a last layer five times as strong, so that the output
 * fills its range and a difference shows.
 */
function transformWeights(architecture: string): NamedArray[] {
  const specs = transformNetParameters(parseArchitecture(architecture));
  return specs.map(({ name, shape, mean, deviation }, i) => {
    const strength = i === specs.length - 2 ? 5 : 1;
    const middle = name.endsWith('.second.scale') ? 0.5 : mean;
    return drawn(name, shape, middle, (deviation || 0.1) * strength, i + 1);
  });
}

/** A VGG19 of these widths with random weights that keep signals their size. */
export function vggWeights(vggWidths: readonly number[]): NamedArray[] {
  const arrays: NamedArray[] = [];
  let from = 3;
  for (const [block, count] of VGG19_BLOCKS.entries()) {
    for (let i = 1; i <= count; i++) {
      const to = vggWidths[block]!;
      const name = `conv${block + 1}_${i}`;
      const deviation = Math.sqrt(2 / (9 * from));
      arrays.push(drawn(`${name}.kernel`, [3, 3, from, to], 0, deviation, 1000 + arrays.length));
      arrays.push(drawn(`${name}.bias`, [to], 0, 0.05, 1000 + arrays.length));
      from = to;
    }
  }
  return arrays;
}

/** Uniform numbers of a given mean and standard deviation. */
function drawn(
  name: string,
  shape: readonly number[],
  mean: number,
  deviation: number,
  seed: number,
): NamedArray {
  const next = random(seed);
  const reach = deviation * Math.sqrt(3);
  const length = shape.reduce((product, side) => product * side, 1);
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = mean + (next() * 2 - 1) * reach;
  return { name, shape, values };
}

/** Sample photos, brought to the size by taking the nearest pixel. */
async function pictures(
  name: string,
  files: readonly string[],
  width: number,
  height: number,
): Promise<NamedArray> {
  const values = new Float32Array(files.length * width * height * 3);
  let at = 0;
  for (const file of files) {
    const picture = await readPicture(fileURLToPath(new URL(`../samples/${file}`, import.meta.url)));
    for (let y = 0; y < height; y++) {
      const row = Math.floor((y * picture.height) / height) * picture.width;
      for (let x = 0; x < width; x++) {
        const pixel = (row + Math.floor((x * picture.width) / width)) * 3;
        for (let c = 0; c < 3; c++) values[at++] = picture.pixels[pixel + c]!;
      }
    }
  }
  return { name, shape: [files.length, height, width, 3], values };
}
