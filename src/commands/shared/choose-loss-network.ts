import { ownCommand } from '../../system/own-command.ts';
import { say } from './say.ts';

/** What is said behind the name of the loss network that was chosen. */
const REMARKS: Readonly<Record<string, () => string>> = {
  vgg16: () => `; '${ownCommand('weights fetch vgg19')}' brings VGG19, which would be taken instead`,
  compact: () =>
    `, which is shipped; for better strokes run '${ownCommand('weights fetch vgg16')}' (60 MB) or '${ownCommand('weights fetch vgg19')}' (80 MB)`,
};

/**
 * The loss network to work with: the one that is named, or the usual one of those at hand, which is said in one line.
 *
 * @param mayOffer whether someone at a terminal may be asked to fetch VGG16 where no VGG is at hand.
 * @throws {WeightsError} it was to be fetched, and could not be.
 */
export async function chooseLossNetwork(
  named: string | undefined,
  { mayOffer = false }: { readonly mayOffer?: boolean } = {},
): Promise<string> {
  if (named !== undefined) return named;
  const { COMPACT, defaultLossNetwork } = await import('../../networks/weights/shipped-weights.ts');
  let chosen = await defaultLossNetwork();
  if (chosen === COMPACT && mayOffer) {
    const { offerVgg16 } = await import('./fetch-weights.ts');
    if (await offerVgg16()) chosen = await defaultLossNetwork();
  }
  say(`Loss network: ${chosen}${REMARKS[chosen]?.() ?? ''}.`);
  return chosen;
}
