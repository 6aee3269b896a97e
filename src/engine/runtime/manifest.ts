import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { writeFileAtomically } from '../../system/atomic-file.ts';
import { cacheFolder } from '../../system/cache-folder.ts';
import { isCount, isRecord, jsonOrNothing } from '../../system/json-text.ts';
import { platformName, type Variant } from './pinned-wheels.ts';
import type { UnpackedFile } from './zip-archive.ts';

/** Where the TensorFlow library came from: a wheel fetched by set-up, an installed Python, or tfjs-node's installer. */
export type RuntimeSource = 'wheel' | 'python' | 'published';

/** A library of this machine's CUDA in the runtime's folder: a link. */
export interface LinkedLibrary {
  readonly path: string;
  readonly target: string;
  readonly bytes: number;
}

/** The CUDA of this machine whose libraries a GPU runtime links. */
export interface LinkedCuda {
  readonly release: number;
  /** For people: whose it is, and where. */
  readonly owner: string;
  readonly libraries: readonly LinkedLibrary[];
}

/** What set-up writes last: the runtime that is ready, and the files it consists of. */
export interface RuntimeManifest {
  readonly format: 1;
  /** Version that the loaded library answers. */
  readonly tensorflow: string;
  readonly source: RuntimeSource;
  /** The wheel's file name, the Python package's folder, or the installer's package. */
  readonly origin: string;
  readonly variant: Variant;
  /** For instance linux-x64. */
  readonly platform: string;
  /** Version of the npm package whose binding was compiled. */
  readonly bindingPackage: string;
  /** Our own C++ in the binding (`ownSourcesDigest`); a published one has none. */
  readonly ownSources?: string;
  /** tfjs_binding.node. Paths are relative to the runtime folder where they lie in it, absolute elsewhere. */
  readonly binding: string;
  /** The libraries and the binding, with their sizes and checksums. */
  readonly files: readonly UnpackedFile[];
  /** Undefined where CUDA came from wheels, or is not used. */
  readonly cuda?: LinkedCuda;
}

/** The folder in the cache that holds all runtimes and the manifest of the one in use. */
export function runtimeFolder(): string {
  return join(cacheFolder(), 'tensorflow');
}

const manifestPath = (folder: string) => join(folder, 'manifest.json');

/** The manifest in `folder`, or undefined where there is none that can be read. */
export function readManifest(folder: string): RuntimeManifest | undefined {
  let text: string;
  try {
    text = readFileSync(manifestPath(folder), 'utf8');
  } catch {
    return undefined;
  }
  const manifest = jsonOrNothing(text);
  return isManifest(manifest) ? manifest : undefined;
}

function isManifest(value: unknown): value is RuntimeManifest {
  if (!isRecord(value) || value.format !== 1) return false;
  const {
    tensorflow,
    source,
    origin,
    cuda,
    variant,
    platform,
    bindingPackage: version,
    binding,
    files,
  } = value;
  const texts = [tensorflow, source, origin, variant, platform, version, binding];
  const isFile = (file: unknown) => isRecord(file) && typeof file.path === 'string' && isCount(file.bytes);
  const isLink = (link: unknown) => isFile(link) && typeof (link as LinkedLibrary).target === 'string';
  const isCuda =
    isRecord(cuda) &&
    typeof cuda.owner === 'string' &&
    Array.isArray(cuda.libraries) &&
    cuda.libraries.every(isLink);
  if (cuda !== undefined && !isCuda) return false;
  return texts.every((text) => typeof text === 'string') && Array.isArray(files) && files.every(isFile);
}

/** Writes the manifest, whole or not at all. This makes the runtime the one in use. */
export async function writeManifest(folder: string, manifest: RuntimeManifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeFileAtomically(manifestPath(folder), text, { overwrite: true });
}

/** A path as a manifest in `folder` keeps it, so that a cache folder can be moved or copied. */
export function toManifestPath(folder: string, path: string): string {
  const inside = relative(folder, path);
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside;
}

export function fromManifestPath(folder: string, path: string): string {
  return resolve(folder, path);
}

/**
 * Why the runtime of a manifest cannot be used here and now, or undefined if it can: made for another platform or
 * another release of the binding's package, or a file missing or of another size. Quick: no file is read.
 */
export function manifestFault(folder: string, manifest: RuntimeManifest): string | undefined {
  if (manifest.platform !== platformName()) {
    return `it was set up for ${manifest.platform}, this is ${platformName()}`;
  }
  const { version } = bindingPackage();
  if (manifest.bindingPackage !== version) {
    return `it was set up for @tensorflow/tfjs-node-gpu ${manifest.bindingPackage}, installed is ${version}`;
  }
  for (const { path, bytes } of manifest.files) {
    const there = statSync(fromManifestPath(folder, path), { throwIfNoEntry: false });
    if (!there) return `${fromManifestPath(folder, path)} is missing`;
    if (there.size !== bytes) {
      return `${fromManifestPath(folder, path)} has ${there.size} bytes instead of ${bytes}`;
    }
  }
  return cudaFault(folder, manifest);
}

/** The linked library that has gone or changed, as with another version of PyTorch; undefined where all are as set-up found them. */
export function cudaFault(folder: string, { cuda }: RuntimeManifest): string | undefined {
  for (const { path, target, bytes } of cuda?.libraries ?? []) {
    const there = statSync(fromManifestPath(folder, path), { throwIfNoEntry: false });
    if (there?.size === bytes) continue;
    return `${target}, a library of the CUDA that it uses, ${there ? 'has changed' : 'is gone'}`;
  }
  return undefined;
}

/** What to call when a runtime cannot be used: set-up for the same device. */
export function setupAgain(manifest: RuntimeManifest | undefined, isForced = false): string {
  return `setup${manifest?.variant === 'gpu' ? ' --gpu' : ''}${isForced ? ' --force' : ''}`;
}

/**
 * Folder and version of the npm package that holds the binding's sources and tfjs-node's JavaScript: tfjs-node-gpu in
 * node_modules, or the copy of it that comes with the package (scripts/stage-package.mjs).
 */
export function bindingPackage(): { folder: string; version: string } {
  const path = createRequire(import.meta.url).resolve('#tfjs-node/package.json');
  return {
    folder: join(path, '..'),
    version: (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version,
  };
}
