import { decodeArguments } from '../data/video/decode-arguments.ts';
import { FrameReader, type FrameSource } from '../data/video/frame-reader.ts';
import type { FilmPlan } from './film-plan.ts';

/**
 * Opens the frames of a film.
 *
 * @param skip frames of its beginning that are passed over. @param soundFile takes the sound of what can be read once only.
 */
export function openFrames(
  { facts, input, abilities, decoding }: FilmPlan,
  skip: number,
  soundFile?: string,
): FrameSource {
  const { width, height } = decoding;
  const args = decodeArguments(facts, input, abilities, { ...decoding, skip, soundFile });
  return new FrameReader(args, 3 * width * height, input.feed?.());
}
