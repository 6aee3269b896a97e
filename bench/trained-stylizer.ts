import { StyleNetwork } from '../src/infer/style-network.ts';
import type { NetworkTrainer } from '../src/train/trainer.ts';

/** What a trainer has learnt, ready to paint. @param architecture of the trainer's configuration. Caller disposes of both. */
export function trainedStylizer(
  trainer: NetworkTrainer,
  architecture: string,
  name: string,
  painting: string,
): StyleNetwork {
  return new StyleNetwork({
    ...{ name, architecture, style: { file: painting } },
    ...{ layers: trainer.layers, parameters: trainer.parameters(), images: trainer.images },
    ...{ training: {}, lossNetwork: {}, software: {}, losses: {}, steps: trainer.stepsDone },
  });
}
