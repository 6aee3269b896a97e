/** Whether what is transparent in a film stays so, and what is said of it. */
import type { FfmpegAbilities } from '../data/ffmpeg.ts';
import { hasQuality } from '../data/video/codecs.ts';
import { isHdr } from '../data/video/colour.ts';
import { outputHoldsAlpha, withAlphaCodec } from '../data/video/output.ts';
import { showsThrough } from '../data/video/transparency.ts';
import type { FilmRequest } from './film-plan.ts';

export interface AlphaPlan {
  /** With the codec that keeps alpha, where nobody has chosen another. */
  readonly request: FilmRequest;
  /** Whether painted frames have alpha. */
  readonly alpha: boolean;
  readonly words: readonly string[];
}

/** What is transparent stays so where the output can hold it. */
export async function planAlpha(
  request: FilmRequest,
  { decoders }: Pick<FfmpegAbilities, 'decoders'>,
): Promise<AlphaPlan> {
  const { input, facts, output, crf } = request;
  const { colour, alphaDecoder } = facts;
  if (!colour.hasAlpha) return { request, alpha: false, words: [] };
  if (alphaDecoder !== undefined && !decoders.has(alphaDecoder)) {
    const opaque = { ...facts, colour: { ...colour, hasAlpha: false } };
    const word = `Alpha is dropped: this ffmpeg has no ${alphaDecoder}, which alone decodes it.`;
    return { request: { ...request, facts: opaque }, alpha: false, words: [word] };
  }
  const isHeld = outputHoldsAlpha(output);
  // Of a row with a place for alpha every picture keeps its own.
  const isSeen = (isHeld && input.kind === 'pictures') || (await showsThrough(input, facts));
  if (!isSeen) return { request, alpha: false, words: [] };
  const black = 'what is transparent becomes black';
  if (isHdr(colour)) return { request, alpha: false, words: [`Alpha of HDR is dropped: ${black}.`] };
  if (isHeld) return { request, alpha: true, words: [] };
  const other = output.isUsual ? withAlphaCodec(output) : undefined;
  if (other !== undefined && (crf === undefined || hasQuality(other.codec))) {
    const name = other.codec === 'prores' ? 'ProRes 4444' : other.codec.toUpperCase();
    const word = `Written as ${name}, which keeps alpha; --codec ${output.codec} writes ${output.codec} without.`;
    return { request: { ...request, output: other }, alpha: true, words: [word] };
  }
  const place =
    output.container === 'pictures' ? 'these pictures have' : `${output.codec} in ${output.container} has`;
  const word = `Alpha is dropped, as ${place} no place for it: ${black}. Kept by .webm, by .mov with --codec prores, and by PNG, WebP or TIFF pictures as name/%05d.png.`;
  return { request, alpha: false, words: [word] };
}
