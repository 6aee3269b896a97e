import type { LossNetworkWeights } from '../../networks/loss-network-weights.ts';
import type { OptimizeConfig } from '../config.ts';

type LossNetworkLayers = Pick<LossNetworkWeights, 'layers' | 'steps'>;

/**
 * A recipe's layers where the loss network has them not: VGG16 lacks the fourth convolutions of VGG19, files may end early, and a compact
 * network has few. The last layer of the same block stands in, and that is said.
 *
 * A layer whose stand-in the recipe has already, or whose whole block is missing, stays, and is refused later.
 */
export function withStandIns(
  config: OptimizeConfig,
  lossNetwork: LossNetworkLayers,
): { readonly config: OptimizeConfig; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const available = layersOf(lossNetwork);
  const replaced = (weights: Readonly<Record<string, number>>) =>
    Object.fromEntries(
      Object.entries(weights).map(([layer, weight]) => {
        const standIn = standInOf(layer, available);
        if (standIn === layer || standIn in weights) return [layer, weight];
        notes.push(`The loss network has no ${layer}; ${standIn} stands in.`);
        return [standIn, weight];
      }),
    );
  const contentLayers = replaced(config.contentLayers);
  const styleLayers = replaced(config.styleLayers);
  return { config: { ...config, contentLayers, styleLayers }, notes };
}

function standInOf(layer: string, available: readonly string[]): string {
  const [, kind, block] = /^(conv|relu)(\d)_\d$/.exec(layer) ?? [];
  if (kind === undefined || available.includes(layer)) return layer;
  // A compact network has layers behind the ReLU only, before it or not is then the smaller difference.
  const ofBlock = (like: string) => available.filter((name) => name.startsWith(`${like}${block}_`));
  return ofBlock(kind).at(-1) ?? ofBlock('relu').at(-1) ?? layer;
}

/** Published names of what the loss network computes and has the weights for. */
function layersOf({ layers, steps }: LossNetworkLayers): readonly string[] {
  if (steps !== undefined) return steps.map(({ name }) => name).filter((name) => /^relu\d_\d$/.test(name));
  return [...layers.keys()].flatMap((convolution) => [convolution, convolution.replace('conv', 'relu')]);
}
