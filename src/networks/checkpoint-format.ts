import { CheckpointError, ConfigError, expected } from '../system/errors.ts';
import { isRecord, isTexts, jsonOrNothing } from '../system/json-text.ts';
import { printable } from '../system/printable.ts';
import { type Layer, parseArchitecture } from './architecture.ts';
import { parametersOfStyle } from './conditional-parameters.ts';
import { WIDEST_MARGIN } from './margin.ts';
import { formatSafetensors, type NamedArray, parseSafetensors } from './safetensors.ts';
import { transformNetParameters } from './transform-net-parameters.ts';

const FORMAT = 'fast-style checkpoint';
const VERSION = '1';
/** A file of several styles, which readers of version 1 must not take for one of one. */
const STYLES_VERSION = '2';

/** What a checkpoint says of itself besides its weights. */
export interface CheckpointDescription {
  /** Layers of the image transform net (`parseArchitecture`). */
  readonly architecture: string;
  /** The style's name, as `stylize --style` takes it. */
  readonly name: string;
  /** The painting: file name, and title, author and licence when given. */
  readonly style: Readonly<Record<string, string>>;
  /** A small JPEG of the painting, base64. */
  readonly thumbnail?: string;
  /** Pixels by which a photo is mirrored beyond its borders before it is painted, and cut after. Defaults to none. */
  readonly margin?: number;
  /** Several styles in one network: each by itself; scales and offsets are then [S, C]. */
  readonly styles?: readonly StyleEntry[] | undefined;
  /** Configuration of the training run. */
  readonly training: Readonly<Record<string, unknown>>;
  /** The loss network: where from, SHA-256 of its file, identity of its numbers (`loss-network-identity.ts`). */
  readonly lossNetwork: Readonly<Record<string, string>>;
  readonly steps: number;
  /** Photos seen, counted with repetition. */
  readonly images: number;
  /** Unweighted loss terms, means over the last steps. */
  readonly losses: Readonly<Record<string, number>>;
  /** Versions of the programs that made it. */
  readonly software: Readonly<Record<string, string>>;
}

/** A trained style: one self-describing safetensors file. */
export interface Checkpoint extends CheckpointDescription {
  readonly styles?: undefined;
  readonly layers: readonly Layer[];
  /** The transform net's tensors, in the order of `transformNetParameters`. */
  readonly parameters: readonly NamedArray[];
}

/** How pixels go in and come out; written into the file so that no reader has to guess. */
const PIXELS = 'RGB, 0 to 255, sRGB, NHWC, in and out';

/** A checkpoint in half precision, as bytes. */
export function formatCheckpoint(
  description: CheckpointDescription,
  parameters: readonly NamedArray[],
): Uint8Array {
  const { architecture, name, thumbnail, margin, styles, steps, images } = description;
  const metadata: Record<string, string> = {
    format: FORMAT,
    version: styles === undefined ? VERSION : STYLES_VERSION,
    pixels: PIXELS,
    architecture,
    name,
    steps: String(steps),
    images: String(images),
    ...(thumbnail === undefined ? {} : { thumbnail }),
    ...(margin === undefined ? {} : { margin: String(margin) }),
    ...(styles === undefined ? {} : { styles: JSON.stringify(styles) }),
  };
  for (const key of ['style', 'training', 'lossNetwork', 'losses', 'software'] as const)
    metadata[key] = JSON.stringify(description[key]);
  return formatSafetensors(parameters, metadata, 'F16');
}

/**
 * Reads a checkpoint of one style or of several from bytes and checks that it is one, whole and finite.
 *
 * @param path used in messages. @param train the command that makes one, as the user calls it.
 * @throws {CheckpointError} the bytes are of another kind or version, or the tensors do not fit their architecture.
 */
export function parseCheckpoint(
  bytes: Uint8Array,
  path: string,
  train = 'fast-style train',
): Checkpoint | StylesCheckpoint {
  const { tensors, metadata } = parseSafetensors(bytes, path, CheckpointError);
  if (metadata.format !== FORMAT) {
    throw new CheckpointError(
      expected(
        `a style trained by fast-style in ${path}`,
        'a safetensors file of another kind',
        `train one with: ${train}`,
      ),
    );
  }
  if (metadata.version !== VERSION && metadata.version !== STYLES_VERSION) {
    throw new CheckpointError(
      expected(
        `version ${VERSION} or ${STYLES_VERSION} of the checkpoint format in ${path}`,
        `version ${metadata.version}`,
        'use a newer fast-style',
      ),
    );
  }
  const architecture = metadata.architecture ?? '';
  const layers = readArchitecture(architecture, path);
  const styles = metadata.version === STYLES_VERSION ? parseStyles(metadata.styles ?? '', path) : undefined;
  const specs = transformNetParameters(layers, styles?.length);
  if (tensors.size !== specs.length) {
    throw new CheckpointError(
      expected(`${specs.length} tensors for the architecture ${architecture} in ${path}`, `${tensors.size}`),
    );
  }
  const parameters = specs.map(({ name, shape }) => {
    const tensor = tensors.get(name);
    if (tensor === undefined)
      throw new CheckpointError(expected(`the tensor ${name} in ${path}`, 'none of that name'));
    if (String(tensor.shape) !== String(shape)) {
      throw new CheckpointError(expected(`${name} of shape [${shape}] in ${path}`, `[${tensor.shape}]`));
    }
    if (!tensor.values.every(Number.isFinite))
      throw new CheckpointError(
        expected(
          `finite numbers in ${name} of ${path}`,
          'NaN or infinity',
          'its training went wrong: train it again',
        ),
      );
    return tensor;
  });
  const count = (key: string): number => {
    const number = Number(metadata[key] ?? 0);
    if (Number.isSafeInteger(number) && number >= 0) return number;
    throw new CheckpointError(
      expected(`a count as ${key} in the metadata of ${path}`, printable(metadata[key])),
    );
  };
  const part = <T>(key: string, fits: (value: unknown) => value is T, what = '') =>
    parsePart(metadata[key] ?? '{}', `JSON${what} as ${key} in the metadata of ${path}`, fits);
  const checkpoint: Checkpoint = {
    architecture,
    layers,
    parameters,
    name: metadata.name ?? '',
    style: part('style', isTexts, ' of names and texts'),
    training: part('training', isRecord),
    lossNetwork: part('lossNetwork', isTexts, ' of names and texts'),
    losses: part('losses', isNumbers, ' of names and numbers'),
    software: part('software', isTexts, ' of names and texts'),
    steps: count('steps'),
    images: count('images'),
    ...(metadata.thumbnail === undefined ? {} : { thumbnail: metadata.thumbnail }),
    ...(metadata.margin === undefined ? {} : { margin: marginOf(count('margin'), path) }),
  };
  return styles === undefined ? checkpoint : { ...checkpoint, styles };
}

