import { existsSync } from 'node:fs';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { asFileError } from '../../system/atomic-file.ts';
import { RuntimeSetupError } from '../../system/errors.ts';
import { type ChosenCuda, chooseCuda } from './choose-cuda.ts';
import { libraryNames } from './compile-binding.ts';
import { downloadWheel } from './download-wheel.ts';
import type { Tool } from './find-tools.ts';
import type { LinkedCuda, RuntimeSource } from './manifest.ts';
import {
  type PinnedWheel,
  planWheels,
  platformName,
  TENSORFLOW_VERSION,
  type Variant,
} from './pinned-wheels.ts';
import { describe } from './published-binding.ts';
import { findPythonTensorFlow, requireFitting } from './python-tensorflow.ts';
import type { RuntimeSetupOptions, SetupReporter, SetupTools } from './setup-options.ts';
import { isLoaded, requireExtrasPlanned, unpackedFiles, unpackWheel } from './unpack-wheel.ts';
import type { UnpackedFile } from './zip-archive.ts';

/** A library that is in place, before the binding is compiled against it. */
export interface Library {
  readonly source: RuntimeSource;
  readonly origin: string;
  readonly folder: string;
  readonly files: readonly UnpackedFile[];
  readonly cuda?: LinkedCuda;
}

/**
 * A library to compile against: an installed Python's, or the pinned wheel's. Undefined where only tfjs-node's own installer is left.
 */
export async function obtainLibrary(
  folder: string,
  variant: Variant,
  options: RuntimeSetupOptions,
  reporter: SetupReporter,
  tools: SetupTools,
): Promise<Library | undefined> {
  const installed = await findInstalled(variant, options, tools);
  if (installed) {
    reporter.note(`Using the TensorFlow ${installed.version} of ${installed.folder}.`);
    const files = await Promise.all(libraryNames().map((name) => describe(join(installed.folder, name))));
    return { source: 'python', origin: installed.folder, folder: installed.folder, files };
  }
  const planned = planWheels(variant);
  if (!planned) return undefined;
  const home = join(folder, `${TENSORFLOW_VERSION}-${variant}-${platformName()}`);
  if (options.force) await rm(home, { recursive: true, force: true });
  const { wheels, cuda }: ChosenCuda =
    variant === 'gpu' ? await chooseCuda(home, planned, options, reporter, tools) : { wheels: planned };
  const pip = await tools.findPip();
  const todo = wheels.filter((wheel) => !unpackedFiles(wheel, home));
  if (todo.length > 0 && !pip) return undefined;
  if (pip) await fetchWheels(pip, todo, planned, home, reporter, options.signal);
  const files = wheels
    .flatMap((wheel) => unpackedFiles(wheel, home) ?? [])
    .filter(({ path }) => isLoaded(path));
  return {
    source: 'wheel',
    origin: `${planned[0]?.project} ${TENSORFLOW_VERSION} from the Python package index${cuda ? `, CUDA ${cuda.release} of ${cuda.owner}` : ''}`,
    folder: join(home, 'tensorflow'),
    files: files.map((file) => ({ ...file, path: join(home, file.path) })),
    ...(cuda && { cuda }),
  };
}

async function findInstalled(
  variant: Variant,
  { fromPython, force, gpu }: RuntimeSetupOptions,
  tools: SetupTools,
) {
  if (fromPython !== undefined) {
    const installed = await findPythonTensorFlow(fromPython);
    if (!installed) {
      throw new RuntimeSetupError(
        `Expected a Python with TensorFlow for --from-python but ${fromPython} has none.`,
      );
    }
    requireFitting(installed);
    return installed;
  }
  if (variant === 'gpu' || gpu !== undefined || force) return undefined;
  const python = await tools.findPython();
  const installed = python && (await findPythonTensorFlow(python.program, python.args));
  const same = installed?.version === TENSORFLOW_VERSION;
  return same && libraryNames().every((name) => existsSync(join(installed.folder, name)))
    ? installed
    : undefined;
}

async function fetchWheels(
  pip: Tool,
  todo: readonly PinnedWheel[],
  planned: readonly PinnedWheel[],
  home: string,
  reporter: SetupReporter,
  signal: AbortSignal | undefined,
): Promise<void> {
  const downloads = join(home, 'downloads');
  await requireRoomForWheels(home, todo);
  for (const wheel of todo) {
    const name = `${wheel.project} ${wheel.version}`;
    reporter.stage(`Fetching ${name}`);
    const onBytes = (bytes: number) => reporter.bytes(bytes, wheel.bytes);
    const path = await downloadWheel(pip, wheel, downloads, onBytes, undefined, signal);
    if (planned.length > 1 && wheel === planned[0]) await requireExtrasPlanned(path, planned);
    reporter.stage(`Unpacking ${name}`);
    try {
      await unpackWheel(path, wheel, home, (done, total) => reporter.bytes(done, total));
    } catch (error) {
      throw asFileError(error, `unpack ${basename(path)} into ${home}`);
    }
    await rm(path, { force: true });
  }
  await rm(downloads, { recursive: true, force: true });
}

/** @throws {RuntimeSetupError} the disk of the cache has too little room for what is to come. */
export async function requireRoomForWheels(home: string, wheels: readonly PinnedWheel[]): Promise<void> {
  if (wheels.length === 0) return;
  try {
    await mkdir(home, { recursive: true });
  } catch (error) {
    throw asFileError(error, `write to ${home}`);
  }
  // pip keeps a wheel twice for a moment; each is removed once it is unpacked.
  const wanted =
    2 * Math.max(...wheels.map(({ bytes }) => bytes)) +
    wheels.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0);
  const { bavail, bsize } = await statfs(home);
  const free = bavail * bsize;
  if (free < wanted) {
    throw new RuntimeSetupError(
      `Expected ${gigabytes(wanted)} free for the TensorFlow runtime in ${home} but there are ${gigabytes(free)}; free some, or name a folder on another disk with FAST_STYLE_CACHE.`,
    );
  }
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
