/** A network's picture, polished by a few steps of the optimisation on the style's own training loss. */

import { readPicture } from '../data/image-file.ts';
import type { PictureInput } from '../data/photo/source.ts';
import type { Picture } from '../picture.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { Trained } from './training-objective.ts';

export interface RefineSettings {
  readonly steps: number;
  /** The painting that the style was trained on: a checkpoint holds a thumbnail only. */
  readonly painting: PictureInput | undefined;
  /** Name or file of the loss network; the checkpoint's unless given. */
  readonly lossNetwork: string | undefined;
  /** Takes a line on what is weighed otherwise than in training. */
  readonly say: (line: string) => void;
}

/**
 * A photo and the network's picture of it to a picture of lower objective. @param signal ends it after the step at hand, with what
 * there is.
 */
export type Refine = (photo: Picture, painted: Picture, signal?: AbortSignal) => Promise<Picture>;

/**
 * Reads what refining needs, so that what is missing shows before the first picture is painted.
 *
 * @throws {ConfigError} no painting. {WeightsError} the weights that are to judge do not fit.
 */
export async function openRefine(
  checkpoint: Trained,
  { steps, painting: given, lossNetwork: named, say }: RefineSettings,
): Promise<Refine> {
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new ConfigError(expected('a whole number of at least 1 for --refine', steps));
  if (given === undefined) {
    const { title, file } = checkpoint.style;
    throw new ConfigError(
      expected(
        `the painting of this style (${title ?? file ?? 'as in training'}) for --refine`,
        'none',
        'name it with --painting',
      ),
    );
  }
  const { trainingObjective } = await import('./training-objective.ts');
  const { styleSize, leftOut, lossNetwork: trainedWith } = trainingObjective(checkpoint, 1);
  const painting = await readPicture(given, { longSide: styleSize });
  const { judgedBy, trainingNetwork } = await import('./training-network.ts');
  const judge = await trainingNetwork(checkpoint, trainedWith, named);
  const { lossNetwork } = judge;
  const objectiveAt = (longSide: number) => judgedBy(trainingObjective(checkpoint, longSide).config, judge);
  for (const note of objectiveAt(1).notes) say(note);
  if (leftOut !== undefined) say(`Refining by the style's training loss without ${leftOut}.`);
  return async (photo, painted, signal) => {
    // With TensorFlow, which what fails above does without.
    const { optimizePixels } = await import('../optimize/optimization.ts');
    const { config } = objectiveAt(Math.max(photo.width, photo.height));
    const run = optimizePixels(
      { ...config, start: { kind: 'given' }, iterations: steps },
      {
        ...{ lossNetwork, content: photo, styles: [{ picture: painting }], given: painted },
        ...(signal === undefined ? {} : { signal }),
      },
    );
    for (;;) {
      const { done, value } = await run.next();
      if (done) return value.picture;
    }
  };
}
