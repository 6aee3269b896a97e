/** What the ffmpeg at hand can. It says so in four processes, which are as slow to start as a short film is to paint: remembered. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../system/atomic-file.ts';
import { cacheFolder } from '../system/cache-folder.ts';
import { FileError } from '../system/errors.ts';
import { isRecord, jsonOrNothing } from '../system/json-text.ts';
import { readPlainText } from '../system/plain-file.ts';
import { ffmpegProgram, ffprobeProgram, runTool } from './ffmpeg.ts';

/** What an ffmpeg can. */
export interface FfmpegAbilities {
  readonly version: string;
  readonly encoders: ReadonlySet<string>;
  readonly decoders: ReadonlySet<string>;
  readonly filters: ReadonlySet<string>;
  /** The option that leaves frames' times as they are: `-fps_mode`, called `-vsync` before 5.1. */
  readonly passTimes: readonly string[];
  /** It can say how long the last frame lasts (the bit stream filter setts). */
  readonly setsDurations: boolean;
  /** It can put notes on frames of its choice (`enable` of the filter metadata). */
  readonly notesFrames: boolean;
}

/** What has been asked of a pair of programs: a program of ours may paint many films. */
const asked = new Map<string, Promise<FfmpegAbilities>>();

/** @throws {FileError} ffmpeg or ffprobe cannot be run; says what to do. */
export async function ffmpegAbilities(): Promise<FfmpegAbilities> {
  const [program, prober] = [ffmpegProgram(), ffprobeProgram()];
  const pair = JSON.stringify([program, prober]);
  const abilities = asked.get(pair) ?? findAbilities(program, prober);
  asked.set(pair, abilities);
  try {
    return await abilities;
  } catch (error) {
    // It may be installed meanwhile.
    asked.delete(pair);
    throw error;
  }
}

/** `ffmpegAbilities` of a pair of programs, asked anew in each call. */
export async function findAbilities(program: string, prober: string): Promise<FfmpegAbilities> {
  const [version, probe] = await Promise.all([
    runTool(program, ['-hide_banner', '-version']),
    runTool(prober, ['-version']),
  ]);
  for (const [name, { code }] of [[program, version] as const, [prober, probe] as const]) {
    if (code === 0) continue;
    throw new FileError(
      `Videos need ffmpeg and ffprobe, and ${name} cannot be run; install them (for instance apt-get install ffmpeg, or npm install @ffmpeg-installer/ffmpeg @ffprobe-installer/ffprobe).`,
    );
  }
  const { encoders, decoders, filters, setts } = await lists(program, version.stdout);
  const said = /^ffmpeg version (\S+)/.exec(version.stdout)?.[1] ?? '';
  // Builds of the day are named otherwise; libavutil's number says as much: 57.28 came with 5.1.
  const [, major = 0, minor = 0] = (/libavutil\s+(\d+)\.\s*(\d+)/.exec(version.stdout) ?? []).map(Number);
  const knowsModes = major > 57 || (major === 57 && minor >= 28);
  return {
    version: said,
    encoders: names(encoders),
    decoders: names(decoders),
    filters: names(filters),
    passTimes: knowsModes ? ['-fps_mode', 'passthrough'] : ['-vsync', '0'],
    setsDurations: /^\s*-duration/m.test(setts),
    notesFrames: /^\s*T\S*\s+metadata\s/m.test(filters),
  };
}

/** What an ffmpeg prints when it is asked for its parts. */
const QUESTIONS = {
  encoders: ['-encoders'],
  decoders: ['-decoders'],
  filters: ['-filters'],
  setts: ['-h', 'bsf=setts'],
} as const;
type Lists = Readonly<Record<keyof typeof QUESTIONS, string>>;

/** The answers of this program, as remembered while it is the same file and of the same version, libraries included. */
async function lists(program: string, version: string): Promise<Lists> {
  const file = join(cacheFolder(), 'ffmpeg.json');
  const { size, mtimeMs } = statSync(program, { throwIfNoEntry: false }) ?? {};
  const which = createHash('sha256')
    .update(JSON.stringify([program, size, mtimeMs, version]))
    .digest('hex');
  const known = jsonOrNothing(await readPlainText(file).catch(() => ''));
  if (isRecord(known) && known.which === which && isLists(known.lists)) return known.lists;
  const answers = await Promise.all(
    Object.entries(QUESTIONS).map(async ([name, question]) => {
      const { code, stdout } = await runTool(program, ['-hide_banner', ...question]);
      return { name, code, stdout };
    }),
  );
  const answered = Object.fromEntries(answers.map(({ name, stdout }) => [name, stdout])) as Lists;
  // An old ffmpeg may not know what it is asked; one that was killed has not said all.
  if (answers.every(({ code }) => code === 0)) {
    const content = `${JSON.stringify({ which, lists: answered })}\n`;
    // A cache that cannot be written costs the same questions next time, nothing else.
    await writeFileAtomically(file, content, { overwrite: true }).catch(() => undefined);
  }
  return answered;
}

function isLists(value: unknown): value is Lists {
  return isRecord(value) && Object.keys(QUESTIONS).every((name) => typeof value[name] === 'string');
}

/** The second word of each line is the name. */
function names(list: string): ReadonlySet<string> {
  return new Set(list.split('\n').map((line) => line.trim().split(/\s+/)[1] ?? ''));
}
