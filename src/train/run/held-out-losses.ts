import { squareMiddle } from '../../data/image-file.ts';
import type { Picture } from '../../picture.ts';
import type { TrainConfig } from '../config.ts';
import type { TrainingTerms } from '../settings.ts';
import { meanTerms } from '../step/loss-values.ts';
import { phaseAt } from '../step/schedule.ts';
import type { NetworkTrainer } from '../trainer.ts';

/**
 * What measures the training objective on photos that are not trained on: on the middle of each, as large as the crops of the
 * phase, under the averaged weights; means over the photos, and over the styles where several share the network. Without the
 * stability term. Always of the same pixels, so that it shows what the losses of single steps, each of another crop, hide.
 *
 * @param trainer made with `evaluates`.
 */
export function heldOutLosses(
  trainer: NetworkTrainer,
  config: TrainConfig,
  photos: readonly Picture[],
): () => Promise<TrainingTerms> {
  const styles = trainer.styles?.map((_, i) => i) ?? [undefined];
  let [side, crops] = [0, Promise.resolve<readonly Picture[]>([])];
  return async () => {
    // The phase of the step that was done last: that of the next would be compiled for this.
    const { imageSize } = phaseAt(trainer.stepsDone - 1, config);
    if (side !== imageSize) {
      side = imageSize;
      crops = Promise.all(photos.map((photo) => squareMiddle(photo, imageSize)));
    }
    const each = (await crops).flatMap(({ pixels }) =>
      styles.map((style) =>
        trainer.evaluate({ pixels: pixels as Uint8Array, size: imageSize, count: 1 }, style),
      ),
    );
    return meanTerms(each);
  };
}
