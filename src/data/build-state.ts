/**
 * What a build has done, on the disk: so that a build that was killed continues where the last whole shard ended.
 *
 *   building.json             the plan; there while the build is under way
 *   <name>-00000.tfrecord     a whole shard
 *   <name>-00000.shard.json   its note: written after the shard, read when the build continues
 *
 * A shard without its note is made again, with the same bytes: what is in a shard depends on the photos alone.
 */
import { rmdirSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { asFileError, withinBytes, writeFileAtomically } from '../system/atomic-file.ts';
import { ConfigError, FileError } from '../system/errors.ts';
import { isCount, isRecord, jsonOrNothing } from '../system/json-text.ts';
import { type Lock, lockOrRefuse } from '../system/lock-file.ts';
import { readPlainText } from '../system/plain-file.ts';
import {
  BUILDING_FILE,
  type BuildPlan,
  INDEX_FILE,
  INDEX_VERSION,
  type SetAside,
  type ShardIndex,
} from './dataset-index.ts';

/** The note for a whole shard. */
export interface ShardNote extends ShardIndex {
  /** How many of the photos, from the first, were dealt with when the shard was full. */
  readonly photosDone: number;
  /** The photo of each record: SHA-256 of its file, and its name. */
  readonly sources: readonly (readonly [id: string, name: string])[];
  /** Photos set aside since the shard before. */
  readonly setAside: readonly SetAside[];
}

const OURS = /^(index\.json|building\.json|set-aside\.json|.+-\d{5}\.(tfrecord(\.part)?|shard\.json))$/;
const LOCK = 'building.lock';
const OF_LOCK = /^building\.lock(\.breaking|\.[0-9a-f-]{36})?$/;
/** What a process that was killed while it wrote has left (src/system/atomic-file.ts). */
const PART = /\.\d+-[0-9a-f]{8}\.part$/;

/**
 * Claims the folder for this process: of two that build into it at once, each would write into the other's shards. Releasing leaves no
 * empty folder.
 *
 * @throws {FileError} another process builds there, other things are there, or it cannot be written to.
 */
export async function lockBuild(out: string): Promise<Lock> {
  refuseStrangers(out, await namesIn(out));
  const lock = await lockOrRefuse(join(out, LOCK), {
    what: 'a folder that no other process builds a data set in',
    place: out,
    remedy: 'choose another --out',
  }).catch((error) => {
    throw asFileError(error, `write to ${out}`);
  });
  return {
    release() {
      lock.release();
      try {
        rmdirSync(out);
      } catch {
        // A data set lies in it, as it should.
      }
    },
  };
}

/** Whether the whole data set of this plan is there, so that nothing need be written. @throws {ConfigError} another's is. */
export async function isBuilt(out: string, plan: BuildPlan, overwrite: boolean): Promise<boolean> {
  if (overwrite || !(await namesIn(out)).includes(INDEX_FILE)) return false;
  refuseOther(out, await readPlan(join(out, INDEX_FILE)), plan);
  return true;
}

function refuseStrangers(out: string, names: readonly string[]): void {
  if (names.length > 0 && !names.includes(INDEX_FILE) && !names.includes(BUILDING_FILE))
    throw new FileError(`${out} contains other things than a data set; choose another folder for --out.`);
}

/**
 * Gets a folder ready to be built into, which this process has locked. What killed processes have left half written goes.
 *
 * @returns the notes of the shards that are there from an earlier run of the same build, or 'complete'.
 * @throws {ConfigError} another build's data set is there, and `overwrite` is not set.
 * @throws {FileError} other things are there, or it cannot be written to.
 */
export async function startOrResume(
  out: string,
  plan: BuildPlan,
  overwrite: boolean,
): Promise<readonly ShardNote[] | 'complete'> {
  const names = await namesIn(out);
  refuseStrangers(out, names);
  await removeHalves(out);
  const there = names.includes(INDEX_FILE) ? INDEX_FILE : BUILDING_FILE;
  if (names.length > 0 && !overwrite) {
    refuseOther(out, await readPlan(join(out, there)), plan);
    if (there === INDEX_FILE) {
      await removeNotes(out);
      return 'complete';
    }
    return readNotes(out);
  }
  try {
    for (const name of names) if (OURS.test(name)) await rm(join(out, name), { force: true });
    await mkdir(out, { recursive: true });
  } catch (error) {
    throw asFileError(error, `write to ${out}`);
  }
  await writeFileAtomically(join(out, BUILDING_FILE), JSON.stringify(plan));
  return [];
}

/** Bytes of the folder's name that its shards' names begin with: what follows it must find room. */
const MOST_OF_FOLDER = 200;

/** The file of shard `number`. */
export function shardFile(out: string, number: number): string {
  return `${withinBytes(basename(resolve(out)), MOST_OF_FOLDER)}-${String(number).padStart(5, '0')}.tfrecord`;
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

/** Nobody else writes here while the folder is locked: whatever is half written is of processes that are no more. */
async function removeHalves(out: string): Promise<void> {
  for (const name of await allNamesIn(out)) {
    const whole = name.replace(PART, '');
    const isHalf = whole === name ? name.endsWith('.tfrecord.part') : true;
    if (isHalf && OURS.test(whole)) await rm(join(out, name), { force: true });
  }
}

/** Removes a build that came to nothing; its folder goes with the lock. */
export async function removeBuild(out: string): Promise<void> {
  for (const name of await namesIn(out)) if (OURS.test(name)) await rm(join(out, name), { force: true });
}

async function readNotes(out: string): Promise<readonly ShardNote[]> {
  const notes: ShardNote[] = [];
  for (;;) {
    const file = shardFile(out, notes.length);
    const text = await readPlainText(join(out, noteOf(file))).catch(() => undefined);
    if (text === undefined) return notes;
    const note = parseNote(text, file);
    // Without a note that can be read its shard is made again.
    if (note === undefined) return notes;
    notes.push(note);
  }
}

function parseNote(text: string, file: string): ShardNote | undefined {
  const note = jsonOrNothing(text);
  if (!isRecord(note)) return undefined;
  const { photosDone, lengths, sources, setAside }: Partial<Record<keyof ShardNote, unknown>> = note;
  const isList = (value: unknown, fits: (item: unknown) => boolean) =>
    Array.isArray(value) && value.every(fits);
  const isNote =
    note.file === file &&
    isCount(photosDone) &&
    isList(lengths, isCount) &&
    isList(sources, (source) => isList(source, isText) && (source as unknown[]).length === 2) &&
    isList(setAside, isSetAside);
  return isNote ? (note as unknown as ShardNote) : undefined;
}

const isText = (value: unknown) => typeof value === 'string';

function isSetAside(value: unknown): boolean {
  return isRecord(value) && [value.file, value.reason, value.detail].every(isText);
}

async function readPlan(path: string): Promise<Partial<BuildPlan>> {
  const plan = jsonOrNothing(await readPlainText(path).catch(() => ''));
  if (isRecord(plan)) return plan;
  throw new FileError(`${path} is damaged; pass --overwrite to build the data set again.`);
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
    `${out} was built with other settings or photos (${differences.join(', ')}); choose another folder, or pass --overwrite to build it again.`,
  );
}

function noteOf(shard: string): string {
  return shard.replace(/\.tfrecord$/, '.shard.json');
}

/** What lies in a folder besides the lock and what killed processes have left half written. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const isHalf = (name: string) => PART.test(name) && OURS.test(name.replace(PART, ''));
  return (await allNamesIn(folder)).filter((name) => !OF_LOCK.test(name) && !isHalf(name));
}

async function allNamesIn(folder: string): Promise<readonly string[]> {
  const there = await stat(folder).catch(() => undefined);
  if (!there) return [];
  try {
    return await readdir(folder);
  } catch (error) {
    throw asFileError(error, `build a data set in ${folder}`);
  }
}
