/** What one run of training is about: its paintings, its name and where it writes. */
import { join } from 'node:path';
import { requireStyleName, styleNameOf } from '../../networks/style-name.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import type { TrainCall } from './inputs.ts';

/** A painting and the name of its style. */
export interface NamedPainting {
  readonly name: string;
  readonly file: string;
  /** Of one that is no file: the bytes of a picture. */
  readonly bytes?: Uint8Array;
}

export interface TrainSubject {
  readonly name: string;
  readonly runFolder: string;
  readonly checkpointPath: string;
  /** One, unless `together`. */
  readonly paintings: readonly NamedPainting[];
  /** Several styles in one network. */
  readonly together: boolean;
  /** File of the network to which the style is added. */
  readonly addTo?: string;
}

/**
 * The runs that a call asks for: one per painting, or one of all paintings together, or one that adds a painting to a
 * network.
 *
 * @throws {ConfigError} options that exclude each other, or names that cannot be used or come twice.
 */
export function subjectsOf(args: TrainCall): readonly TrainSubject[] {
  checkOptions(args);
  const named = args.style.map((file, i) => paintingOf(args, file, args.styleName?.[i] ?? styleNameOf(file)));
  const { addTo } = args;
  if (args.together) {
    checkNames(named);
    return [{ ...places(args, requireStyleName(args.name!, '--name')), paintings: named, together: true }];
  }
  if (addTo !== undefined) {
    const [painting] = named as [NamedPainting];
    checkNames(named);
    const name = requireStyleName(args.name ?? `${styleNameOf(addTo)}-${painting.name}`, '--name');
    return [{ ...places(args, name), paintings: [painting], together: false, addTo }];
  }
  if (named.length > 1) {
    checkNames(named);
    const run = args.run;
    return named.map((painting) => ({
      ...places({ ...args, run: run && join(run, painting.name) }, painting.name),
      paintings: [painting],
      together: false,
    }));
  }
  const [{ file, name: ofStyle }] = named as [NamedPainting];
  const name = requireStyleName(args.name ?? ofStyle, '--name');
  return [{ ...places(args, name), paintings: [paintingOf(args, file, name)], together: false }];
}

function paintingOf({ bytes }: TrainCall, file: string, name: string): NamedPainting {
  const inMemory = bytes?.get(file);
  return inMemory === undefined ? { file, name } : { file, name, bytes: inMemory };
}

function checkOptions({ style, name, together, addTo, from, styleName, title }: TrainCall): void {
  const several = style.length > 1;
  const fail = (what: string, received: unknown, remedy?: string): never => {
    throw new ConfigError(expected(what, received, remedy));
  };
  if (style.length === 0) fail('a painting for --style', 'none');
  if (together && addTo !== undefined) fail('--together or --add-to', 'both', 'omit one of them');
  if (together && !several) fail('at least two paintings with --together', style[0], 'omit --together');
  if (together && name === undefined)
    fail('a --name for the network of all styles', 'none', 'for instance --name trio');
  if (addTo !== undefined && from !== undefined)
    fail('--from or --add-to', 'both', 'a style that is added starts from those that are there');
  if (addTo !== undefined && several)
    fail('one painting with --add-to', `${style.length}`, 'add them one after the other');
  if (several && !together && name !== undefined)
    fail(
      'no --name with several paintings, as each style is called after its painting',
      name,
      'omit --name, or train them in one network with --together',
    );
  if (several && title !== undefined) fail('no --title with several paintings', title);
  if (styleName === undefined) return;
  if (!together && addTo === undefined && name !== undefined)
    fail('--name or --style-name for a painting in a network of its own', 'both', 'omit one of them');
  if (styleName.length !== style.length)
    fail('as many --style-name as paintings', `${styleName.length} for ${style.length}`);
}

/** @throws {ConfigError} a name that cannot be used, or two that are one file on some systems. */
function checkNames(paintings: readonly NamedPainting[]): void {
  const seen = new Map<string, string>();
  for (const { name, file } of paintings) {
    requireStyleName(name, `the name of the style of ${file}`);
    const key = name.toLowerCase();
    const before = seen.get(key);
    if (before !== undefined)
      throw new ConfigError(
        expected('paintings of different names', `${before} and ${file}`, 'rename one of the files'),
      );
    seen.set(key, file);
  }
}

function places({ run, out }: Pick<TrainCall, 'run' | 'out'>, name: string) {
  return { name, runFolder: run ?? join('runs', name), checkpointPath: join(out, `${name}.safetensors`) };
}
