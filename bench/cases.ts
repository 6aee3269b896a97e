/** What is measured: one network at one size, forward or a whole training step. */
import { FULL_WIDTH, HALF_WIDTH, type Layer, parseArchitecture } from '../src/networks/architecture.ts';

interface CaseBase {
  /** As the report calls it, and as files are named. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly architecture: string;
}

/** One picture through the transform net. */
export interface ForwardCase extends CaseBase {
  readonly kind: 'forward';
  /** The picture is on the device before the run, and of the painting one pixel is read: what a GPU computes, without transfer. */
  readonly staysOnDevice?: true;
}

/** One step of training: batch, losses, gradients, Adam. */
export interface TrainingCase extends CaseBase {
  readonly kind: 'training';
  readonly batch: number;
  /** Channels of the loss network's five blocks. */
  readonly vggWidths: readonly number[];
}

export type Case = ForwardCase | TrainingCase;

/** VGG19 as published, and a quarter of its channels. */
export const VGG19_WIDTHS: readonly number[] = [64, 128, 256, 512, 512];
export const QUARTER_WIDTHS: readonly number[] = VGG19_WIDTHS.map((width) => width / 4);

/** What both sides of a training step compare, with equal shares within a term. */
export const LOSSES = {
  content: 1,
  style: 4,
  tv: 5e-5,
  contentLayers: ['relu3_2', 'relu4_2'],
  styleLayers: ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'],
  learningRate: 1e-3,
} as const;

/** What every engine answers of a training step, in this order; ours has more terms, which weigh nothing here. */
export const ANSWERED = ['total', 'content', 'style', 'tv'] as const;

const SIZES = [
  [256, 256],
  [512, 512],
  [1280, 720],
  [3840, 2160],
] as const;
const NETWORKS = { full: FULL_WIDTH, half: HALF_WIDTH } as const;

function forwardCase(network: keyof typeof NETWORKS, width: number, height: number): ForwardCase {
  const name = `forward-${network}-${width}x${height}`;
  return { kind: 'forward', name, width, height, architecture: NETWORKS[network] };
}

function trainingCase(
  network: keyof typeof NETWORKS,
  vgg: 'vgg19' | 'quarter-vgg19',
  batch = 4,
): TrainingCase {
  return {
    kind: 'training',
    name: `training-${network}-${vgg}${batch === 4 ? '' : `-batch-${batch}`}`,
    width: 256,
    height: 256,
    batch,
    architecture: NETWORKS[network],
    vggWidths: vgg === 'vgg19' ? VGG19_WIDTHS : QUARTER_WIDTHS,
  };
}

/** Cases that share a section of the report, which is measured and written as one. */
export interface CaseGroup {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** The cases in the order of the report; large pictures have a section of their own. */
export function caseGroups(): readonly CaseGroup[] {
  const networks = Object.keys(NETWORKS) as (keyof typeof NETWORKS)[];
  const forward = networks.flatMap((network) => {
    const all = SIZES.map(([width, height]) => forwardCase(network, width, height));
    return [
      { name: `forward-${network}`, cases: all.filter((one) => !isLarge(one)) },
      ...all.filter(isLarge).map((one) => ({ name: one.name, cases: [one] })),
    ];
  });
  const training = [trainingCase('half', 'quarter-vgg19'), trainingCase('full', 'vgg19')];
  return [...forward, { name: 'training', cases: training }];
}

/** What is measured on a GPU: the step at several batches, and the pass with and without transfer of the pixels. */
export function gpuCaseGroups(): readonly CaseGroup[] {
  const sizes = [
    [512, 512],
    [1920, 1080],
    [3840, 2160],
  ] as const;
  const forward = sizes.map(([width, height]) => forwardCase('full', width, height));
  const batches = (network: keyof typeof NETWORKS) =>
    [1, 4, 16].map((batch) => trainingCase(network, 'vgg19', batch));
  return [
    { name: 'training-full', cases: batches('full') },
    { name: 'training-half', cases: batches('half') },
    { name: 'forward-full', cases: forward },
    {
      name: 'forward-full-on-device',
      cases: forward.map((one) => ({ ...one, name: `${one.name}-on-device`, staysOnDevice: true })),
    },
  ];
}

/** How time and memory grow with the picture and with the batch: half-width network, quarter-width VGG19. */
export function growthCases(): readonly Case[] {
  return [
    ...[128, 256, 512, 1024].map((side) => forwardCase('half', side, side)),
    ...[1, 2, 4, 8].map((batch) => trainingCase('half', 'quarter-vgg19', batch)),
  ];
}

/** Cases of gigabytes: their engines run one after the other. */
export function isLarge({ width, height }: Case): boolean {
  return width * height > 2 ** 22;
}

/**
 * Multiplications and additions of a case's convolutions. A gradient costs as much as its forward pass, once for the
 * weights and once for what they read: 3 passes of the transform net (the picture's own gradient is not wanted, a
 * hundredth), and of the frozen loss network one for the photo and two for the painting.
 */
export function convolutionOperations(one: Case): number {
  const pixels = one.width * one.height;
  const forward = transformOperations(parseArchitecture(one.architecture), pixels);
  if (one.kind === 'forward') return forward;
  const vgg = (last: string) => vggOperations(one.vggWidths, pixels, last);
  return one.batch * (3 * forward + vgg('conv4_2') + 2 * vgg('conv5_1'));
}

function transformOperations(layers: readonly Layer[], pixels: number): number {
  let [operations, area, width] = [0, pixels, 3];
  for (const layer of layers) {
    if (layer.kind === 'down') area /= 4;
    if (layer.kind === 'up') area *= 4;
    const side = layer.kind === 'convolution' ? layer.kernel : 3;
    const times = layer.kind === 'residual' ? 2 : 1;
    operations += 2 * times * side * side * width * layer.channels * area;
    width = layer.channels;
  }
  return operations;
}

/** VGG19's convolutions per block. */
export const VGG19_BLOCKS: readonly number[] = [2, 2, 4, 4, 4];

function vggOperations(widths: readonly number[], pixels: number, last: string): number {
  let [operations, area, width] = [0, pixels, 3];
  for (const [block, count] of VGG19_BLOCKS.entries()) {
    for (let i = 1; i <= count; i++) {
      const channels = widths[block] ?? 0;
      operations += 2 * 9 * width * channels * area;
      width = channels;
      if (`conv${block + 1}_${i}` === last) return operations;
    }
    area /= 4;
  }
  throw new RangeError(`VGG19 has no ${last}.`);
}
