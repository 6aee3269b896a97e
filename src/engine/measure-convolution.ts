import { DataType } from './data-type.ts';
import { nativeBackend, type OpAttribute, type OpResult, typeAttribute } from './native-backend.ts';
import './tensorflow.ts';

/** How fast this machine computes a 3 × 3 convolution of 64 channels to 64 at 256 × 256, the work style networks are made of. */
export interface ConvolutionSpeed {
  /** Milliards of floating-point operations per second in 32-bit floats. */
  readonly f32: number;
  /** The same in bfloat16; undefined where TensorFlow cannot compute it on this machine, or was not asked to. */
  readonly bf16: number | undefined;
}

const SIZE = 256;
const CHANNELS = 64;
/** Multiplications and additions of one run: 2 · 3 · 3 · 64 · 64 · 256 · 256. */
const OPERATIONS = 2 * 9 * CHANNELS * CHANNELS * SIZE * SIZE;
const ROUNDS = 9;
const RUNS_PER_ROUND = 3;

/**
 * Measures the convolution in both precisions: the median of some rounds, warm. The op is run by name, since tfjs has
 * no bfloat16 of its own.
 *
 * @param alsoBf16 without it TensorFlow is not asked for bf16: where the processor has no units for it, it complains on standard
 *   error.
 */
export function measureConvolution(alsoBf16 = true): ConvolutionSpeed {
  return { f32: gigaflops(DataType.FLOAT), bf16: alsoBf16 ? inBfloat16() : undefined };
}

/** What has just run in f32 fails in bf16 only where the machine or its library has no such convolution. */
function inBfloat16(): number | undefined {
  try {
    return gigaflops(DataType.BFLOAT16);
  } catch {
    return undefined;
  }
}

/** Whether TensorFlow has a bf16 convolution for this machine: tries a small one. */
export function convolvesInBfloat16(): boolean {
  try {
    withConvolution(DataType.BFLOAT16, 16, 16, (run) => run());
    return true;
  } catch {
    return false;
  }
}

function gigaflops(dtype: number): number {
  const seconds: number[] = [];
  withConvolution(dtype, SIZE, CHANNELS, (run) => {
    for (let round = 0; round <= ROUNDS; round++) {
      const started = performance.now();
      for (let i = 0; i < RUNS_PER_ROUND; i++) run(i === RUNS_PER_ROUND - 1);
      if (round > 0) seconds.push((performance.now() - started) / 1000 / RUNS_PER_ROUND);
    }
  });
  return OPERATIONS / median(seconds) / 1e9;
}

/** Lets `work` run a 3 × 3 convolution, with `wait` until it is through, and frees everything. */
function withConvolution(
  dtype: number,
  size: number,
  channels: number,
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
    const image = tensor([1, size, size, channels]);
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