function marginOf(margin: number, path: string): number {
  if (margin <= WIDEST_MARGIN) return margin;
  throw new CheckpointError(expected(`a margin of at most ${WIDEST_MARGIN} px in ${path}`, margin));
}

function readArchitecture(architecture: string, path: string): readonly Layer[] {
  try {
    return parseArchitecture(architecture);
  } catch (error) {
    if (error instanceof ConfigError)
      throw new CheckpointError(`${path} cannot be used: ${error.message}`, { cause: error });
    throw error;
  }
}

function parsePart<T>(text: string, what: string, fits: (value: unknown) => value is T): T {
  const value = jsonOrNothing(text);
  if (fits(value)) return value;
  throw new CheckpointError(expected(what, printable(text.slice(0, 40))));
}

/** Of a run that went astray a loss may be NaN, which JSON writes as null. */
function isNumbers(value: unknown): value is Readonly<Record<string, number>> {
  return isRecord(value) && Object.values(value).every((each) => each === null || typeof each === 'number');
}

/** What a file of several styles says of one of them. */
export interface StyleEntry {
  /** The style's name, as in `stylize --style <file>:<name>`. */
  readonly name: string;
  /** The painting, and its small picture (`CheckpointDescription`). */
  readonly style: Readonly<Record<string, string>>;
  readonly thumbnail?: string;
  /** Settings of training in which it differs from the whole: its style weight, all of them for one that was added. */
  readonly training: Readonly<Record<string, unknown>>;
}

/** Several styles in one network (`conditional-parameters.ts`), in one file. */
export interface StylesCheckpoint extends Omit<CheckpointDescription, 'styles'> {
  readonly styles: readonly StyleEntry[];
  readonly layers: Checkpoint['layers'];
  /** Scales and offsets [S, C], in the order of `styles`; the rest shared. */
  readonly parameters: Checkpoint['parameters'];
}

/**
 * One style of a file in the form of a file that holds only it: whatever paints knows no other.
 *
 * @throws {CheckpointError} the file holds none of that name.
 */
export function styleOf(checkpoint: StylesCheckpoint, name: string, path: string): Checkpoint {
  const index = styleIndex(checkpoint, name, path);
  const entry = checkpoint.styles[index]!;
  return { ...asOne(checkpoint, entry), parameters: parametersOfStyle(checkpoint.parameters, index) };
}

/** The number of a style in a file. @throws {CheckpointError} the file holds none of that name. */
export function styleIndex({ styles }: StylesCheckpoint, name: string, path: string): number {
  const index = styles.findIndex((entry) => entry.name === name);
  if (index < 0)
    throw new CheckpointError(
      expected(
        `one of the styles in ${path}`,
        name,
        `it holds ${styles.map((entry) => entry.name).join(', ')}`,
      ),
    );
  return index;
}

/** What a file says of one of its styles, without the parameters. */
export function asOne(
  { styles: _, parameters: __, thumbnail: ___, ...shared }: StylesCheckpoint,
  { name, style, thumbnail, training }: StyleEntry,
): Omit<Checkpoint, 'parameters'> {
  const own = { name, style, training: { ...shared.training, ...training } };
  return { ...shared, ...own, ...(thumbnail === undefined ? {} : { thumbnail }) };
}

/** @throws {CheckpointError} the text does not describe styles. */
function parseStyles(text: string, path: string): readonly StyleEntry[] {
  const fail = (): never => {
    throw new CheckpointError(
      expected(`names and paintings of styles in the metadata of ${path}`, text.slice(0, 40)),
    );
  };
  const entries = jsonOrNothing(text);
  const isEntry = (value: unknown): value is StyleEntry => {
    if (!isRecord(value)) return false;
    const { name, style, thumbnail, training } = value;
    const isPictured = thumbnail === undefined || typeof thumbnail === 'string';
    return typeof name === 'string' && name !== '' && isTexts(style) && isRecord(training) && isPictured;
  };
  if (!Array.isArray(entries) || entries.length === 0 || !entries.every(isEntry)) return fail();
  return new Set(entries.map(({ name }) => name)).size === entries.length ? entries : fail();
}
