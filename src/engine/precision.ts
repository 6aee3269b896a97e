import { mkdir, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { cacheFolder } from '../cache-folder.ts';
import { compile, type Precision } from './compile/compile.ts';
import { nativeBackend } from './native-backend.ts';
import * as tf from './tensorflow.ts';

/** What a user may ask for; `auto` is bf16 where the machine is clearly faster in it. */
export type PrecisionChoice = Precision | 'auto';

/** From this ratio on, bf16 is worth its rounding. */
const WORTHWHILE = 1.3;

/** Milliseconds of a 3×3 convolution of 64 channels at 128×128, the work that transform nets are made of: the best of several. */
export function convolutionMilliseconds(precision: Precision): number {
  const size: [number, number, number, number] = [1, 128, 128, 64];
  const kernel = tf.randomNormal([3, 3, 64, 64], 0, 0.05, 'float32', 1) as tf.Tensor4D;
  const image = tf.randomNormal(size, 0, 1, 'float32', 2);
  const convolution = compile(
    ([x]) => ({ outputs: [tf.conv2d(tf.conv2d(x as tf.Tensor4D, kernel, 1, 'same'), kernel, 1, 'same')] }),
    {
      inputs: [size],
      constants: [kernel],
      precision,
    },
  );
  try {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 8; i++) {
      const started = performance.now();
      const outputs = convolution.run(image);
      best = Math.min(best, performance.now() - started);
      tf.dispose(outputs);
    }
    return best;
  } finally {
    convolution.dispose();
    tf.dispose([kernel, image]);
  }
}

/**
 * The precision to compute in. `auto` measures once per machine and TensorFlow and remembers in the cache folder.
 */
export async function choosePrecision(choice: PrecisionChoice): Promise<Precision> {
  if (choice !== 'auto') return choice;
  const machine = `${cpus()[0]?.model} · ${cpus().length} · TensorFlow ${nativeBackend().binding.TF_Version}`;
  const file = join(cacheFolder(), 'precision.json');
  const remembered = await readRemembered(file);
  const known = remembered[machine];
  if (known !== undefined) return known;
  const precision =
    convolutionMilliseconds('f32') / convolutionMilliseconds('bf16') >= WORTHWHILE ? 'bf16' : 'f32';
  // A cache that cannot be written costs a measurement next time, nothing else.
  await mkdir(dirname(file), { recursive: true })
    .then(() =>
      writeFileAtomically(file, `${JSON.stringify({ ...remembered, [machine]: precision }, null, 2)}\n`, {
        overwrite: true,
      }),
    )
    .catch(() => undefined);
  return precision;
}

async function readRemembered(file: string): Promise<Readonly<Record<string, Precision>>> {
  try {
    const known: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Object.fromEntries(
      Object.entries(known ?? {}).filter(([, precision]) => precision === 'f32' || precision === 'bf16'),
    );
  } catch {
    return {};
  }
}
