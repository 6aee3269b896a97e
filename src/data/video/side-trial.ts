/**
 * Whether what should be copied can be written, found out before hours of painting: ffmpeg is started with it, until it has
 * written the container's head, and so has agreed with all streams.
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

/** Plans what is copied from a source that can be opened now, without what ffmpeg refuses. */
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

/** What ffmpeg says when the head is written. */
const AGREED = /^Output #0/m;

/** Lets ffmpeg begin to write, and stops it. */
async function begins(args: readonly string[], format: string): Promise<boolean> {
  const isMp4 = format === 'mp4' || format === 'mov';
  // A pipe cannot be gone back in.
  const inPieces = isMp4
    ? ['-strict', '-2', '-movflags', 'frag_keyframe+empty_moov+delay_moov+default_base_moof']
    : [];
  const child = startChild(
    ['-nostdin', '-nostats', '-loglevel', 'info', ...args, ...inPieces, '-f', format, 'pipe:1'],
    ['ignore', 'ignore', 'pipe'],
  );
  const ended = once(child, 'close').then(
    ([code]) => code === 0,
    () => false,
  );
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), PATIENCE);
  });
  let said = '';
  const agreed = new Promise<boolean>((resolve) => {
    child.stderr!.setEncoding('utf8').on('data', (part: string) => {
      said = `${said}${part}`.slice(-4000);
      if (AGREED.test(said)) resolve(true);
    });
  });
  const isTaken = await Promise.race([agreed, ended, waited]);
  clearTimeout(timer);
  child.kill('SIGKILL');
  await ended;
  return isTaken;
}
