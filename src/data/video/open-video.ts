import { STANDARD } from '../photo/source.ts';
import type { VideoFacts } from './facts.ts';
import { findInput, type InputOptions, type VideoInput } from './input.ts';
import { probeVideo } from './probe.ts';
import { SELF_CONTAINED } from './self-contained.ts';
import type { PipedBytes } from './standard-input.ts';

/** Pictures per second of a row. */
const USUAL_RATE = { num: 25, den: 1 };

export interface OpenedVideo {
  readonly input: VideoInput;
  readonly facts: VideoFacts;
  /** Takes away what was stored on the way. */
  dispose(): Promise<void>;
}

/**
 * Opens whatever a video can come from. @param named `-` is standard input; bytes as they come.
 *
 * @throws {FileError | ConfigError} as `findInput`. {ImageError} it cannot be read, or holds no video.
 */
export async function openVideo(named: string | PipedBytes, options: InputOptions): Promise<OpenedVideo> {
  if (named === STANDARD || typeof named !== 'string') {
    const { openPiped, openStandardInput } = await import('./standard-input.ts');
    const reading = options.format === undefined ? SELF_CONTAINED : ['-f', options.format];
    return typeof named === 'string' ? openStandardInput(reading) : openPiped(named, reading);
  }
  const input = await findInput(named, options);
  const dispose = async () => {};
  if (input.kind === 'pictures') {
    const { probeRow } = await import('./picture-row.ts');
    return { input, facts: await probeRow(input, options.rate ?? USUAL_RATE), dispose };
  }
  if (input.kind === 'file') {
    const { isWebp, openAnimation } = await import('./animation-input.ts');
    if (await isWebp(named)) return { ...(await openAnimation(named)), dispose };
  }
  return { input, facts: await probeVideo(input), dispose };
}
