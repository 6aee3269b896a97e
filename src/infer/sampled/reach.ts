import type { Layer } from '../../networks/architecture.ts';

/** A picture's rows are halved in pairs: bands begin at multiples of this. */
export function alignment(layers: readonly Layer[]): number {
  let [halvings, most] = [0, 0];
  for (const { kind } of layers) {
    if (kind === 'down') halvings++;
    if (kind === 'up') halvings--;
    most = Math.max(most, halvings);
  }
  return 2 ** most;
}

/**
 * How far a painted pixel looks: rows above and below a band that decide what is in it, where the normalisations' statistics
 * are given. A multiple of `alignment`.
 */
export function reach(layers: readonly Layer[]): number {
  let rows = 0;
  for (const layer of layers.toReversed()) {
    if (layer.kind === 'convolution') rows += (layer.kernel - 1) / 2;
    else if (layer.kind === 'down') rows = 2 * rows + 1;
    else if (layer.kind === 'up') rows = Math.ceil(rows / 2) + 1;
    else rows += 2;
  }
  const step = alignment(layers);
  return step * Math.ceil(rows / step);
}
