/** The loss network that comes with the program, and which one is used where none is named. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { storedWeightsNames, weightsFolder } from './weights-folder.ts';

/** What the shipped loss network is called: a small one, distilled from a VGG19 (docs/compact-loss-network.md). */
export const COMPACT = 'compact';

/** What is used where it is there, the first before the second. */
const USUAL = ['vgg19', 'vgg16'] as const;

const SHIPPED = fileURLToPath(new URL('../../../weights', import.meta.url));

/** Where weights of that name come with the program, if they do. */
export function shippedWeightsFile(name: string): string | undefined {
  return name === COMPACT ? join(SHIPPED, `${COMPACT}.safetensors`) : undefined;
}

/** The loss network of those who name none: VGG19 where it has been brought in, else VGG16, otherwise the compact one. */
export async function defaultLossNetwork(folder: string = weightsFolder()): Promise<string> {
  const there = await storedWeightsNames(folder);
  return USUAL.find((name) => there.includes(name)) ?? COMPACT;
}
