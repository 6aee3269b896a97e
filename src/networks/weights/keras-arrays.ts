/** Reads convolutions from Keras' HDF5 files; the one importer of h5wasm, HDF5's own library compiled to WebAssembly. */
import { randomUUID } from 'node:crypto';
import { Dataset, File, FS, Group, ready } from 'h5wasm';
import { WeightsError } from '../../system/errors.ts';
import { printable } from '../../system/printable.ts';
import type { NamedArray } from '../safetensors.ts';
import { convolutionNames } from './vgg-layout.ts';

/**
 * Numbers that all arrays together may have for each byte of the file, and in any case: compressed weights are hardly smaller than
 * themselves, but a file of nothing may claim any number of noughts. VGG19's convolutions have 20 million.
 */
const [MOST_PER_BYTE, MOST_ANYWAY, MOST_NUMBERS] = [8, 2 ** 16, 2 ** 27];

/**
 * Reads the arrays of the layers, as `<layer>/kernel` and `<layer>/bias`, from any of Keras' layouts:
 * - weights of Keras 1 and 2, as it publishes them: a group per layer, whose arrays are called by turns
 *   `block1_conv1_W_1:0`, `block1_conv1/kernel:0`, `block1_conv1/kernel`;
 * - whole models of Keras 2: the same below `model_weights`;
 * - `.weights.h5` of Keras 3: `layers/conv2d/vars/0` and `1`, with the layer's name as an attribute.
 *
 * @param bytes the whole file. @param file how messages call it. @param wanted tells by the layer's name whether it is worth reading.
 * @throws {WeightsError} the file is cut, no HDF5 file, holds arrays that are not floating point, or claims more numbers than it can have.
 */
export async function readKerasArrays(
  bytes: Uint8Array,
  file: string,
  wanted: (layer: string) => boolean,
): Promise<readonly NamedArray[]> {
  await hdf5Library();
  // A file system in memory, with nothing in it but this file: links in the file to others lead nowhere. A name of
  // its own, because HDF5 does not let go of a file after an error and would take the next one for it.
  const path = `/${randomUUID()}.h5`;
  FS!.writeFile(path, bytes);
  let open: File | undefined;
  try {
    open = new File(path, 'r');
    const root = child(open, 'model_weights') ?? open;
    const layers = child(root, 'layers');
    const groups = layers === undefined ? ownLayers(root) : keras3Layers(layers);
    let left = Math.min(MOST_NUMBERS, Math.max(MOST_ANYWAY, MOST_PER_BYTE * bytes.length));
    const claim = (numbers: number, name: string) => {
      left -= numbers;
      if (left < 0)
        throw new WeightsError(
          `${file}: with the array ${printable(name)} it claims more numbers than it can hold.`,
        );
    };
    return groups
      .filter(([layer]) => wanted(layer))
      .flatMap(([layer, group]) => arrays(layer, group, file, claim));
  } catch (error) {
    if (error instanceof WeightsError) throw error;
    throw new WeightsError(`${file} is a damaged HDF5 file: ${reason(error)}.`, { cause: error });
  } finally {
    open?.close();
    FS!.unlink(path);
  }
}

/** Loads HDF5. */
export async function hdf5Library(): Promise<void> {
  // Otherwise HDF5 prints its errors on standard error and goes on with a file that is not HDF5.
  (await ready).activate_throwing_error_handler();
}

type Layer = readonly [name: string, group: Group];

function ownLayers(root: Group): readonly Layer[] {
  return root.keys().flatMap((name) => {
    const group = child(root, name);
    return group === undefined ? [] : [[name, group] as const];
  });
}

function keras3Layers(layers: Group): readonly Layer[] {
  const numbered = ownLayers(layers)
    .map(([name, group]) => ({
      number: Number(/_(\d+)$/.exec(name)?.[1] ?? 0),
      name,
      vars: child(group, 'vars'),
    }))
    .filter(({ name, vars }) => /^conv2d(_\d+)?$/.test(name) && (vars?.keys().length ?? 0) > 0)
    .sort((a, b) => a.number - b.number);
  // The first versions of Keras 3 do not write the layers' names, but number them in the order of the network.
  const kind = { 16: 'vgg19', 13: 'vgg16' } as const;
  const order =
    numbered.length === 16 || numbered.length === 13 ? convolutionNames(kind[numbered.length]) : [];
  return numbered.map(({ name, vars }, i) => {
    const stated: unknown = vars!.attrs.name?.value;
    const ordered = order[i]?.replace(/^conv(\d)_(\d)$/, 'block$1_conv$2');
    return [typeof stated === 'string' ? stated : (ordered ?? name), vars!];
  });
}

type Claim = (numbers: number, name: string) => void;

function arrays(layer: string, group: Group, file: string, claim: Claim): NamedArray[] {
  const found: NamedArray[] = [];
  for (const name of group.paths()) {
    const dataset = group.get(name);
    if (!(dataset instanceof Dataset)) continue;
    const shape = dataset.shape ?? [];
    // A layer has one kernel and one bias: their ranks tell them apart whatever they are called.
    const part = shape.length === 4 ? 'kernel' : shape.length === 1 ? 'bias' : name;
    found.push({ name: `${layer}/${part}`, shape, values: floats(dataset, `${layer}/${part}`, file, claim) });
  }
  return found;
}

function floats(dataset: Dataset, name: string, file: string, claim: Claim): Float32Array {
  claim(
    (dataset.shape ?? []).reduce((product, n) => product * n, 1),
    name,
  );
  const { value } = dataset;
  if (value instanceof Float32Array) return value;
  if (value instanceof Float64Array) return new Float32Array(value);
  throw new WeightsError(
    `${file}: the array ${printable(name)} holds ${String(dataset.dtype)}, not floating-point numbers.`,
  );
}

function child(group: Group, name: string): Group | undefined {
  if (!group.keys().includes(name)) return undefined;
  const entity = group.get(name);
  return entity instanceof Group ? entity : undefined;
}

/** HDF5 reports an error as the stack of its calls; the innermost says what is wrong, after its place in the source. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const calls = message.split('\n').filter((line) => /^\s*#\d+: /.test(line));
  return (calls.at(-1)?.replace(/^.*?\(\): /, '') ?? message.split('\n')[0]!).replace(/\.$/, '');
}
