import { DataType } from './data-type.ts';
import { nativeBackend, type OpAttribute, type OpResult, typeAttribute } from './native-backend.ts';
import './tensorflow.ts';
import { device } from './versions.ts';

/** How fast this machine computes a 3 × 3 convolution, the work style networks are made of. */
export interface ConvolutionSpeed {
  /** Billions of floating-point operations per second in 32-bit floats. */
  readonly f32: number;
  /** The same in bfloat16; undefined where TensorFlow cannot compute it on this machine, or was not asked to. */
  readonly bf16: number | undefined;
}

/** A convolution of `channels` to as many, of square images. */
export interface ConvolutionWork {
  readonly images: number;
  readonly side: number;
  readonly channels: number;
}

/** 4.8 billion operations: a tenth of a second or less on a processor. */
const ON_CPU: ConvolutionWork = { images: 1, side: 256, channels: 64 };
/** 618 billion: a millisecond or more, so that starting it does not count, with channels enough for every unit of a large GPU. */
const ON_GPU: ConvolutionWork = { images: 32, side: 128, channels: 256 };

const ROUNDS = 9;
/** A round lasts so long, ms, unless one run does already: a clock that is read once a run shows more than the convolution. */
const ROUND = 50;
const MOST_RUNS = 64;

/**
 * Measures the convolution in both precisions: the median of some rounds, warm and waited for. The op is run by name, since
 * tfjs has no bfloat16 of its own.
 *
 * @param alsoBf16 without it TensorFlow is not asked for bf16: where the processor has no units for it, it complains on standard
 *   error. @param work what is computed; defaults to what fills the device.
 */
export function measureConvolution(
  alsoBf16 = true,
  work: ConvolutionWork = device() === 'GPU' ? ON_GPU : ON_CPU,
): ConvolutionSpeed {
  return { f32: gigaflops(DataType.FLOAT, work), bf16: alsoBf16 ? inBfloat16(work) : undefined };
}

/** What has just run in f32 fails in bf16 only where the machine or its library has no such convolution. */
function inBfloat16(work: ConvolutionWork): number | undefined {
  try {
    return gigaflops(DataType.BFLOAT16, work);
  } catch {
    return undefined;
  }
}

/** Whether TensorFlow has a bf16 convolution for this machine: tries a small one. */
export function convolvesInBfloat16(): boolean {
  try {
    withConvolution(DataType.BFLOAT16, { images: 1, side: 16, channels: 16 }, (run) => run());
    return true;
  } catch {
    return false;
  }
}

function gigaflops(dtype: number, work: ConvolutionWork): number {
  const { images, side, channels } = work;
  const operations = 2 * 9 * channels * channels * side * side * images;
  const milliseconds: number[] = [];
  withConvolution(dtype, work, (run) => {
    const time = (runs: number): number => {
      const started = performance.now();
      for (let i = 0; i < runs; i++) run(i === runs - 1);
      return (performance.now() - started) / runs;
    };
    // The first runs choose an algorithm, and a device at rest is slow for a moment.
    time(1);
    const runs = Math.min(MOST_RUNS, Math.ceil(ROUND / time(1)));
    time(runs);
    for (let round = 0; round < ROUNDS; round++) milliseconds.push(time(runs));
  });
  return operations / median(milliseconds) / 1e6;
}

/** Lets `work` run a 3 × 3 convolution, with `wait` until it is through, and frees everything. */
function withConvolution(
  dtype: number,
  { images, side, channels }: ConvolutionWork,
  work: (run: (wait?: boolean) => void) => void,
): void {
  const { binding } = nativeBackend();
  const handles: number[] = [];
  const keep = (results: OpResult[]): number => {
    const id = results[0]?.id;
    if (id === undefined) throw new Error('TensorFlow answered no output.');
    handles.push(id);
    return id;
  };
  const tensor = (shape: number[]): number => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i) * 0.05);
    const id = binding.createTensor(shape, DataType.FLOAT, values);
    handles.push(id);
    const attributes = [
      typeAttribute('SrcT', DataType.FLOAT),
      typeAttribute('DstT', dtype),
      { name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false },
    ];
    return keep(binding.executeOp('Cast', attributes, [id], 1));
  };
  try {
    const image = tensor([images, side, side, channels]);
    const kernel = tensor([3, 3, channels, channels]);
    work((wait = true) => {
      const [output] = binding.executeOp('Conv2D', convolutionAttributes(dtype), [image, kernel], 1);
      if (output === undefined) throw new Error('TensorFlow answered no output.');
      // A GPU works on while the call returns: reading a value waits for it.
      if (wait) readOneValue(output.id, dtype);
      binding.deleteTensor(output.id);
    });
  } finally {
    for (const id of handles) binding.deleteTensor(id);
  }
}

function convolutionAttributes(dtype: number): OpAttribute[] {
  const { binding } = nativeBackend();
  return [
    typeAttribute('T', dtype),
    { name: 'strides', type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
    { name: 'padding', type: binding.TF_ATTR_STRING, value: 'SAME' },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    { name: 'use_cudnn_on_gpu', type: binding.TF_ATTR_BOOL, value: true },
    { name: 'dilations', type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
  ];
}

function readOneValue(id: number, dtype: number): void {
  const { binding } = nativeBackend();
  const begin = binding.createTensor([4], DataType.INT32, new Int32Array([0, 0, 0, 0]));
  const size = binding.createTensor([4], DataType.INT32, new Int32Array([1, 1, 1, 1]));
  const attributes = [typeAttribute('T', dtype), typeAttribute('Index', DataType.INT32)];
  const [corner] = binding.executeOp('Slice', attributes, [id, begin, size], 1);
  if (corner) {
    const cast = [typeAttribute('SrcT', dtype), typeAttribute('DstT', DataType.FLOAT)];
    const [value] = binding.executeOp('Cast', cast, [corner.id], 1);
    if (value) {
      binding.tensorDataSync(value.id);
      binding.deleteTensor(value.id);
    }
    binding.deleteTensor(corner.id);
  }
  binding.deleteTensor(begin);
  binding.deleteTensor(size);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
