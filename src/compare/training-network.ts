/** The loss network that a style is judged by: its own if that is stored, otherwise another one. */
import { isSameNetwork } from '../networks/loss-network-identity.ts';
import { type LossNetworkWeights, readLossNetworkWeights } from '../networks/loss-network-weights.ts';
import { withStandIns } from '../networks/published-network.ts';
import { COMPACT, defaultLossNetwork, storedWeightsNames } from '../networks/weights/weights-folder.ts';
import type { OptimizeConfig } from '../optimize/config.ts';
import { FileError, WeightsError } from '../system/errors.ts';
import type { Trained } from './training-objective.ts';

export interface Judge {
  readonly lossNetwork: LossNetworkWeights;
  /** Where it is not the network that the style was trained with: says so, in one line. */
  readonly note?: string;
}

/**
 * Another loss network is another loss. So the style's own is looked for first, under the name that it had in training and then by its
 * numbers among all that is stored. Losses are shares, which mean much the same through another VGG: if it is not stored, the
 * usual one of those stored judges.
 *
 * @param trainedWith what it was called in training. @param named one to judge by, whichever it is.
 * @throws {WeightsError} the weights that are to judge do not fit. {FileError} they cannot be read.
 */
export async function trainingNetwork(
  checkpoint: Trained,
  trainedWith: string,
  named?: string,
): Promise<Judge> {
  const recorded = checkpoint.lossNetwork;
  const isOwn = (weights: LossNetworkWeights) =>
    (recorded.identity ?? recorded.sha256) === undefined || isSameNetwork(recorded, weights);
  if (named === undefined) {
    const candidates = new Set([trainedWith, ...(await storedWeightsNames()), COMPACT]);
    for (const candidate of candidates) {
      // Without a hash only the name can tell.
      if (candidate !== trainedWith && (recorded.identity ?? recorded.sha256) === undefined) break;
      const lossNetwork = await readIfSound(candidate);
      if (lossNetwork !== undefined && isOwn(lossNetwork)) return { lossNetwork };
    }
  }
  const judge = named ?? (await defaultLossNetwork());
  const lossNetwork = await readLossNetworkWeights(judge);
  if (named !== undefined && isOwn(lossNetwork)) return { lossNetwork };
  const own = recorded.source ?? trainedWith;
  const why = named === undefined ? 'which is not here' : 'not with the one that is named';
  const note = `${checkpoint.name} was trained with ${own}, ${why}; ${judge} (${lossNetwork.source}) judges instead.`;
  return { lossNetwork, note };
}

/** The objective with layers that the judge has, and what is to be said of both. */
export function judgedBy(
  config: OptimizeConfig,
  { lossNetwork, note }: Judge,
): { readonly config: OptimizeConfig; readonly notes: readonly string[] } {
  if (note === undefined) return { config, notes: [] };
  const [content, style] = [config.contentLayers, config.styleLayers].map((layers) =>
    withStandIns(layers, lossNetwork),
  );
  const taken = [...content!.standIns, ...style!.standIns].map(
    ({ layer, standIn }) => `The loss network has no ${layer}; ${standIn} replaces it.`,
  );
  return {
    config: { ...config, contentLayers: content!.weights, styleLayers: style!.weights },
    notes: [note, ...new Set(taken)],
  };
}

async function readIfSound(name: string): Promise<LossNetworkWeights | undefined> {
  try {
    return await readLossNetworkWeights(name);
  } catch (error) {
    if (error instanceof WeightsError || error instanceof FileError) return undefined;
    throw error;
  }
}
