/** Films through the same ffmpeg, painted by us and by the peers: frames per second over sizes and architectures. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ffmpegProgram, runTool } from '../../src/data/ffmpeg.ts';
import { choosePrecision } from '../../src/engine/precision.ts';
import { StyleNetwork } from '../../src/infer/style-network.ts';
import type { FilmPlan } from '../../src/video/film-plan.ts';
import { EngineProcess } from '../engine-process.ts';
import { median, psnr } from '../statistics.ts';
import { besidePeersReport, type FilmRow, shown } from './beside-peers-report.ts';
import { makeClip } from './material.ts';
import { type FilmNetwork, filmNetworks } from './networks.ts';
import { barePasses, paintFilmOnce, planOf } from './ours.ts';
import { filmPeers } from './peers.ts';

const SIZES = [
  [320, 180],
  [640, 360],
  [1280, 720],
] as const;
/** Frames of a film at 640×360; smaller ones are longer, larger ones shorter, but never below the least. */
const [FRAMES, LEAST_FRAMES, MOST_FRAMES] = [24, 12, 48];
const ROUNDS = 2;
/** A film may take minutes with the widest network. */
const LONGEST_FILM = 300;
/** In decibels, between peers' frames and ours: both have been through the encoder. */
const LEAST_PSNR = 30;

/** The section: a table and its target. @param python the peers' environment, if there is one. */
export async function besidePeersSection(
  python: string | undefined,
  say: (line: string) => void,
): Promise<string> {
  const precision = await choosePrecision('auto');
  const ours = `fast-style ${precision}`;
  const folder = await mkdtemp(join(tmpdir(), 'fast-style-bench-'));
  const rows: FilmRow[] = [];
  try {
    const networks = await filmNetworks(folder);
    for (const [width, height] of SIZES) {
      const frames = framesOf(width * height);
      const clip = await makeClip(folder, `${width}x${height}`, frames);
      const plan = await planOf(clip, folder);
      for (const network of networks) {
        const results = await measure(network, plan, { frames, clip, folder, precision, python, ours });
        rows.push({ size: `${width}x${height}`, network: network.name, results });
        say(
          `${width}x${height} ${network.name}: ${[...results].map(([name, fps]) => `${name} ${shown(fps)}`).join(', ')}`,
        );
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return besidePeersReport(rows, ours, ROUNDS, precision === 'bf16');
}

function framesOf(pixels: number): number {
  const frames = Math.round((FRAMES * 640 * 360) / pixels);
  return Math.min(MOST_FRAMES, Math.max(LEAST_FRAMES, frames));
}

interface Measuring {
  readonly frames: number;
  readonly clip: string;
  readonly folder: string;
  readonly precision: 'f32' | 'bf16';
  readonly python: string | undefined;
  readonly ours: string;
}

/** All painters in turns, each in a process of its own but ours, which is at rest when it is not its turn. */
async function measure(
  { checkpoint, file }: FilmNetwork,
  plan: FilmPlan,
  { frames, clip, folder, precision, python, ours }: Measuring,
): Promise<ReadonlyMap<string, number | string>> {
  const { width, height } = plan;
  const peers = python === undefined ? [] : filmPeers(precision === 'bf16');
  const processes = peers.map((peer) => new EngineProcess(peer, python ?? ''));
  const stylizer = new StyleNetwork(checkpoint, { precision });
  const times = new Map<string, number[]>([ours, ...peers.map(({ name }) => name)].map((name) => [name, []]));
  const failures = new Map<string, string>();
  try {
    barePasses(stylizer, width, height, 1);
    const prepare = {
      command: 'prepare',
      architecture: checkpoint.architecture,
      weights: file,
      width,
      height,
    };
    for (const [i, { name }] of peers.entries())
      await processes[i]!.ask(prepare, LONGEST_FILM).catch((error: Error) =>
        failures.set(name, error.message),
      );
    let reference: Float32Array | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      times.get(ours)!.push((await paintFilmOnce(plan, stylizer)).between / (frames - 1));
      reference ??= await lastFrame(plan.output.path, frames);
      for (const [i, { name }] of peers.entries()) {
        if (failures.has(name)) continue;
        const to = join(folder, 'peer.mp4');
        try {
          const answer = await processes[i]!.ask(filmQuestion(clip, to, plan), LONGEST_FILM);
          if (answer.frames !== frames) throw new Error(`${answer.frames} frames of ${frames}`);
          times.get(name)!.push(Number(answer.ms) / (frames - 1));
          if (round > 0) continue;
          const decibels = psnr(await lastFrame(to, frames), reference, 255);
          if (decibels < LEAST_PSNR) throw new Error(`does not agree: ${decibels.toFixed(1)} dB`);
        } catch (error) {
          failures.set(name, (error as Error).message);
        }
      }
    }
  } finally {
    stylizer.dispose();
    await Promise.all(processes.map((process) => process.end()));
  }
  return new Map(
    [...times].map(([name, values]) => [name, failures.get(name) ?? 1000 / median(values)] as const),
  );
}

/** The same scaling and encoding as ours, between simple pipes. */
function filmQuestion(
  clip: string,
  to: string,
  { width, height, encoding, facts }: FilmPlan,
): Record<string, unknown> {
  const { num, den } = facts.rate;
  const flags = 'flags=bicubic+accurate_rnd+full_chroma_int';
  return {
    command: 'film',
    ffmpeg: ffmpegProgram(),
    decode: ['-v', 'error', '-i', clip, '-vf', `scale=${flags},format=rgb24`, '-f', 'rawvideo', 'pipe:1'],
    encode: [
      ...['-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`],
      ...['-r', `${num}/${den}`, '-i', 'pipe:0', ...encoding, '-y', to],
    ],
  };
}

async function lastFrame(file: string, frames: number): Promise<Float32Array> {
  const parts: Buffer[] = [];
  const args = ['-v', 'error', '-i', file, '-vf', `select=eq(n\\,${frames - 1})`, '-frames:v', '1'];
  const { code, complaint } = await runTool(
    ffmpegProgram(),
    [...args, '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
    {
      output: (part) => parts.push(part),
    },
  );
  if (code !== 0) throw new Error(`its film cannot be read: ${complaint}`);
  return new Float32Array(Buffer.concat(parts));
}
