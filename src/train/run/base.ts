/** The network to which `train --add-to` adds a style. */
import { resolve } from 'node:path';
import { readCheckpoint, type StyleEntry, type StylesCheckpoint } from '../../networks/checkpoint.ts';
import { asOnlyStyle, mixedParameters, withStyleAdded } from '../../networks/conditional-parameters.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import { isOfStyle } from '../../networks/transform-net-parameters.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import type { TrainSubject } from './subject.ts';

export interface TrainBase {
  readonly checkpoint: StylesCheckpoint;
  /** Parameters of one style from which the new one starts: means over the existing styles. */
  readonly start: readonly NamedArray[];
  /** All styles, the new one last. @param trained the new one's parameters. */
  readonly withStyle: (trained: readonly NamedArray[]) => readonly NamedArray[];
}

/**
 * Reads the network to add to. One of a single style will do.
 *
 * @throws {CheckpointError} the file cannot be used. {ConfigError} the style's name is taken, another architecture was
 *   given, or the new file would be the old one.
 */
export async function openBase(
  path: string,
  { architecture }: Readonly<Record<string, unknown>>,
  { checkpointPath, paintings }: TrainSubject,
): Promise<TrainBase> {
  if (resolve(path) === resolve(checkpointPath))
    throw new ConfigError(
      expected(`another file than ${path} for the network with the style added`, 'the same', 'choose --name'),
    );
  const checkpoint = asSeveral(await readCheckpoint(path));
  const names = checkpoint.styles.map(({ name }) => name);
  const name = paintings[0]!.name;
  if (names.some((each) => each.toLowerCase() === name.toLowerCase()))
    throw new ConfigError(
      expected(
        `a style that ${path} does not hold yet (${names.join(', ')})`,
        name,
        'name it with --style-name',
      ),
    );
  if (architecture !== undefined && architecture !== checkpoint.architecture)
    throw new ConfigError(
      expected(`the architecture of ${path} (${checkpoint.architecture})`, architecture, 'omit it'),
    );
  const share = 1 / names.length;
  return {
    checkpoint,
    start: mixedParameters(checkpoint.parameters, new Map(names.map((_, i) => [i, share]))),
    withStyle: (trained) =>
      withStyleAdded(
        checkpoint.parameters,
        new Map(trained.filter(({ name }) => isOfStyle(name)).map(({ name, values }) => [name, values])),
      ),
  };
}

function asSeveral(checkpoint: Awaited<ReturnType<typeof readCheckpoint>>): StylesCheckpoint {
  if (checkpoint.styles !== undefined) return checkpoint;
  const { name, style, thumbnail, parameters, styles: _, ...shared } = checkpoint;
  const entry: StyleEntry = { name, style, training: {}, ...(thumbnail === undefined ? {} : { thumbnail }) };
  return { ...shared, name, style: {}, styles: [entry], parameters: asOnlyStyle(parameters) };
}
