/** Layers that stand in for those that a loss network has not. */
import type { LayerWeights } from '../losses/term.ts';
import type { LossNetworkWeights } from './loss-network-weights.ts';

/** A layer that was asked for, and the one that is taken. */
export interface StandIn {
  readonly layer: string;
  readonly standIn: string;
}

/**
 * Layers as the loss network has them: VGG16 lacks the fourth convolutions of VGG19, files may end early, and a compact network has few. The last
 * layer of the same block stands in; for two, with both their weights.
 *
 * A layer whose stand-in is asked for already, or whose whole block is missing, stays, and is refused later.
 */
export function withStandIns(
  weights: LayerWeights,
  lossNetwork: Pick<LossNetworkWeights, 'layers' | 'steps'>,
): { readonly weights: LayerWeights; readonly standIns: readonly StandIn[] } {
  const available = layersOf(lossNetwork);
  const taken: Record<string, number> = {};
  const standIns: StandIn[] = [];
  for (const [layer, weight] of Object.entries(weights)) {
    const nearest = standInOf(layer, available);
    const isKept = nearest === layer || nearest in weights;
    const standIn = isKept ? layer : nearest;
    taken[standIn] = (taken[standIn] ?? 0) + weight;
    if (!isKept) standIns.push({ layer, standIn });
  }
  return { weights: taken, standIns };
}

function standInOf(layer: string, available: readonly string[]): string {
  const [, kind, block] = /^(conv|relu)(\d)_\d$/.exec(layer) ?? [];
  if (kind === undefined || available.includes(layer)) return layer;
  // A compact network has layers after the ReLU only, before it or not is then the smaller difference.
  const ofBlock = (like: string) => available.filter((name) => name.startsWith(`${like}${block}_`));
  return ofBlock(kind).at(-1) ?? ofBlock('relu').at(-1) ?? layer;
}

/** Published names of what the loss network computes and has the weights for. */
function layersOf({ layers, steps }: Pick<LossNetworkWeights, 'layers' | 'steps'>): readonly string[] {
  if (steps !== undefined) return steps.map(({ name }) => name).filter((name) => /^relu\d_\d$/.test(name));
  return [...layers.keys()].flatMap((convolution) => [convolution, convolution.replace('conv', 'relu')]);
}
