/**
 * The Python wheels that hold TensorFlow's library, pinned by version and SHA-256. A wheel is a zip file; Python
 * itself is only asked to download it, so one Python version's wheel per platform is enough.
 */

/** The TensorFlow that fast-style is built and measured with. */
export const TENSORFLOW_VERSION = '2.21.0';

export type Variant = 'cpu' | 'gpu';

export interface PinnedWheel {
  /** Name on the Python package index. */
  readonly project: string;
  readonly version: string;
  /** Platform tag for `pip download --platform`. */
  readonly platform: string;
  /** Python tag and ABI tag for `pip download`, for instance cp311. */
  readonly python: string;
  readonly abi: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Bytes on disk of what is unpacked from it, roughly. */
  readonly unpackedBytes: number;
}

const CP311 = { version: TENSORFLOW_VERSION, python: 'cp311', abi: 'cp311' } as const;

const CPU_WHEELS: Readonly<Record<string, PinnedWheel>> = {
  'linux-x64': {
    ...CP311,
    project: 'tensorflow-cpu',
    platform: 'manylinux_2_27_x86_64',
    bytes: 273_829_956,
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    unpackedBytes: 855_000_000,
  },
  'linux-arm64': {
    ...CP311,
    project: 'tensorflow',
    platform: 'manylinux_2_27_aarch64',
    bytes: 281_828_020,
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    unpackedBytes: 885_000_000,
  },
  'darwin-arm64': {
    ...CP311,
    project: 'tensorflow',
    platform: 'macosx_12_0_arm64',
    bytes: 223_405_849,
    sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
    unpackedBytes: 743_000_000,
  },
};

/** The rows of `nvidia(...)`: project without its affixes, version, platform, megabytes unpacked, bytes, SHA-256. */
function nvidia(
  name: string,
  version: string,
  platform: string,
  unpackedMegabytes: number,
  bytes: number,
  sha256: string,
): PinnedWheel {
  const unpackedBytes = unpackedMegabytes * 1_000_000;
  return {
    project: `nvidia-${name}-cu12`,
    version,
    platform,
    python: 'py3',
    abi: 'none',
    bytes,
    sha256,
    unpackedBytes,
  };
}

/** TensorFlow with CUDA 12 and what its extra `and-cuda` names, in the versions pip resolved when this was pinned. */
const GPU_WHEELS: Readonly<Record<string, readonly PinnedWheel[]>> = {
  'linux-x64': [
    {
      ...CP311,
      project: 'tensorflow',
      platform: 'manylinux_2_27_x86_64',
      bytes: 572_440_367,
      sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
      unpackedBytes: 1_260_000_000,
    },
    nvidia(
      'cublas',
      '12.9.3.13',
      'manylinux_2_27_x86_64',
      856,
      581_217_458,
      'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
    ),
    nvidia(
      'cuda-cupti',
      '12.8.90',
      'manylinux2014_x86_64',
      42,
      10_248_621,
      'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
    ),
    nvidia(
      'cuda-nvcc',
      '12.9.86',
      'manylinux2010_x86_64',
      99,
      40_546_229,
      '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
    ),
    nvidia(
      'cuda-nvrtc',
      '12.9.86',
      'manylinux2010_x86_64',
      228,
      89_568_129,
      '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
    ),
    nvidia(
      'cuda-runtime',
      '12.9.79',
      'manylinux2014_x86_64',
      1,
      3_493_179,
      '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
    ),
    nvidia(
      'cudnn',
      '9.28.0.42',
      'manylinux_2_27_x86_64',
      1163,
      716_538_495,
      '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
    ),
    nvidia(
      'cufft',
      '11.4.1.4',
      'manylinux2014_x86_64',
      294,
      200_877_592,
      'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
    ),
    nvidia(
      'curand',
      '10.3.10.19',
      'manylinux_2_27_x86_64',
      167,
      68_295_626,
      '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
    ),
    nvidia(
      'cusolver',
      '11.7.5.82',
      'manylinux_2_27_x86_64',
      495,
      338_117_415,
      '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
    ),
    nvidia(
      'cusparse',
      '12.5.10.65',
      'manylinux2014_x86_64',
      487,
      366_465_088,
      '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
    ),
    nvidia(
      'nccl',
      '2.32.3',
      'manylinux_2_27_x86_64',
      474,
      351_526_311,
      'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
    ),
    nvidia(
      'nvjitlink',
      '12.9.86',
      'manylinux2010_x86_64',
      96,
      39_748_338,
      'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
    ),
  ],
};

/** The name that the tables use for a platform, for instance linux-x64. */
export function platformName(platform: string = process.platform, arch: string = process.arch): string {
  return `${platform}-${arch}`;
}

/** The wheels to fetch for a platform, or undefined where TensorFlow publishes none that holds its C library. */
export function planWheels(
  variant: Variant,
  platform: string = platformName(),
): readonly PinnedWheel[] | undefined {
  if (variant === 'gpu') return GPU_WHEELS[platform];
  const wheel = CPU_WHEELS[platform];
  return wheel === undefined ? undefined : [wheel];
}
