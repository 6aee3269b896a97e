/** The networks that paint films where they are measured: of one painting, in three sizes. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { random } from '../../src/data/random.ts';
import { findStyle } from '../../src/infer/find-style.ts';
import { FULL_WIDTH, parseArchitecture } from '../../src/networks/architecture.ts';
import { type Checkpoint, loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { formatSafetensors } from '../../src/networks/safetensors.ts';
import { widenedParameters } from '../../src/networks/widened-parameters.ts';

export interface FilmNetwork {
  readonly name: string;
  readonly checkpoint: Checkpoint;
  /** The weights in float32, for the peers. */
  readonly file: string;
}

/** The small one for films, the shipped one of half width, and the same widened to Johnson's full width. */
export async function filmNetworks(folder: string): Promise<readonly FilmNetwork[]> {
  const [small, half] = await Promise.all(
    ['wave-film', 'great-wave'].map(async (style) =>
      withoutMargin(await loadCheckpoint(await findStyle(style))),
    ),
  );
  const named: readonly (readonly [string, Checkpoint])[] = [
    ['wave-film', small!],
    ['half width', half!],
    ['full width', widened(half!)],
  ];
  return Promise.all(
    named.map(async ([name, checkpoint], i) => {
      const file = join(folder, `network-${i}.safetensors`);
      await writeFile(file, formatSafetensors(checkpoint.parameters, {}, 'F32'));
      return { name, checkpoint, file };
    }),
  );
}

/** Peers know of no margin. */
function withoutMargin({ margin: _, ...checkpoint }: Checkpoint): Checkpoint {
  return checkpoint;
}

function widened(checkpoint: Checkpoint): Checkpoint {
  const layers = parseArchitecture(FULL_WIDTH);
  const parameters = widenedParameters(checkpoint.parameters, layers, random(1));
  return { ...checkpoint, architecture: FULL_WIDTH, layers, parameters };
}
