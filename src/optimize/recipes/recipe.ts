import type { LossNetworkKind, LossNetworkWeights } from '../../networks/loss-network-weights.ts';
import type { OptimizeConfig } from '../config.ts';

/** A published way of optimising, as data. */
export interface Recipe {
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** Longer side in pixels of the published pictures; any where it is not said. */
  readonly longSide?: number;
  /** What its weights and numbers were published for. */
  readonly lossNetwork: {
    readonly kind: LossNetworkKind;
    /** Range and order of what its loss network takes, as far as it matters for the numbers. */
    readonly pixels: '0..1' | '0..255';
  };
  /** Total above which its publication no longer trusts the result. */
  readonly saneTotal?: number;
  readonly config: OptimizeConfig;
}

/** In what the given loss network differs from the recipe's, in words; nothing where it does not. */
export function recipeNotes({ name, lossNetwork }: Recipe, weights: LossNetworkWeights): string[] {
  const notes: string[] = [];
  if (weights.kind !== lossNetwork.kind)
    notes.push(
      `The recipe ${name} was published with ${lossNetwork.kind}; this is ${weights.kind}, whose layers of the same names stand in.`,
    );
  const range = weights.input.scale === 1 ? '0..255' : '0..1';
  if (range !== lossNetwork.pixels)
    notes.push(
      `The recipe ${name} was published with a loss network for pixels in ${lossNetwork.pixels}; this one's are for ${range}, so its losses differ in scale.`,
    );
  if (weights.steps !== undefined)
    notes.push(
      `The recipe ${name} was published with a whole ${lossNetwork.kind}; this is a compact network that stands in for one.`,
    );
  const firstWidth = weights.layers.get('conv1_1')?.kernelShape[3];
  if (firstWidth !== undefined && firstWidth !== FULL_WIDTH)
    notes.push(
      `The recipe ${name} was published with ${FULL_WIDTH} channels in the first layer; this loss network has ${firstWidth}.`,
    );
  return notes;
}

/** Channels of the first layer of VGG as published. */
const FULL_WIDTH = 64;
