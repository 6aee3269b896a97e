/** Paints with an exported file in its own runtime, ONNX Runtime, and compares that with what we paint. */
import { paintedShare, withAmount } from '../infer/finish/look.ts';
import { StyleNetwork } from '../infer/style-network.ts';
import { type Checkpoint, styleOf } from '../networks/checkpoint.ts';
import type { Picture, Samples } from '../picture.ts';
import { expected, FastStyleError } from '../system/errors.ts';
import type { ExportedCheckpoint } from './export-style.ts';
import { arranged } from './layout.ts';
import { AMOUNT, IMAGE, type OnnxStyleOptions, PAINTED, STYLE_WEIGHTS } from './onnx/style-model.ts';

/** What of ONNX Runtime's interface is used; onnxruntime-node and onnxruntime-web share it. */
interface Runtime {
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: { readonly logSeverityLevel: number }): Promise<Session>;
  };
}

interface Session {
  run(feeds: Record<string, unknown>): Promise<Record<string, { readonly data: Float32Array }>>;
  release(): Promise<void>;
}

/** The packages that bring it, the faster one first. Neither is a dependency: together they take 300 MB. */
const PACKAGES = ['onnxruntime-node', 'onnxruntime-web'];
/** Levels of ONNX Runtime's log. */
const ERRORS_ONLY = 3;

/** ONNX Runtime is not installed. */
export class NoOnnxRuntimeError extends FastStyleError {}

/** Differences of painted samples, in grey levels of 255. */
export interface Difference {
  /** Which of the model's styles, where it has several. */
  readonly style?: string;
  readonly picture: string;
  readonly largest: number;
  readonly mean: number;
}

/** @throws {NoOnnxRuntimeError} none of its packages is installed. */
async function loadRuntime(): Promise<Runtime> {
  for (const name of PACKAGES) {
    try {
      const { default: usual, ...named } = (await import(name)) as Runtime & { default?: Runtime };
      return usual ?? named;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    }
  }
  throw new NoOnnxRuntimeError(
    expected('ONNX Runtime, to check the file with', 'none', 'install it: npm install onnxruntime-web'),
  );
}

/** A picture with the name that messages give it. */
export interface NamedPicture extends Picture {
  readonly name: string;
}

/**
 * Paints pictures with an exported file in ONNX Runtime and with our own network in f32, and compares the samples, rounded to 8 bit:
 * each style of a file of several by itself.
 *
 * @param bytes of the file. @param amount for the file's input of that name, if it has one.
 * @returns the differences, picture by picture. @throws {NoOnnxRuntimeError}
 */
export async function checkOnnx(
  bytes: Uint8Array,
  checkpoint: ExportedCheckpoint,
  { layout, hasAmount }: Pick<OnnxStyleOptions, 'layout' | 'hasAmount'>,
  pictures: readonly NamedPicture[],
  amount = 1,
): Promise<readonly Difference[]> {
  const runtime = await loadRuntime();
  const session = await runtime.InferenceSession.create(bytes, { logSeverityLevel: ERRORS_ONLY });
  const found: Difference[] = [];
  try {
    for (const [i, one] of singleStyles(checkpoint).entries()) {
      const network = new StyleNetwork(hasAmount ? withAmount(one, amount) : one);
      try {
        for (const { name, ...picture } of pictures) {
          const { width, height } = picture;
          const shape = layout === 'nhwc' ? [1, height, width, 3] : [1, 3, height, width];
          const feeds: Record<string, unknown> = {
            [IMAGE]: new runtime.Tensor(
              'float32',
              arranged(Float32Array.from(picture.pixels), layout, 'in'),
              shape,
            ),
          };
          if (checkpoint.styles !== undefined) {
            const choice = new Float32Array(checkpoint.styles.length);
            choice[i] = 1;
            feeds[STYLE_WEIGHTS] = new runtime.Tensor('float32', choice, [choice.length]);
          }
          if (hasAmount) feeds[AMOUNT] = new runtime.Tensor('float32', Float32Array.of(amount), [1]);
          const { data } = (await session.run(feeds))[PAINTED]!;
          const share = hasAmount ? paintedShare(amount) : 1;
          found.push({
            ...(checkpoint.styles === undefined ? {} : { style: one.name }),
            picture: name,
            ...difference(arranged(data, layout, 'out'), network.stylize(picture, 16), picture, share),
          });
        }
      } finally {
        network.dispose();
      }
    }
  } finally {
    await session.release();
  }
  return found;
}

/** Each style by itself. */
function singleStyles(checkpoint: ExportedCheckpoint): readonly Checkpoint[] {
  if (checkpoint.styles === undefined) return [checkpoint];
  return checkpoint.styles.map(({ name }) => styleOf(checkpoint, name, checkpoint.name));
}

/** @param ours in 16 bit: it is rounded once, after it is mixed with the photo. */
function difference(
  theirs: Float32Array,
  ours: Picture<Samples>,
  photo: Picture,
  share: number,
): Pick<Difference, 'largest' | 'mean'> {
  let [largest, sum] = [0, 0];
  for (let i = 0; i < theirs.length; i++) {
    const painted = ours.pixels[i]! / 257;
    const own = Math.round(photo.pixels[i]! + share * (painted - photo.pixels[i]!));
    const apart = Math.abs(Math.min(255, Math.max(0, Math.round(theirs[i]!))) - own);
    largest = Math.max(largest, apart);
    sum += apart;
  }
  return { largest, mean: sum / theirs.length };
}
