import { namesOf, type PublishedNetwork } from '../../networks/published-network.ts';
import { storedWeightsNames } from '../../networks/weights/weights-folder.ts';
import { chooseLossNetwork } from './choose-loss-network.ts';

/** The loss network for a recipe: the one that is named, the one it was published with where that is stored, or the usual one. */
export async function chooseRecipeNetwork(
  published: PublishedNetwork,
  named: string | undefined,
): Promise<string> {
  if (named !== undefined) return named;
  const stored = await storedWeightsNames();
  return namesOf(published).find((name) => stored.includes(name)) ?? chooseLossNetwork(undefined);
}
