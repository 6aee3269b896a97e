import { parseArgs } from 'node:util';
import { ConfigError, expected } from '../../src/system/errors.ts';
import { parseShape, type StudentShape } from './student.ts';

export interface DistillOptions {
  readonly teacher: string;
  readonly data: string;
  readonly heldOut: string;
  readonly out: string;
  readonly styles: readonly string[];
  readonly own: readonly string[];
  readonly paintings: readonly string[];
  readonly steps: number;
  readonly batch: number;
  readonly size: number;
  readonly rate: number;
  readonly pictures: number;
  readonly seed: number;
  readonly every: number;
  readonly shape: StudentShape;
  readonly from: string | undefined;
}

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;

/** Defaults are those of the shipped network. */
const NUMBERS = {
  steps: 240,
  batch: 8,
  size: 96,
  rate: 0.00015,
  pictures: 90,
  seed: 1,
  every: 60,
} as const;

/** @throws {ConfigError} one is missing or is not what it should be. */
export function distillOptions(words: readonly string[]): DistillOptions {
  const numbers = Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, text]));
  const { values } = parseArgs({
    args: [...words],
    options: {
      ...{
        teacher: text,
        data: text,
        'held-out': text,
        out: text,
        from: text,
        styles: texts,
        own: texts,
        paintings: texts,
      },
      trunk: { ...text, default: '24,48,64,112,112,112,208,208,96' },
      coordinates: { ...text, default: '32,64,64,128,128,96' },
      ...numbers,
    },
  });
  const given = values as Readonly<Record<string, unknown>>;
  const needed = (name: string): string => {
    const value = given[name];
    if (typeof value !== 'string') throw new ConfigError(expected(`--${name}`, 'none'));
    return value;
  };
  const number = (name: keyof typeof NUMBERS): number => {
    const value = Number(given[name] ?? NUMBERS[name]);
    if (!(value > 0)) throw new ConfigError(expected(`a number above 0 for --${name}`, given[name]));
    return value;
  };
  const batch = number('batch');
  if (batch % 2 !== 0) throw new ConfigError(expected('an even number for --batch', batch));
  return {
    teacher: needed('teacher'),
    data: needed('data'),
    heldOut: needed('held-out'),
    out: needed('out'),
    styles: values.styles ?? [],
    own: values.own ?? [],
    paintings: values.paintings ?? [],
    steps: number('steps'),
    batch,
    size: number('size'),
    rate: number('rate'),
    pictures: number('pictures'),
    seed: number('seed'),
    every: number('every'),
    shape: parseShape(values.trunk, values.coordinates),
    from: values.from,
  };
}
