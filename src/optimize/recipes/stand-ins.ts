import type { LossNetworkWeights } from '../../networks/loss-network-weights.ts';
import type { OptimizeConfig } from '../config.ts';

/**
 * A recipe's layers where the loss network has them not: VGG16 lacks the fourth convolutions of VGG19, and files may end
 * early. The last layer of the same block stands in, and that is said.
 *
 * A layer whose stand-in the recipe has already, or whose whole block is missing, stays, and is refused later.
 */
export function withStandIns(
  config: OptimizeConfig,
  { layers }: Pick<LossNetworkWeights, 'layers'>,
): { readonly config: OptimizeConfig; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const replaced = (weights: Readonly<Record<string, number>>) =>
    Object.fromEntries(
      Object.entries(weights).map(([layer, weight]) => {
        const standIn = standInOf(layer, layers.keys());
        if (standIn === layer || standIn in weights) return [layer, weight];
        notes.push(`The loss network has no ${layer}; ${standIn} stands in.`);
        return [standIn, weight];
      }),
    );
  const contentLayers = replaced(config.contentLayers);
  const styleLayers = replaced(config.styleLayers);
  return { config: { ...config, contentLayers, styleLayers }, notes };
}

function standInOf(layer: string, convolutions: Iterable<string>): string {
  const [, kind, block, place] = /^(conv|relu)(\d)_(\d)$/.exec(layer) ?? [];
  const ofBlock = [...convolutions].filter((name) => name.startsWith(`conv${block}_`));
  if (kind === undefined || ofBlock.length === 0 || ofBlock.includes(`conv${block}_${place}`)) return layer;
  return ofBlock.at(-1)!.replace('conv', kind);
}
