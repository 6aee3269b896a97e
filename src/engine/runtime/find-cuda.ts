import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CudaPlace } from './cuda-places.ts';

/** Releases of CUDA whose libraries serve TensorFlow. */
export type CudaRelease = 12 | 13;

/** A library as TensorFlow asks for it, of a part of CUDA, and the file that serves. */
export interface CudaLibrary {
  /** As NVIDIA's wheels call the part's folder. */
  readonly part: string;
  readonly name: string;
  readonly file: string;
}

/** A CUDA that is installed. */
export interface InstalledCuda {
  readonly release: CudaRelease;
  readonly owner: string;
  readonly libraries: readonly CudaLibrary[];
  /** Parts that it lacks and that are small enough, or alike enough, to be fetched alone. */
  readonly absent: readonly string[];
}

/**
 * Part, name that TensorFlow 2.21 asks for, and the same library's name in CUDA 13: those serve under the names of 12 (an H200 trained with
 * them). libcudart is not here: it must be of 12, and its wheel is small.
 */
const LIBRARIES = [
  ['cublas', 'libcublas.so.12', 'libcublas.so.13'],
  ['cublas', 'libcublasLt.so.12', 'libcublasLt.so.13'],
  ['cufft', 'libcufft.so.11', 'libcufft.so.12'],
  ['cusolver', 'libcusolver.so.11', 'libcusolver.so.12'],
  ['cusparse', 'libcusparse.so.12', 'libcusparse.so.12'],
  ['cuda_nvrtc', 'libnvrtc.so.12', 'libnvrtc.so.13'],
  ['nvjitlink', 'libnvJitLink.so.12', 'libnvJitLink.so.13'],
] as const;

/** They have versions of their own, and often come apart from CUDA. */
const APART = [
  ['cudnn', 'libcudnn.so.9'],
  ['nccl', 'libnccl.so.2'],
] as const;

/** Parts that TensorFlow can be given. */
export const CUDA_PARTS: readonly string[] = [
  ...new Set([...LIBRARIES, ...APART].map(([part]) => part as string)),
];

/**
 * A CUDA whose libraries are all in one of the places, cuDNN and NCCL there or in another of its kind; else what is missing, for people.
 *
 * @param releases that the driver runs, the preferred one first.
 */
export function findCuda(
  places: readonly CudaPlace[],
  releases: readonly CudaRelease[] = [12, 13],
): InstalledCuda | string {
  let nearest: { readonly place: CudaPlace; readonly missing: readonly string[] } | undefined;
  for (const place of places) {
    for (const release of releases) {
      const found = LIBRARIES.map(([part, name, newer]) => {
        const own = release === 12 ? name : newer;
        return { part, name, own, file: fileOf(own, [place]) };
      });
      const missing = found.filter(({ file }) => file === undefined).map(({ own }) => own);
      if (missing.length === 0) {
        const cuda = complete(release, place, places, found as readonly CudaLibrary[]);
        if (cuda) return cuda;
        nearest = { place, missing: ['libcudnn.so.9'] };
      } else if (missing.length < (nearest?.missing.length ?? LIBRARIES.length)) nearest = { place, missing };
    }
  }
  return nearest === undefined
    ? `there is no CUDA ${releases.join(' or ')} here`
    : `${nearest.place.owner} lacks ${nearest.missing.join(', ')}`;
}

/** Undefined where cuDNN would have to be fetched, which is built for CUDA 12, beside the libraries of 13: nobody has tried that. */
function complete(
  release: CudaRelease,
  place: CudaPlace,
  places: readonly CudaPlace[],
  found: readonly CudaLibrary[],
): InstalledCuda | undefined {
  const kin = [place, ...places.filter(({ isToolkit }) => isToolkit === place.isToolkit)];
  const apart = APART.map(([part, name]) => ({ part, name, file: fileOf(name, kin) }));
  const absent = apart.filter(({ file }) => file === undefined).map(({ part }) => part);
  if (release === 13 && absent.includes('cudnn')) return undefined;
  const there = apart.flatMap(({ file, ...library }) => (file === undefined ? [] : [{ ...library, file }]));
  const libraries = [...found, ...there].map(({ part, name, file }) => ({ part, name, file }));
  return { release, owner: place.owner, libraries, absent };
}

function fileOf(name: string, places: readonly CudaPlace[]): string | undefined {
  const folders = places.flatMap(({ folders }) => folders);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** What each library loads from its own folder, by its own name: `libcudnn_ops.so.9`, `libnvrtc-builtins.so.13.5`, `libcublas.so.13`. */
export function companionsOf({ name, file }: CudaLibrary): readonly string[] {
  const stem = name.slice(0, name.indexOf('.so'));
  return readdirSync(dirname(file))
    .filter((other) => other.startsWith(stem) && /\.so\.\d+(\.\d+)?$/.test(other))
    .map((other) => join(dirname(file), other));
}
