/** Which loss network to work with. Loads nothing heavy. */
import { ownCommand } from '../../system/own-command.ts';
import { namesOf, type PublishedNetwork } from '../published-network.ts';
import { storedWeightsNames } from './weights-folder.ts';

/** Whoever starts a computation, as it chooses its loss network. */
export interface ChoosingHooks {
  /** Takes a line for the user. */
  readonly say: (line: string) => void;
  /** Asked if no VGG is stored: fetches VGG16, and answers whether it is there now. Defaults to no. */
  readonly fetchVgg16?: (() => Promise<boolean>) | undefined;
}

/** What is said after the name of the loss network that was chosen. */
const REMARKS: Readonly<Record<string, () => string>> = {
  vgg16: () => `; '${ownCommand('weights fetch vgg19')}' brings VGG19, which would be taken instead`,
  compact: () =>
    `, which is shipped; for better strokes run '${ownCommand('weights fetch vgg16')}' (60 MB) or '${ownCommand('weights fetch vgg19')}' (80 MB)`,
};

/**
 * The loss network to work with: the one that is named, or the usual one of those stored, which is said in one line.
 *
 * @throws {WeightsError} it was to be fetched, and could not be.
 */
export async function chooseLossNetwork(
  named: string | undefined,
  { say, fetchVgg16 }: ChoosingHooks,
): Promise<string> {
  if (named !== undefined) return named;
  const { COMPACT, defaultLossNetwork } = await import('./weights-folder.ts');
  let chosen = await defaultLossNetwork();
  if (chosen === COMPACT && (await fetchVgg16?.()) === true) chosen = await defaultLossNetwork();
  say(`Loss network: ${chosen}${REMARKS[chosen]?.() ?? ''}.`);
  return chosen;
}

/** The loss network for a recipe: the one that is named, the one it was published with where that is stored, or the usual one. */
export async function chooseRecipeNetwork(
  published: PublishedNetwork,
  named: string | undefined,
  hooks: ChoosingHooks,
): Promise<string> {
  if (named !== undefined) return named;
  const stored = await storedWeightsNames();
  return namesOf(published).find((name) => stored.includes(name)) ?? chooseLossNetwork(undefined, hooks);
}
