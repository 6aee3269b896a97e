/** The options that there are, by name: a misspelt one would otherwise be as if it were not given. Loads nothing heavy. */
import { ConfigError, expected } from '../system/errors.ts';
import { nearestName } from '../system/nearest-name.ts';
import type { EncodeOptions, LoadOptions, RgbaOptions, StylizeOptions } from './options.ts';

// Objects, not lists: an option without an entry does not compile.
const LOAD = { precision: true, memory: true, thread: true } satisfies Record<keyof LoadOptions, true>;
const LOOK = {
  ...{ stroke: true, amount: true, colors: true, mask: true, invertMask: true },
  ...{ maxPixels: true, damaged: true, signal: true, rgba: true },
} satisfies Record<keyof RgbaOptions, true>;
const FILE = {
  ...{ format: true, quality: true, lossless: true, depth: true, background: true },
  ...{ profile: true, strip: true, onNote: true },
} satisfies Record<Exclude<keyof EncodeOptions, keyof StylizeOptions>, true>;

/** @throws {ConfigError} an unknown or invalid option of `Stylizer.load`. */
export function requireLoadOptions(options: LoadOptions): void {
  requireKnown(options, Object.keys(LOAD));
  const { precision = 'auto', memory, thread = false } = options;
  if (!['auto', 'f32', 'bf16'].includes(precision))
    throw new ConfigError(expected('auto, f32 or bf16 for precision', precision));
  if (memory !== undefined && !(memory > 0))
    throw new ConfigError(expected('a number of bytes for memory', memory));
  if (typeof thread !== 'boolean') throw new ConfigError(expected('true or false for thread', thread));
}

/** @throws {ConfigError} an unknown option of `stylize`, or one of files where the result is pixels. */
export function requireOptionNames(options: StylizeOptions | RgbaOptions | EncodeOptions): void {
  requireKnown(options, Object.keys({ ...LOOK, ...FILE }));
  const { damaged = 'refuse' } = options;
  if (!['refuse', 'accept'].includes(damaged))
    throw new ConfigError(expected('refuse or accept for damaged', damaged));
  const given = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if ('rgba' in options && typeof options.rgba !== 'boolean')
    throw new ConfigError(expected('true or false for rgba', options.rgba));
  if (given.includes('format') && 'rgba' in options && options.rgba)
    throw new ConfigError(expected('one of format and rgba', 'both'));
  const ofFiles = given.find((name) => name in FILE);
  if (ofFiles !== undefined && !given.includes('format'))
    throw new ConfigError(
      expected(`format together with ${ofFiles}`, `${ofFiles} alone`, 'it is for files, not for pixels'),
    );
}

/** @throws {ConfigError} no options at all. */
export function requireObject(options: unknown): void {
  if (typeof options !== 'object' || options === null)
    throw new ConfigError(expected('an object of options', options));
}

/** @throws {ConfigError} an option that is none of those known. */
export function requireKnown(options: unknown, known: readonly string[]): void {
  requireObject(options);
  const unknown = Object.keys(options as object).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = nearestName(unknown, known);
  const remedy = meant === undefined ? undefined : `perhaps you mean ${meant}`;
  throw new ConfigError(expected(`options of ${known.join(', ')}`, unknown, remedy));
}
