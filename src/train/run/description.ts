/** What a checkpoint says of its training. */
import { basename } from 'node:path';
import type { CheckpointDescription, StyleEntry } from '../../networks/checkpoint.ts';
import { namedNetwork } from '../../networks/loss-network-identity.ts';
import type { LossNetworkWeights } from '../../networks/loss-network-weights.ts';
import type { TrainConfig } from '../config.ts';
import type { Leg } from '../step/legs.ts';
import type { TrainBase } from './base.ts';
import type { TrainCall } from './inputs.ts';
import type { ReadPainting } from './pictures.ts';
import type { TrainSubject } from './subject.ts';

/** All but what only the end of the training knows. */
export type TrainingDescription = Omit<CheckpointDescription, 'steps' | 'images' | 'losses'>;

export interface DescriptionOptions {
  readonly args: TrainCall;
  readonly subject: TrainSubject;
  readonly config: TrainConfig;
  readonly paintings: readonly ReadPainting[];
  /** Style weights of several paintings, in their order. */
  readonly styleWeights: readonly number[];
  readonly base: TrainBase | undefined;
  readonly precision: string;
  readonly photos: number;
  readonly legs: readonly Leg[];
  readonly lossNetwork: LossNetworkWeights;
  readonly software: Readonly<Record<string, string>>;
}

/** The description of a run's checkpoint: of one style, of several, or of a network with a style more. */
export function describeRun(options: DescriptionOptions): TrainingDescription {
  const { args, subject, config, paintings, base, precision, photos, legs, lossNetwork, software } = options;
  const training = {
    ...portable(config),
    precision,
    photos,
    legs: legs.map((leg) => ({ ...leg, config: portable(leg.config) })),
  };
  const about = ({ file }: ReadPainting) => ({
    file: basename(file),
    ...pick(args, ['title', 'author', 'licence']),
  });
  const common = {
    architecture: config.architecture,
    name: subject.name,
    ...marginOf(args.margin, base?.checkpoint.margin),
    lossNetwork: namedNetwork(lossNetwork),
    software,
  };
  const [first] = paintings as [ReadPainting];
  if (base !== undefined) {
    const { checkpoint } = base;
    const { name, thumbnail } = first;
    // The history of the styles that were there stays theirs.
    const { steps, images, losses, lossNetwork: trainedWith } = checkpoint;
    const styles: StyleEntry[] = [
      ...checkpoint.styles,
      { name, style: about(first), thumbnail, training: { ...training, added: common.lossNetwork } },
    ];
    return {
      ...common,
      lossNetwork: trainedWith,
      style: checkpoint.style,
      styles,
      training: { ...checkpoint.training, addedTo: { name: checkpoint.name, steps, images, losses } },
    };
  }
  if (!subject.together) return { ...common, style: about(first), thumbnail: first.thumbnail, training };
  const styles = paintings.map((painting, i): StyleEntry => {
    const { name, thumbnail } = painting;
    return { name, style: about(painting), thumbnail, training: { styleWeight: options.styleWeights[i]! } };
  });
  return { ...common, style: {}, styles, training };
}

function marginOf(asked: number | undefined, before: number | undefined): { readonly margin?: number } {
  const margin = asked ?? before;
  return margin === undefined ? {} : { margin };
}

/** The configuration for a file that travels: of the loss network its name, without its folder here. */
export function portable(config: TrainConfig) {
  return { ...config, lossNetwork: basename(config.lossNetwork) };
}

function pick<T extends object>(from: T, keys: readonly (keyof T & string)[]): Record<string, string> {
  return Object.fromEntries(
    keys.flatMap((key) => (from[key] === undefined ? [] : [[key, String(from[key])]])),
  );
}
