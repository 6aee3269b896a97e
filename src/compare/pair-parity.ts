/** The terms of a training objective that are of pairs of pictures: of a painted photo, and of the photo painted a moment later. */
import { toTensor } from '../engine/pixels.ts';
import { toPixels } from '../engine/samples.ts';
import * as tf from '../engine/tensorflow.ts';
import { layersOf, type NextMoment, partsOf, type Term } from '../losses/term.ts';
import type { LossNetwork } from '../networks/loss-network.ts';
import type { Picture } from '../picture.ts';
import type { TrainConfig } from '../train/config.ts';
import { drawChanges, nextMoment } from '../train/step/stability-changes.ts';

/** Such terms, and how far the photo may change from one moment to the next. */
export interface PairObjective extends Pick<TrainConfig, 'stabilityChanges' | 'seed'> {
  readonly terms: readonly Term[];
}

/** What a painter makes of a photo and of the photo a moment later. */
export interface PaintedPair {
  readonly painted: Picture;
  readonly later: Picture;
}

/** A photo a moment later, changed as training changes it. */
export class LaterPhoto {
  /** 8 bit, as painters take it. */
  readonly picture: Picture;
  readonly #terms: readonly Term[];
  readonly #moment: Omit<NextMoment, 'painted'>;

  /** @param place of the photo among the others: each has a change of its own. Caller disposes. */
  constructor({ terms, ...drawing }: PairObjective, photo: Picture, place: number) {
    const { width, height } = photo;
    this.#terms = terms;
    const { painted: seen, ...moment } = tf.tidy(() => {
      const change = drawChanges(drawing, { epoch: 0, index: place }, 1, height, width);
      return nextMoment((later) => later.clone(), toTensor(photo), change);
    });
    this.picture = { pixels: toPixels(seen.dataSync()), width, height };
    seen.dispose();
    this.#moment = moment;
  }

  /** The terms of what was painted, unweighted, in their order. */
  judge({ painted, later }: PaintedPair, lossNetwork: LossNetwork): number[] {
    return this.#terms.map((term) =>
      tf.tidy(() => {
        const picture = toTensor(painted);
        const maps = lossNetwork.featureMaps(picture, layersOf([term]));
        const next = () => ({ ...this.#moment, painted: toTensor(later) });
        const parts = partsOf(term, term.value(picture, maps, { next }));
        return parts.reduce((sum, { share, value }) => sum + share * value.dataSync()[0]!, 0);
      }),
    );
  }

  dispose(): void {
    tf.dispose(this.#moment);
  }
}
