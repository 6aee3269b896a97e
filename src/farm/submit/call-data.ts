/** A command line as a job's data: its options, with keys of the store in place of paths. */
import { resolveStyle } from '../../infer/open-style.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import type { StorePlaces } from './store-places.ts';

/** Which options of a command are files. */
interface FileOptions {
  /** Files and folders in the store. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Files that may lie anywhere: they are put into the store. */
  readonly carried: readonly string[];
  /** Whether `--style` and `--blend` name trained styles; of a training they are paintings. */
  readonly paintsIn: boolean;
}

const FILES: Readonly<Record<string, FileOptions>> = {
  stylize: { inputs: ['photo'], outputs: ['out'], carried: ['mask'], paintsIn: true },
  video: { inputs: ['video'], outputs: ['out'], carried: ['mask'], paintsIn: true },
  train: { inputs: ['data'], outputs: ['out'], carried: ['style', 'config'], paintsIn: false },
  sheet: { inputs: [], outputs: ['file'], carried: ['photo'], paintsIn: false },
  compare: { inputs: ['photos'], outputs: ['out'], carried: ['painting'], paintsIn: true },
};

/** A job's data, and the keys of the files that decide what comes of it. */
export interface CallData {
  readonly data: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
}

/**
 * @param options of the command, by their names in camelCase; those that were not given are undefined.
 * @throws {ConfigError} a file lies where workers do not reach it. {CheckpointError} there is no such style.
 */
export async function callData(
  kind: string,
  options: Readonly<Record<string, unknown>>,
  places: StorePlaces,
): Promise<CallData> {
  const files = FILES[kind];
  if (files === undefined) throw new ConfigError(expected('a kind of job', kind));
  const data: Record<string, unknown> = {};
  const inputs: string[] = [];
  const each = async (value: unknown, place: (name: string) => Promise<string>) =>
    Array.isArray(value) ? Promise.all(value.map((one) => place(String(one)))) : place(String(value));
  const known = async (key: Promise<string>) => {
    inputs.push(await key);
    return key;
  };
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (files.inputs.includes(name)) data[name] = await each(value, (one) => known(places.input(one)));
    else if (files.outputs.includes(name)) data[name] = await each(value, (one) => places.output(one));
    else if (files.carried.includes(name))
      data[name] = await each(value, (one) => places.carried(one, 'files'));
    else if (files.paintsIn && name === 'style')
      data[name] = await each(value, (one) => styleKey(one, places));
    else if (files.paintsIn && name === 'blend' && options.style === undefined)
      data[name] = await blendKeys(String(value), places);
    else data[name] = value;
  }
  return { data, inputs };
}

/** Where a style is for the workers: the file that it means here, put into the store. */
async function styleKey(reference: string, places: StorePlaces): Promise<string> {
  const { path, style } = await resolveStyle(reference);
  const key = await places.carried(path, 'styles');
  return style === undefined ? key : `${key}:${style}`;
}

/** A mixture of styles in files of their own, with or without times: `wave:0.7,scream:0.3`, `wave@0s,scream@10s`. */
async function blendKeys(blend: string, places: StorePlaces): Promise<string> {
  const parts = blend.split(',').map(async (part) => {
    const [, style = '', rest = ''] = /^(.*?)([:@][^:@]*)?$/s.exec(part.trim()) ?? [];
    if (style === '')
      throw new ConfigError(expected('styles with weights like wave:0.7,scream:0.3 for --blend', blend));
    return `${await styleKey(style, places)}${rest}`;
  });
  return (await Promise.all(parts)).join(',');
}
