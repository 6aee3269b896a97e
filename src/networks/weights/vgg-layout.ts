/** The two VGG networks that perceptual losses are built on: https://arxiv.org/abs/1409.1556, columns D and E. */
export type LossNetworkKind = 'vgg19' | 'vgg16';

/** Convolutions of 3×3 in each block; a 2×2 pooling ends a block. */
const CONVOLUTIONS: Readonly<Record<LossNetworkKind, readonly number[]>> = {
  vgg19: [2, 2, 4, 4, 4],
  vgg16: [2, 2, 3, 3, 3],
};

export const LOSS_NETWORK_KINDS: readonly LossNetworkKind[] = ['vgg19', 'vgg16'];

export function isLossNetworkKind(value: unknown): value is LossNetworkKind {
  return LOSS_NETWORK_KINDS.some((kind) => kind === value);
}

/** The convolutions in the order of the network: conv1_1, conv1_2, conv2_1 … */
export function convolutionNames(kind: LossNetworkKind): readonly string[] {
  return CONVOLUTIONS[kind].flatMap((count, block) =>
    Array.from({ length: count }, (_, i) => `conv${block + 1}_${i + 1}`),
  );
}

/**
 * Where torchvision keeps each convolution: its index in the sequence `features`, in which every convolution is
 * followed by a ReLU and every block by a pooling.
 */
export function torchvisionIndices(kind: LossNetworkKind): ReadonlyMap<number, string> {
  const indices = new Map<number, string>();
  let index = 0;
  let block = '1';
  for (const name of convolutionNames(kind)) {
    const itsBlock = name.slice(4, 5);
    if (itsBlock !== block) index += 1;
    block = itsBlock;
    indices.set(index, name);
    index += 2;
  }
  return indices;
}
