import { decodeArguments } from '../data/video/decode-arguments.ts';
import { FrameReader, type FrameSource } from '../data/video/frame-reader.ts';
import type { FilmPlan } from './film-plan.ts';

/** Opens the frames of a film. @param skip frames of its beginning that are passed over. */
export function openFrames({ facts, input, abilities, decoding }: FilmPlan, skip: number): FrameSource {
  const { width, height } = decoding;
  const args = decodeArguments(facts, input, abilities, { ...decoding, skip });
  return new FrameReader(args, 3 * width * height);
}
