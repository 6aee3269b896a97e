/** What comes along with a film beside its frames. */
import { STANDARD } from '../data/photo/source.ts';
import { type SidePlan, sidePlan } from '../data/video/side-streams.ts';
import { triedSidePlan } from '../data/video/side-trial.ts';
import type { FilmRequest } from './film-plan.ts';

/**
 * What comes along: of a file what ffmpeg agrees to; of a stream, which cannot be tried, its sound alone, which is copied to a file of
 * its own on the way, where there is one.
 */
export async function planSide(request: FilmRequest, source: readonly string[]): Promise<SidePlan> {
  const { input, facts, output, audio } = request;
  const { container } = output;
  if (input.kind === 'file') return triedSidePlan(facts, { container, source, audio });
  if (input.kind !== 'stream' || output.path === STANDARD)
    return sidePlan({ others: [] }, container, 1, request);
  const sound = facts.others.filter(({ kind }) => kind === 'audio');
  const known = sound.filter(({ codec }) => codec !== 'unknown');
  const unknown = sound.filter(({ codec }) => codec === 'unknown');
  // In the file of their own they follow one another.
  const others = [...known.map((stream, index) => ({ ...stream, index })), ...unknown];
  const side = sidePlan({ others }, container, 1, request);
  return { ...side, streams: side.streams.map((place) => known[place]!.index) };
}

/** What of a stream does not come along. */
export function streamWords({ input, facts, output, audio }: FilmRequest): string[] {
  if (input.kind !== 'stream') return [];
  const has = (wanted: 'audio' | 'subtitle') => facts.others.some(({ kind }) => kind === wanted);
  const isSilent = audio && output.path === STANDARD && has('audio');
  return [
    ...(isSilent ? ['Sound is left out from a stream to standard output; --out with a file keeps it.'] : []),
    ...(has('subtitle') ? ['Subtitles are left out: they cannot be copied from a stream.'] : []),
  ];
}
