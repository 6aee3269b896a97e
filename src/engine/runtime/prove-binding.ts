import { RuntimeSetupError } from '../../system/errors.ts';
import { loadingFault } from './explain-loading.ts';
import { runProgram } from './run-program.ts';

export interface ProvenBinding {
  /** TensorFlow's own version, as the loaded library says it. */
  readonly tensorflow: string;
  /** Whether TensorFlow uses a GPU. */
  readonly gpu: boolean;
}

/** A 3 × 3 convolution of ones over ones, 5 × 5 × 1, 'VALID': nine everywhere. The program that a child process runs. */
const PROGRAM = `
const binding = require(process.argv[1]);
const tensor = (shape) => binding.createTensor(shape, 1, new Float32Array(shape.reduce((a, b) => a * b)).fill(1));
const attribute = (name, type, value) => ({ name, type: binding['TF_ATTR_' + type], value });
const [result] = binding.executeOp('Conv2D', [
  attribute('T', 'TYPE', 1),
  attribute('strides', 'INT', [1, 1, 1, 1]),
  attribute('padding', 'STRING', 'VALID'),
  attribute('data_format', 'STRING', 'NHWC'),
  attribute('use_cudnn_on_gpu', 'BOOL', true),
  attribute('dilations', 'INT', [1, 1, 1, 1]),
], [tensor([1, 5, 5, 1]), tensor([3, 3, 1, 1])], 1);
const values = [...binding.tensorDataSync(result.id)];
process.stdout.write(JSON.stringify({ tensorflow: binding.TF_Version, gpu: binding.isUsingGpuDevice(), values }));
`;

/**
 * Loads a binding in a process of its own and lets it compute: a library that does not fit this machine ends that
 * process, not this one.
 *
 * @throws {RuntimeSetupError} it does not load, crashes, or computes wrongly.
 */
export async function proveBinding(binding: string): Promise<ProvenBinding> {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', TF_FORCE_GPU_ALLOW_GROWTH: 'true' };
  const { code, stdout, stderr } = await runProgram(process.execPath, ['-e', PROGRAM, binding], { env });
  const line = stdout.trim().split('\n').at(-1) ?? '';
  if (code !== 0 || !line.startsWith('{')) {
    throw new RuntimeSetupError(
      `TensorFlow does not run on this machine: ${loadingFault(reasonOf(stderr), binding)}`,
      {
        cause: new Error(stderr),
      },
    );
  }
  const answer = JSON.parse(line) as ProvenBinding & { values: number[] };
  if (answer.values.length !== 9 || answer.values.some((value) => Math.abs(value - 9) > 1e-3)) {
    throw new RuntimeSetupError(
      `TensorFlow computes wrongly on this machine: expected nine 9s, got ${answer.values}.`,
    );
  }
  return { tensorflow: answer.tensorflow, gpu: answer.gpu };
}

function reasonOf(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const reason = lines.find((line) =>
    /^(Error|TypeError):|^F\d{4} |cannot open|not found|ended by/.test(line),
  );
  return reason ?? lines.findLast((line) => line !== '') ?? 'it ended without a word';
}
