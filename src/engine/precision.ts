import { cpus } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '../system/atomic-file.ts';
import { cacheFolder } from '../system/cache-folder.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { isRecord, jsonOrNothing } from '../system/json-text.ts';
import { readPlainText } from '../system/plain-file.ts';
import { type Bfloat16Units, bfloat16Units } from './bfloat16-units.ts';
import type { Precision } from './compile/compile.ts';
import { convolvesInBfloat16, measureConvolution } from './measure-convolution.ts';
import { nativeBackend } from './native-backend.ts';
import { device } from './versions.ts';

/** What a user may ask for; `auto` is bf16 where the machine is clearly faster in it. */
export type PrecisionChoice = Precision | 'auto';

/** From this ratio on, bf16 is worth its rounding. */
const WORTHWHILE = 1.3;

/**
 * The precision to compute in. `auto` measures once per device and TensorFlow and remembers in the cache folder; on a processor
 * without units for bf16 it is f32, unmeasured.
 *
 * @param units of the processor, where TensorFlow computes on it; tests give their own.
 * @throws {ConfigError} bf16 is asked for, and the processor or TensorFlow has nothing to compute it with.
 */
export async function choosePrecision(
  choice: PrecisionChoice,
  units: Bfloat16Units = bfloat16Units(),
): Promise<Precision> {
  if (choice === 'f32') return 'f32';
  const onGpu = device() === 'GPU';
  // Whatever was remembered: an emulated convolution may be as fast as this asks, while all around it is slower.
  if (!onGpu && !units.present) {
    if (choice === 'auto') return 'f32';
    throw cannot(`one whose processor has no units for it (${units.evidence})`);
  }
  if (choice === 'bf16') {
    if (!convolvesInBfloat16()) throw cannot('one that cannot');
    return 'bf16';
  }
  // An earlier probe was too small for a GPU, and what it has chosen is remembered under `GPU`.
  const processor = onGpu ? 'GPU, filled' : `${cpus()[0]?.model} · ${cpus().length}`;
  const machine = `${processor} · TensorFlow ${nativeBackend().binding.TF_Version}`;
  const file = join(cacheFolder(), 'precision.json');
  const remembered = await readRemembered(file);
  const known = remembered[machine];
  if (known !== undefined) return known;
  const { f32, bf16 } = measureConvolution();
  const precision = bf16 !== undefined && bf16 / f32 >= WORTHWHILE ? 'bf16' : 'f32';
  // A cache that cannot be written costs a measurement next time, nothing else.
  const content = `${JSON.stringify({ ...remembered, [machine]: precision }, null, 2)}\n`;
  await writeFileAtomically(file, content, { overwrite: true }).catch(() => undefined);
  return precision;
}

function cannot(received: string): ConfigError {
  const wanted = 'a machine that computes in bf16 for --precision bf16';
  return new ConfigError(expected(wanted, received, 'leave it at auto, or choose f32'));
}

async function readRemembered(file: string): Promise<Readonly<Record<string, Precision>>> {
  const known = jsonOrNothing(await readPlainText(file).catch(() => ''));
  const isPrecision = (value: unknown): value is Precision => value === 'f32' || value === 'bf16';
  const entries = Object.entries(isRecord(known) ? known : {});
  return Object.fromEntries(entries.filter((entry): entry is [string, Precision] => isPrecision(entry[1])));
}
