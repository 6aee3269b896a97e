import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LossNetworkKind } from '../../src/networks/loss-network-weights.ts';
import { formatSafetensors, type NamedArray } from '../../src/networks/safetensors.ts';
import { sharedFolder } from '../helpers/temporary-folder.ts';
import { tinyVgg } from './tiny-vgg.ts';

/** Files of test/fixtures/weights: what they are, their name, network and last layer. */
export const published: readonly (readonly [string, string, LossNetworkKind, string])[] = [
  ['Keras, as it publishes them', 'vgg19-published.h5', 'vgg19', 'conv5_4'],
  ['Keras 2', 'vgg16-keras2.h5', 'vgg16', 'conv4_1'],
  ['Keras 3', 'vgg19-keras3.weights.h5', 'vgg19', 'conv1_2'],
  ["torch's older format", 'vgg19-legacy.pth', 'vgg19', 'conv5_4'],
  ["torch's older format, of parameters", 'vgg16-legacy.pth', 'vgg16', 'conv5_3'],
  ["torch's zip format, float16", 'vgg19-zip.pth', 'vgg19', 'conv4_1'],
  ["torch's zip format, bfloat16 in a checkpoint", 'vgg16-zip.pth', 'vgg16', 'conv4_1'],
];

export const folder = sharedFolder();

/** The arrays of a tiny VGG under Keras' names. */
export function kerasArrays(kind: LossNetworkKind, last: string): NamedArray[] {
  return [...tinyVgg(kind, last)].flatMap(([name, { kernel, kernelShape, bias }]) => {
    const layer = name.replace(/conv(.)_(.)/, 'block$1_conv$2');
    return [
      { name: `${layer}/kernel`, shape: kernelShape, values: kernel },
      { name: `${layer}/bias`, shape: [bias.length], values: bias },
    ];
  });
}

let files = 0;
/** A file of these arrays in a folder that goes with the tests. */
export async function safetensorsFile(
  arrays: Iterable<NamedArray>,
  metadata: Record<string, string> = {},
): Promise<string> {
  const path = join(folder, `${files++}.safetensors`);
  await writeFile(path, formatSafetensors(arrays, metadata, 'F32'));
  return path;
}
