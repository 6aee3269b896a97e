/** The loss network that a recipe was published with, and another one in its place. */
import type { LayerWeights } from '../losses/term.ts';
import type { LossNetworkKind, LossNetworkWeights } from './loss-network-weights.ts';
import { publishedName, publishedWeights } from './weights/published-weights.ts';

/** What a recipe's weights and numbers were published for. */
export interface PublishedNetwork {
  readonly kind: LossNetworkKind;
  /** Range of what it takes, which decides the scale of its features: Keras' (and Caffe's) or torchvision's. */
  readonly pixels: '0..1' | '0..255';
}

/** What stored weights of it are called, the published ones first. */
export function namesOf({ kind, pixels }: PublishedNetwork): readonly string[] {
  const names = pixels === '0..1' ? [publishedName(publishedWeights(kind, 'torchvision'))] : [];
  return [...names, publishedName(publishedWeights(kind, 'keras'))];
}

export interface LossLayers {
  readonly contentLayers: LayerWeights;
  readonly styleLayers: LayerWeights;
}

/**
 * A recipe's layers on the given loss network (`withStandIns`), and in one sentence what that does differently from the
 * published one; none where it does not.
 */
export function onLossNetwork(
  { contentLayers, styleLayers }: LossLayers,
  recipe: { readonly name: string; readonly lossNetwork: PublishedNetwork },
  weights: LossNetworkWeights,
): { readonly layers: LossLayers; readonly note?: string } {
  const content = withStandIns(contentLayers, weights);
  const style = withStandIns(styleLayers, weights);
  const layers = { contentLayers: content.weights, styleLayers: style.weights };
  const inBoth = [...content.standIns, ...style.standIns];
  const standIns = inBoth.filter(({ layer }, i) => inBoth.findIndex((one) => one.layer === layer) === i);
  const note = noteOn(recipe, weights, standIns);
  return { layers, ...(note !== undefined && { note }) };
}

/** Channels of the first layer of VGG as published. */
const FULL_WIDTH = 64;

function noteOn(
  { name, lossNetwork }: { readonly name: string; readonly lossNetwork: PublishedNetwork },
  { kind, layers, steps, input }: LossNetworkWeights,
  standIns: readonly StandIn[],
): string | undefined {
  const width = layers.get('conv1_1')?.kernelShape[3] ?? FULL_WIDTH;
  const pixels = input.scale === 1 ? '0..255' : '0..1';
  const isCompact = steps !== undefined;
  const isNarrow = !isCompact && width !== FULL_WIDTH;
  const isOther = kind !== lossNetwork.kind;
  const isRescaled = pixels !== lossNetwork.pixels;
  if (!isCompact && !isNarrow && !isOther && !isRescaled && standIns.length === 0) return undefined;
  const isSameNames = isOther || isCompact;
  const taken = standIns.map(({ layer, standIn }) => `${standIn} for ${layer}`);
  return [
    `The recipe ${name} was published with ${lossNetwork.kind} for pixels in ${lossNetwork.pixels}; this is `,
    isCompact ? `a compact network in place of a whole ${kind}` : kind,
    isNarrow ? ` with ${width} channels in its first layer instead of ${FULL_WIDTH}` : '',
    isRescaled ? ` for pixels in ${pixels}, so its losses differ in scale` : '',
    isSameNames ? `; its layers of the same names stand in${taken.length > 0 ? ', ' : ''}` : '',
    !isSameNames && taken.length > 0 ? '; it takes ' : '',
    taken.join(', '),
    '.',
  ].join('');
}

/** A layer that was asked for, and the one that is taken. */
interface StandIn {
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
