import { createHash } from 'node:crypto';
import { random } from '../data/random.ts';
import { parseArchitecture } from '../networks/architecture.ts';
import { parseCheckpoint } from '../networks/checkpoint.ts';
import type { NamedArray } from '../networks/safetensors.ts';
import { isAsWide, widenedParameters } from '../networks/widened-parameters.ts';
import { asFileError } from '../system/atomic-file.ts';
import { CheckpointError, ConfigError, expected } from '../system/errors.ts';
import { ownCommand } from '../system/own-command.ts';
import { readPlainFile } from '../system/plain-file.ts';
import type { Leg, Origin } from './step/legs.ts';

/** Tells the numbers of widening from others of the same seed. */
const WIDENING = 5;

/** A trained style whose weights a run takes instead of drawn ones. Adam's moments start at zero all the same. */
export interface WarmStart {
  readonly origin: Origin;
  readonly architecture: string;
  /** In the order of `transformNetParameters`. */
  readonly parameters: readonly NamedArray[];
}

/** @throws {FileError} the file cannot be read. {CheckpointError} it is no trained style. */
export async function readWarmStart(path: string): Promise<WarmStart> {
  const bytes = await readPlainFile(path).catch((error: unknown) => {
    throw asFileError(error, `read the checkpoint ${path}`);
  });
  const { name, steps, images, architecture, parameters, styles, training } = parseCheckpoint(
    bytes,
    path,
    ownCommand('train'),
  );
  if (styles !== undefined)
    throw new CheckpointError(
      expected(
        'a file of one style to start from its weights',
        `${path} with ${styles.length}`,
        'a style is added to those with --add-to',
      ),
    );
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const history = Array.isArray(training.legs) ? { legs: training.legs as readonly unknown[] } : {};
  return { origin: { name, sha256, steps, images, ...history }, architecture, parameters };
}

/** Whether weights fit an architecture: the layers that they were trained in, or wider ones. */
export function fitsWarmStart({ architecture }: WarmStart, wanted: string): boolean {
  return isAsWide(parseArchitecture(wanted), parseArchitecture(architecture));
}

/** @throws {ConfigError} the run's architecture is another one. */
export function checkWarmStart(warmStart: WarmStart, wanted: string): void {
  if (fitsWarmStart(warmStart, wanted)) return;
  const { architecture, origin } = warmStart;
  throw new ConfigError(
    expected(
      `the architecture of ${origin.name} (${architecture}), or the same with more channels, to start from its weights`,
      wanted,
      'omit --architecture, or start from a style that has it',
    ),
  );
}

/**
 * The weights that a run starts with: the style's own, or those of a wider network that paints the same (`widenedParameters`).
 *
 * @param seed of the run, which makes copies of channels differ. @throws {ConfigError} as `checkWarmStart`.
 */
export function weightsToStart(
  warmStart: WarmStart,
  architecture: string,
  seed: number,
): readonly NamedArray[] {
  checkWarmStart(warmStart, architecture);
  const layers = parseArchitecture(architecture);
  const { parameters } = warmStart;
  if (isAsWide(parseArchitecture(warmStart.architecture), layers)) return parameters;
  return widenedParameters(parameters, layers, random(seed, WIDENING));
}

/**
 * A resumed run has its own weights already: naming again what it started from is fine, so that the same command
 * with `--resume` works.
 *
 * @throws {CheckpointError} it started from another style, or from drawn weights.
 */
export function checkSameOrigin({ origin }: WarmStart, legs: readonly Leg[]): void {
  const own = legs[0]?.from;
  if (own?.sha256 === origin.sha256) return;
  const began = own === undefined ? 'drawn weights' : `the file of ${own.name} with SHA-256 ${own.sha256}`;
  throw new CheckpointError(
    expected(
      `what the run was started from (${began}) with --resume`,
      `--from ${origin.name} (${origin.sha256})`,
      'a resumed run has its own weights: omit --from',
    ),
  );
}
