/**
 * What a build has done, on the disk: so that a build that was killed goes on where the last whole shard ended.
 *
 *   building.json             the plan; there while the build is under way
 *   <name>-00000.tfrecord     a whole shard
 *   <name>-00000.shard.json   its note: written after the shard, read when the build goes on
 *
 * A shard without its note is made again, with the same bytes: what is in a shard depends on the photos alone.
 */
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { asFileError, writeFileAtomically } from '../atomic-file.ts';
import { ConfigError, FileError } from '../errors.ts';
import {
  BUILDING_FILE,
  type BuildPlan,
  INDEX_FILE,
  INDEX_VERSION,
  type SetAside,
  type ShardIndex,
} from './dataset-index.ts';

/** The note beside a whole shard. */
export interface ShardNote extends ShardIndex {
  /** How many of the photos, from the first, were dealt with when the shard was full. */
  readonly photosDone: number;
  /** The photo of each record: SHA-256 of its file, and its name. */
  readonly sources: readonly (readonly [id: string, name: string])[];
  /** Photos set aside since the shard before. */
  readonly setAside: readonly SetAside[];
}

const OURS = /^(index\.json|building\.json|set-aside\.json|.+-\d{5}\.(tfrecord(\.part)?|shard\.json))$/;

/**
 * Gets a folder ready to be built into.
 *
 * @returns the notes of the shards that are there from an earlier run of the same build, or 'complete'.
 * @throws {ConfigError} another build's data set stands there, and `overwrite` is not set.
 * @throws {FileError} other things stand there, or it cannot be written to.
 */
export async function startOrResume(
  out: string,
  plan: BuildPlan,
  overwrite: boolean,
): Promise<readonly ShardNote[] | 'complete'> {
  const names = await namesIn(out);
  const there = names.includes(INDEX_FILE) ? INDEX_FILE : BUILDING_FILE;
  if (names.length > 0 && !names.includes(there)) {
    throw new FileError(`${out} holds other things than a data set; choose another folder for --out.`);
  }
  if (names.length > 0 && !overwrite) {
    refuseOther(out, await readPlan(join(out, there)), plan);
    if (there === INDEX_FILE) {
      await removeNotes(out);
      return 'complete';
    }
    return readNotes(out);
  }
  try {
    for (const name of names) if (OURS.test(name)) await rm(join(out, name));
    await mkdir(out, { recursive: true });
  } catch (error) {
    throw asFileError(error, `write to ${out}`);
  }
  await writeFileAtomically(join(out, BUILDING_FILE), JSON.stringify(plan));
  return [];
}

/** The file of shard `number`. */
export function shardFile(out: string, number: number): string {
  return `${basename(resolve(out))}-${String(number).padStart(5, '0')}.tfrecord`;
}

/** Notes that a shard is whole. */
export async function writeNote(out: string, note: ShardNote): Promise<void> {
  await writeFileAtomically(join(out, noteOf(note.file)), JSON.stringify(note), { overwrite: true });
}

/** Removes what only the build itself needs: the data set is whole. */
export async function removeNotes(out: string): Promise<void> {
  for (const name of await namesIn(out)) {
    if (name === BUILDING_FILE || name.endsWith('.shard.json')) await rm(join(out, name), { force: true });
  }
}

/** Removes a build that came to nothing, and its folder if that is empty then. */
export async function removeBuild(out: string): Promise<void> {
  for (const name of await namesIn(out)) if (OURS.test(name)) await rm(join(out, name), { force: true });
  if ((await namesIn(out)).length === 0) await rm(out, { recursive: true, force: true });
}

async function readNotes(out: string): Promise<readonly ShardNote[]> {
  const notes: ShardNote[] = [];
  for (;;) {
    const file = shardFile(out, notes.length);
    const text = await readFile(join(out, noteOf(file)), 'utf8').catch(() => undefined);
    if (text === undefined) return notes;
    notes.push(JSON.parse(text) as ShardNote);
  }
}

async function readPlan(path: string): Promise<Partial<BuildPlan>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Partial<BuildPlan>;
  } catch {
    throw new FileError(`${path} is damaged; pass --overwrite to build the data set anew.`);
  }
}

function refuseOther(out: string, there: Partial<BuildPlan>, plan: BuildPlan): void {
  const keys = Object.keys(plan.settings) as (keyof BuildPlan['settings'])[];
  const differences = keys
    .filter((key) => JSON.stringify(there.settings?.[key]) !== JSON.stringify(plan.settings[key]))
    .map((key) => (key === 'shardSize' ? '--shard-size' : `--${key}`));
  if (there.photos !== plan.photos && differences.length === 0) differences.push('other photos');
  if (there.version !== INDEX_VERSION) differences.push('another version of this program');
  if (differences.length === 0) return;
  throw new ConfigError(
    `${out} was built with other settings or photos (${differences.join(', ')}); choose another folder, or pass --overwrite to build it anew.`,
  );
}

function noteOf(shard: string): string {
  return shard.replace(/\.tfrecord$/, '.shard.json');
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const there = await stat(folder).catch(() => undefined);
  if (!there) return [];
  try {
    return await readdir(folder);
  } catch (error) {
    throw asFileError(error, `build a data set in ${folder}`);
  }
}
