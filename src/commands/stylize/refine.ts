/** `stylize --refine`: a network's picture, polished by a few steps of the optimisation on the style's own training loss. */

import type { Trained } from '../../compare/training-objective.ts';
import { readPicture } from '../../data/image-file.ts';
import type { Picture } from '../../picture.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { say } from '../shared/say.ts';

export interface RefineOptions {
  readonly steps: number;
  /** File of the painting that the style was trained on: a checkpoint holds a thumbnail only. */
  readonly painting: string | undefined;
  /** Name or file of the loss network; the checkpoint's unless given. */
  readonly lossNetwork: string | undefined;
}

/** A photo and the network's picture of it to a picture of lower objective. */
export type Refine = (photo: Picture, painted: Picture) => Promise<Picture>;

/**
 * Reads what refining needs, so that what is missing shows before the first picture is painted.
 *
 * @throws {ConfigError} no painting. {WeightsError} the weights that are to judge do not fit.
 */
export async function openRefine(
  checkpoint: Trained,
  { steps, painting: path, lossNetwork: named }: RefineOptions,
): Promise<Refine> {
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new ConfigError(expected('a whole number of at least 1 for --refine', steps));
  if (path === undefined) {
    const { title, file } = checkpoint.style;
    throw new ConfigError(
      expected(
        `the painting of this style (${title ?? file ?? 'as in training'}) for --refine`,
        'none',
        'name it with --painting',
      ),
    );
  }
  const { trainingObjective } = await import('../../compare/training-objective.ts');
  const { styleSize, leftOut, lossNetwork: trainedWith } = trainingObjective(checkpoint, 1);
  const painting = await readPicture(path, { longSide: styleSize });
  const { judgedBy, trainingNetwork } = await import('../../compare/training-network.ts');
  const judge = await trainingNetwork(checkpoint, trainedWith, named);
  const { lossNetwork } = judge;
  const objectiveAt = (longSide: number) => judgedBy(trainingObjective(checkpoint, longSide).config, judge);
  for (const note of objectiveAt(1).notes) say(note);
  if (leftOut !== undefined) say(`Refining by the style's training loss without ${leftOut}.`);
  return async (photo, painted) => {
    // With TensorFlow, which what fails above does without.
    const { optimizePixels } = await import('../../optimize/optimization.ts');
    const { config } = objectiveAt(Math.max(photo.width, photo.height));
    const run = optimizePixels(
      { ...config, start: { kind: 'given' }, iterations: steps },
      { lossNetwork, content: photo, styles: [{ picture: painting }], given: painted },
    );
    for (;;) {
      const { done, value } = await run.next();
      if (done) return value.picture;
    }
  };
}
