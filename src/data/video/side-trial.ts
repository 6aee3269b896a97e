/**
 * Whether what should come along can be written, found out before hours of painting: ffmpeg is let begin with it, up to the
 * container's first bytes, which it writes when it has agreed with all streams.
 */
import { once } from 'node:events';
import { startChild } from '../ffmpeg.ts';
import type { VideoFacts } from './facts.ts';
import { type Container, FFMPEG_FORMAT } from './output.ts';
import { type Refusals, type SidePlan, sidePlan } from './side-streams.ts';

export interface TrialOptions {
  readonly container: Container;
  /** Arguments that open the source. */
  readonly source: readonly string[];
  readonly audio: boolean;
}

/** A stream whose first packet lies deep in the file is not waited for longer, ms. */
const PATIENCE = 20_000;

/** Plans what comes along from a source that can be opened now, without what ffmpeg refuses. */
export async function triedSidePlan(
  facts: Pick<VideoFacts, 'others'>,
  { container, source, audio }: TrialOptions,
): Promise<SidePlan> {
  const planned = sidePlan(facts, container, 1, { audio });
  if (container === 'gif' || container === 'pictures' || planned.streams.length === 0) return planned;
  const isTaken = async (others: VideoFacts['others'], refusals: Refusals) => {
    const { args, streams } = sidePlan({ others }, container, 0, { audio }, refusals);
    return streams.length > 0 && (await begins([...source, ...args], FFMPEG_FORMAT[container]));
  };
  if (await isTaken(facts.others, new Map())) return planned;
  const refusals = new Map<number, 'copy' | 'all'>();
  for (const stream of facts.others) {
    if (!planned.streams.includes(stream.index) || (await isTaken([stream], refusals))) continue;
    refusals.set(stream.index, 'copy');
    if (!(await isTaken([stream], refusals))) refusals.set(stream.index, 'all');
  }
  return sidePlan(facts, container, 1, { audio }, refusals);
}

/** Lets ffmpeg begin to write into a pipe. */
async function begins(args: readonly string[], format: string): Promise<boolean> {
  const isMp4 = format === 'mp4' || format === 'mov';
  const inPieces = isMp4
    ? ['-strict', '-2', '-movflags', 'frag_keyframe+empty_moov+delay_moov+default_base_moof']
    : [];
  const child = startChild(
    ['-nostdin', '-loglevel', 'quiet', ...args, ...inPieces, '-flush_packets', '1', '-f', format, 'pipe:1'],
    ['ignore', 'pipe', 'ignore'],
  );
  const ended = once(child, 'close').then(
    ([code]) => code === 0,
    () => false,
  );
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), PATIENCE);
  });
  const wrote = once(child.stdout!, 'data').then(() => true);
  const isTaken = await Promise.race([wrote, ended, waited]);
  clearTimeout(timer);
  child.kill('SIGKILL');
  await ended;
  return isTaken;
}
