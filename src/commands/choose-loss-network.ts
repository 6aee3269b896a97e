/**
 * The loss network to work with: the one that is named, or the usual one. Where VGG19 is absent the compact one stands in,
 * which is said in one line.
 */
export async function chooseLossNetwork(named: string | undefined): Promise<string> {
  if (named !== undefined) return named;
  const { COMPACT, defaultLossNetwork } = await import('../networks/weights/shipped-weights.ts');
  const chosen = await defaultLossNetwork();
  if (chosen === COMPACT)
    process.stderr.write(
      "Loss network: compact, which is shipped; 'fast-style weights fetch vgg19' brings the full one.\n",
    );
  return chosen;
}
