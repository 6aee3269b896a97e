import { readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../system/atomic-file.ts';
import { RuntimeSetupError } from '../../system/errors.ts';
import { sha256OfFile } from '../../system/file-digest.ts';
import { parseJson } from '../../system/json-text.ts';
import { bindOwnSymbols } from './bind-own-symbols.ts';
import type { PinnedWheel } from './pinned-wheels.ts';
import { type UnpackedFile, ZipArchive } from './zip-archive.ts';

/** What a wheel's unpacking left: the stamp is written when all files are there, and nothing is trusted without it. */
interface Stamp {
  readonly wheel: string;
  readonly files: readonly UnpackedFile[];
}

const LIBRARIES = /^tensorflow\/libtensorflow_(cc|framework)[^/]*$/;
const HEADERS =
  /^tensorflow\/include\/(tensorflow\/c\/|tensorflow\/core\/platform\/ctstring|tsl\/platform\/ctstring|xla\/tsl\/c\/).*\.h$/;
const CUDA = /^nvidia\/([^/]+\/lib\/.*\.so[^/]*|cuda_nvcc\/(bin|nvvm)\/.*[^/])$/;

/** Whether a file of a wheel is needed: TensorFlow's two libraries, the headers the binding includes, CUDA's libraries. */
export function isNeeded(name: string): boolean {
  return LIBRARIES.test(name) || HEADERS.test(name) || CUDA.test(name);
}

/** Whether a needed file is looked at when the runtime is used, not only when the binding is compiled. */
export function isLoaded(name: string): boolean {
  return LIBRARIES.test(name) || CUDA.test(name);
}

const stampPath = (wheel: PinnedWheel, folder: string) => join(folder, `${wheel.project}.unpacked.json`);

/** The files of a wheel that has been unpacked into `folder` wholly, or undefined. */
export function unpackedFiles(wheel: PinnedWheel, folder: string): readonly UnpackedFile[] | undefined {
  try {
    const stamp = parseJson(readFileSync(stampPath(wheel, folder), 'utf8')) as Stamp;
    const whole = stamp.files.every(({ path, bytes }) => statSync(join(folder, path)).size === bytes);
    return whole && stamp.wheel === wheel.sha256 ? stamp.files : undefined;
  } catch {
    return undefined;
  }
}

/** Something else takes the place of a wheel's files: they are no longer trusted. */
export async function forgetUnpacked(wheel: PinnedWheel, folder: string): Promise<void> {
  await rm(stampPath(wheel, folder), { force: true });
}

/**
 * Unpacks what is needed of a wheel into `folder`, laid out as Python's installer would: TensorFlow's GPU library looks
 * for CUDA's libraries in `../nvidia/<part>/lib`, so they are found without any setting. TensorFlow's own are changed so that they load
 * faster (`bindOwnSymbols`).
 *
 * @param onBytes called with bytes done and bytes in all.
 */
export async function unpackWheel(
  path: string,
  wheel: PinnedWheel,
  folder: string,
  onBytes: (done: number, total: number) => void = () => {},
): Promise<readonly UnpackedFile[]> {
  const archive = await ZipArchive.open(path);
  try {
    const needed = archive.entries.filter((entry) => isNeeded(entry.name));
    if (needed.length === 0) throw new RuntimeSetupError(`${path} holds no library that is known here.`);
    const total = needed.reduce((sum, entry) => sum + entry.bytes, 0);
    let done = 0;
    const files: UnpackedFile[] = [];
    for (const entry of needed) {
      files.push(
        await archive.unpack(entry, folder, (bytes) => {
          done += bytes;
          onBytes(done, total);
        }),
      );
    }
    const stamp: Stamp = { wheel: wheel.sha256, files: await withOwnSymbolsBound(files, folder) };
    await writeFileAtomically(stampPath(wheel, folder), JSON.stringify(stamp), { overwrite: true });
    return stamp.files;
  } finally {
    archive.close();
  }
}

/** Binds TensorFlow's libraries, the first that the binding is linked with first, and looks at what they are then. */
async function withOwnSymbolsBound(
  files: readonly UnpackedFile[],
  folder: string,
): Promise<readonly UnpackedFile[]> {
  const isLibrary = ({ path }: UnpackedFile) => LIBRARIES.test(path);
  const paths = files.filter(isLibrary).map(({ path }) => join(folder, path));
  if (bindOwnSymbols(paths.sort()) === 0) return files;
  const looked = files.map(async (file) =>
    isLibrary(file) ? { ...file, sha256: await sha256OfFile(join(folder, file.path)) } : file,
  );
  return Promise.all(looked);
}

/** The projects that a wheel's metadata names under an extra: `Requires-Dist: nvidia-nccl-cu12<3.0; extra == "and-cuda"`. */
export function projectsOfExtra(metadata: string, extra: string): string[] {
  return metadata
    .split(/\r?\n/)
    .filter((line) => new RegExp(`^Requires-Dist:.*;.*extra == ['"]${extra}['"]`).test(line))
    .map((line) => /^Requires-Dist:\s*([A-Za-z0-9._-]+)/.exec(line)?.[1] ?? '')
    .filter((name) => name !== '');
}

/**
 * Holds the pinned table against the wheel's own word.
 *
 * @throws {RuntimeSetupError} the wheel's extra `and-cuda` names a project that is not among `planned`.
 */
export async function requireExtrasPlanned(path: string, planned: readonly PinnedWheel[]): Promise<void> {
  const archive = await ZipArchive.open(path);
  try {
    const entry = archive.entries.find(({ name }) => name.endsWith('.dist-info/METADATA'));
    const metadata = entry === undefined ? '' : (await archive.read(entry)).toString('utf8');
    const missing = projectsOfExtra(metadata, 'and-cuda').filter(
      (name) => !planned.some(({ project }) => project === name),
    );
    if (missing.length > 0) {
      throw new RuntimeSetupError(
        `The TensorFlow wheel needs ${missing.join(', ')}, which this release does not pin.`,
      );
    }
  } finally {
    archive.close();
  }
}
