/** What checking a style asks a loss network: whether the painting's strokes are there, and whether the photo still is. */
import type { StyleJudgement } from '../compare/figures.ts';
import type { PictureInput } from '../data/photo/source.ts';
import type { LossNetworkWeights } from '../networks/loss-network-weights.ts';
import type { Picture } from '../picture.ts';
import type { Measure } from '../quality/faults.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { ownCommand } from '../system/own-command.ts';
import type { JudgedStyle } from './check-call.ts';

/** Photos that are judged, and their short side, px: whole ones, as a photo is lost as a whole. */
const PHOTOS = 6;
const SHORT_SIDE = 384;
/** As the limits were found. */
const POOLING = 'max';

/** Judge and painting, read before anything is painted. */
export interface Judging {
  readonly weights: LossNetworkWeights;
  readonly painting: Picture;
  /** Longer side of the painting, px. */
  readonly styleSize: number;
}

/**
 * The judge, if there is one: the loss network that is named, or else VGG19 or VGG16 where one has been brought in; the compact one
 * only if it is named, as it may have trained the style that it would judge.
 *
 * @param say takes a line on what is left out, and why.
 * @throws {ConfigError} a loss network is named without the painting. {WeightsError, FileError} it cannot be read. {ImageError} the
 *   painting cannot.
 */
export async function chooseJudge(
  lossNetwork: string | undefined,
  painting: PictureInput | undefined,
  say: (line: string) => void,
): Promise<Judging | undefined> {
  if (lossNetwork !== undefined && painting === undefined)
    throw new ConfigError(
      expected(
        'the painting (--painting) for --loss-network',
        'none',
        'the thumbnail in a style has lost the strokes',
      ),
    );
  const { COMPACT, defaultLossNetwork } = await import('../networks/weights/weights-folder.ts');
  const chosen = lossNetwork ?? (await defaultLossNetwork());
  const absent = lossNetwork === undefined && chosen === COMPACT;
  if (absent || painting === undefined) {
    const missing = [
      ...(absent ? [`a full loss network ('${ownCommand('weights fetch vgg16')}')`] : []),
      ...(painting === undefined ? ['the painting (--painting)'] : []),
    ];
    say(`Left out: strokes and photo kept, which need ${missing.join(' and ')}.`);
    return undefined;
  }
  const { readLossNetworkWeights } = await import('../networks/loss-network-weights.ts');
  const { readPicture } = await import('../data/image-file.ts');
  const { DEFAULT_TRAIN_CONFIG } = await import('../train/config.ts');
  const { styleSize } = DEFAULT_TRAIN_CONFIG;
  return {
    weights: await readLossNetworkWeights(chosen),
    painting: await readPicture(painting, { longSide: styleSize }),
    styleSize,
  };
}

/** A loss network that has seen a painting, and judges styles by it. */
export interface OpenJudge {
  /** Has photos painted and judged. @param paths of photos; the first six are taken. */
  judge(
    stylize: (photo: Picture) => Picture,
    paths: readonly string[],
    progress: (done: number, total: number) => void,
  ): Promise<JudgedStyle>;
  dispose(): void;
}

/** Has the loss network look at the painting, which takes longer than a photo does. Caller disposes. */
export async function openJudge({ weights, painting, styleSize }: Judging): Promise<OpenJudge> {
  const { isFullWidth, medianJudgement, StyleJudge } = await import('../compare/style-judgement.ts');
  const { readPicture } = await import('../data/image-file.ts');
  const { LossNetwork } = await import('../networks/loss-network.ts');
  const { setImmediate } = await import('node:timers/promises');
  const network = new LossNetwork(weights, POOLING);
  const judge = new StyleJudge(network, painting);
  return {
    async judge(stylize, paths, progress) {
      const judged = paths.slice(0, PHOTOS);
      const each: StyleJudgement[] = [];
      for (const path of judged) {
        const photo = await readPicture(path, { shortSide: SHORT_SIDE });
        each.push(judge.judge(photo, stylize(photo)));
        progress(each.length, judged.length);
        // A network blocks the event loop: signals get their turn here.
        await setImmediate();
      }
      return {
        lossNetwork: { source: weights.source, sha256: weights.sha256 },
        ...{ pooling: POOLING, photos: judged.length, shortSide: SHORT_SIDE, styleSize },
        limits: isFullWidth(weights),
        ...medianJudgement(each),
      };
    },
    dispose() {
      judge.dispose();
      network.dispose();
    },
  };
}

/** Those of the figures that have limits, where they have. */
export async function judgedMeasures({
  strokes,
  photoKept,
  limits,
}: JudgedStyle): Promise<readonly Measure[]> {
  const { measured } = await import('../quality/faults.ts');
  return limits ? [measured('strokes', strokes), measured('photo kept', photoKept)] : [];
}
