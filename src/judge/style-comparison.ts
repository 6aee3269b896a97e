/** A style's network, its training loss and the loss network, made ready: what every photo is compared by. */
import { basename } from 'node:path';
import type { ComparisonRound, NamedParity } from '../compare/figures.ts';
import { photoParity } from '../compare/photo-parity.ts';
import { judgedBy, trainingNetwork } from '../compare/training-network.ts';
import { trainingObjective } from '../compare/training-objective.ts';
import { readPicture } from '../data/image-file.ts';
import type { PhotoFile } from '../data/photo-files.ts';
import type { Precision } from '../engine/compile/compile.ts';
import { choosePrecision } from '../engine/precision.ts';
import { StyleNetwork } from '../infer/style-network.ts';
import type { Checkpoint } from '../networks/checkpoint.ts';
import { fixedSteps } from '../optimize/fixed-steps.ts';
import type { CompareCall } from './compare-call.ts';

/** A photo, and its place among the others: each has a change of its own where pairs are judged. */
export interface ChosenPhoto {
  readonly photo: Pick<PhotoFile, 'path' | 'name'>;
  readonly place: number;
}

export class StyleComparison {
  /** Name of the style. */
  readonly style: string;
  readonly precision: Precision;
  /** Iterations for a photo at one size: of a pair, both are optimised. */
  readonly perPhoto: number;
  /** What is to be said of the loss network. */
  readonly notes: readonly string[];
  readonly #call: ComparedBy;
  readonly #parts: Parts;
  readonly #network: StyleNetwork;

  private constructor(call: ComparedBy, parts: Parts, precision: Precision) {
    const { checkpoint, config, judge, ofPairs } = parts;
    this.style = checkpoint.name;
    this.precision = precision;
    this.perPhoto = call.iterations.at(-1)! * (ofPairs === undefined ? 1 : 2);
    this.notes = judgedBy(config, judge).notes;
    this.#call = call;
    this.#parts = parts;
    this.#network = new StyleNetwork(checkpoint, { precision });
  }

  /**
   * Caller disposes.
   *
   * @throws {ImageError} the painting cannot be read. {WeightsError} the loss network cannot. {ConfigError} the training configuration
   * is damaged.
   */
  static async open(checkpoint: Checkpoint, call: ComparedBy): Promise<StyleComparison> {
    const { config, styleSize, leftOut, ofPairs, lossNetwork } = trainingObjective(
      checkpoint,
      call.sizes[0]!,
    );
    const painting = await readPicture(call.painting, { longSide: styleSize });
    const judge = await trainingNetwork(checkpoint, lossNetwork, call.lossNetwork);
    const parts = { checkpoint, config, painting, judge, styleSize, leftOut, ofPairs };
    return new StyleComparison(call, parts, await choosePrecision(call.precision));
  }

  /** What the figures belong to, a line each. @param photos of the comparison, and the folder they are in. */
  conditions(photos: number, folder: string): readonly string[] {
    const { painting, start, seed } = this.#call;
    const { config, judge, styleSize, leftOut } = this.#parts;
    const paintingName = typeof painting === 'string' ? basename(painting) : painting.name;
    return [
      `photos: ${photos} of ${basename(folder)}; painting: ${paintingName} at ${styleSize} px; loss network: ${judge.lossNetwork.source}`,
      `objective: the training loss of the style in the units ${config.units}${leftOut === undefined ? '' : `, without ${leftOut} (judged apart, below)`}, on 8-bit pictures; L-BFGS from ${start}${start === 'noise' ? ` (seed ${seed})` : ''}, pixels in [0, 255]`,
      ...this.notes,
    ];
  }

  /**
   * Compares one photo. Where the signal came meanwhile, the answer says nothing of the iterations it did not come to.
   *
   * @throws {ImageError} the photo cannot be read. {ConfigError} it is too small.
   */
  async compare(
    { size, lineSearch }: ComparisonRound,
    { photo, place }: ChosenPhoto,
    signal: AbortSignal,
    onIteration: (iteration: number) => void,
  ): Promise<NamedParity> {
    const { iterations: at, start, seed } = this.#call;
    const { checkpoint, judge, painting, ofPairs } = this.#parts;
    const { config } = judgedBy(trainingObjective(checkpoint, size).config, judge);
    const result = await photoParity({
      config: {
        ...config,
        ...(lineSearch === 'none' && { optimizer: fixedSteps(config.units) }),
        start: { kind: start === 'noise' ? 'uniform' : 'content' },
        seed,
      },
      lossNetwork: judge.lossNetwork,
      photo: await readPicture(photo.path, { longSide: size }),
      painting,
      paint: (picture) => this.#network.stylize(picture),
      at,
      refine: lineSearch !== 'none',
      pairs: ofPairs && { objective: ofPairs, place },
      precision: this.precision,
      signal,
      onIteration,
    });
    return { ...result, name: photo.name };
  }

  dispose(): void {
    this.#network.dispose();
  }
}

/** What of a call decides figures. */
type ComparedBy = Omit<CompareCall, 'style' | 'photos' | 'out' | 'limit' | 'overwrite'>;

interface Parts {
  readonly checkpoint: Checkpoint;
  /** Its objective at the first size. */
  readonly config: ReturnType<typeof trainingObjective>['config'];
  readonly painting: Awaited<ReturnType<typeof readPicture>>;
  readonly judge: Awaited<ReturnType<typeof trainingNetwork>>;
  readonly styleSize: number;
  readonly leftOut: string | undefined;
  readonly ofPairs: ReturnType<typeof trainingObjective>['ofPairs'];
}
