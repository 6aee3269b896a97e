import { existsSync } from 'node:fs';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asFileError } from '../../atomic-file.ts';
import { RuntimeSetupError } from '../../errors.ts';
import { compileBinding, libraryNames } from './compile-binding.ts';
import { downloadWheel } from './download-wheel.ts';
import { findCompiler, findPip, findPython, hasNvidiaGpu, installCommand, type Tool } from './find-tools.ts';
import {
  bindingPackage,
  manifestFault,
  type RuntimeManifest,
  type RuntimeSource,
  readManifest,
  runtimeFolder,
  toManifestPath,
  writeManifest,
} from './manifest.ts';
import {
  type PinnedWheel,
  planWheels,
  platformName,
  TENSORFLOW_VERSION,
  type Variant,
} from './pinned-wheels.ts';
import { proveBinding } from './prove-binding.ts';
import { describe, installPublishedBinding } from './published-binding.ts';
import { findPythonTensorFlow, requireFitting } from './python-tensorflow.ts';
import { withLock } from './setup-lock.ts';
import { isLoaded, requireExtrasPlanned, unpackedFiles, unpackWheel } from './unpack-wheel.ts';
import type { UnpackedFile } from './zip-archive.ts';

export interface SetupOptions {
  /** True asks for the GPU runtime, false for the CPU's; undefined is content with either that is ready. */
  readonly gpu?: boolean | undefined;
  /** A Python whose TensorFlow is to be used. */
  readonly fromPython?: string | undefined;
  /** Sets up anew whatever is there. */
  readonly force?: boolean | undefined;
}

/** What set-up tells while it works. It prints nothing itself. */
export interface SetupReporter {
  /** A stage begins. */
  stage(title: string): void;
  /** Bytes of the present stage. */
  bytes(done: number, total: number): void;
  /** Something that the user should know. */
  note(text: string): void;
}

export interface SetupTools {
  readonly findPip: typeof findPip;
  readonly findCompiler: typeof findCompiler;
  readonly findPython: typeof findPython;
  readonly hasNvidiaGpu: typeof hasNvidiaGpu;
}

const SYSTEM_TOOLS: SetupTools = { findPip, findCompiler, findPython, hasNvidiaGpu };

/** A library that is in place, before the binding is compiled against it. */
interface Library {
  readonly source: RuntimeSource;
  readonly origin: string;
  readonly folder: string;
  readonly files: readonly UnpackedFile[];
}

/**
 * Prepares the TensorFlow runtime in the cache: fetches the pinned wheel, unpacks its libraries, compiles tfjs-node's
 * binding against them, lets it compute in a process of its own, and only then writes the manifest that makes it the
 * one in use. Every stage is skipped if it is done, and done anew if it was interrupted. At once when all is ready.
 *
 * An installed Python TensorFlow is used when `fromPython` names it, or unasked when `python3` has just the pinned
 * version: the library is the same and 274 MB need not be fetched.
 *
 * @param tools how the machine is looked at; for tests.
 * @throws {RuntimeSetupError} a stage fails: its message says why and what to do.
 */
export async function setUpRuntime(
  options: SetupOptions,
  reporter: SetupReporter,
  tools: SetupTools = SYSTEM_TOOLS,
): Promise<RuntimeManifest> {
  const folder = runtimeFolder();
  const ready = readyRuntime(folder, options);
  if (ready) return ready;
  const lock = join(folder, 'setup.lock');
  const onWait = (holder?: { pid: number }) =>
    reporter.note(`Another set-up is at work${holder ? ` (process ${holder.pid})` : ''}; waiting for it.`);
  return withLock(
    lock,
    async () => readyRuntime(folder, options) ?? build(folder, options, reporter, tools),
    onWait,
  );
}

/** The runtime in use, if it is whole and what `options` ask for. */
function readyRuntime(folder: string, { gpu, fromPython, force }: SetupOptions): RuntimeManifest | undefined {
  if (force || fromPython !== undefined) return undefined;
  const manifest = readManifest(folder);
  if (!manifest || manifestFault(folder, manifest) !== undefined) return undefined;
  if (gpu !== undefined && manifest.variant !== (gpu ? 'gpu' : 'cpu')) return undefined;
  const outdated = manifest.source === 'wheel' && manifest.tensorflow !== TENSORFLOW_VERSION;
  return outdated ? undefined : manifest;
}

async function build(
  folder: string,
  options: SetupOptions,
  reporter: SetupReporter,
  tools: SetupTools,
): Promise<RuntimeManifest> {
  const variant = await chooseVariant(options, reporter, tools);
  if (options.gpu && variant === 'cpu') {
    const ready = readyRuntime(folder, { ...options, gpu: false });
    if (ready) return ready;
  }
  const compiler = await tools.findCompiler();
  const library = compiler && (await obtainLibrary(folder, variant, options, reporter, tools));
  if (!compiler || !library) {
    if (options.fromPython !== undefined) {
      throw new RuntimeSetupError(`There is no C++ compiler; run: ${installCommand({ compiler: true })}`);
    }
    return publish(folder, variant, reporter, {
      pip: planWheels(variant) !== undefined && !(await tools.findPip()),
      compiler: planWheels(variant) !== undefined && !compiler,
    });
  }

  reporter.stage('Compiling the binding');
  const home = library.source === 'wheel' ? dirname(library.folder) : join(folder, 'python');
  const { binding, quiet } = await compileBinding(compiler, library.folder, home);
  reporter.stage('Trying it');
  const proven = await proveBinding(binding);
  if (variant === 'gpu' && !proven.gpu) {
    reporter.note('TensorFlow sees no GPU (is the NVIDIA driver 525 or newer?); it will run on the CPU.');
  }
  const own = await Promise.all([binding, quiet].map(describe));
  const manifest: RuntimeManifest = {
    format: 1,
    tensorflow: proven.tensorflow,
    source: library.source,
    origin: library.origin,
    variant: library.source === 'python' ? (proven.gpu ? 'gpu' : 'cpu') : variant,
    platform: platformName(),
    bindingPackage: bindingPackage().version,
    binding: toManifestPath(folder, binding),
    files: [...own, ...library.files].map((file) => ({ ...file, path: toManifestPath(folder, file.path) })),
  };
  await writeManifest(folder, manifest);
  return manifest;
}

async function chooseVariant(
  { gpu }: SetupOptions,
  reporter: SetupReporter,
  tools: SetupTools,
): Promise<Variant> {
  if (!gpu) return 'cpu';
  if (!planWheels('gpu')) {
    reporter.note(`TensorFlow has no GPU runtime for ${platformName()}; setting up the one for the CPU.`);
    return 'cpu';
  }
  if (await tools.hasNvidiaGpu()) return 'gpu';
  reporter.note('There is no NVIDIA GPU with a driver on this machine; setting up the runtime for the CPU.');
  return 'cpu';
}

/** A library to compile against, or undefined where only tfjs-node's own installer is left. */
async function obtainLibrary(
  folder: string,
  variant: Variant,
  options: SetupOptions,
  reporter: SetupReporter,
  tools: SetupTools,
): Promise<Library | undefined> {
  const installed = await findInstalled(variant, options, tools);
  if (installed) {
    reporter.note(`Using the TensorFlow ${installed.version} of ${installed.folder}.`);
    const files = await Promise.all(libraryNames().map((name) => describe(join(installed.folder, name))));
    return { source: 'python', origin: installed.folder, folder: installed.folder, files };
  }
  const wheels = planWheels(variant);
  if (!wheels) return undefined;
  const home = join(folder, `${TENSORFLOW_VERSION}-${variant}-${platformName()}`);
  if (options.force) await rm(home, { recursive: true, force: true });
  const pip = await tools.findPip();
  const todo = wheels.filter((wheel) => !unpackedFiles(wheel, home));
  if (todo.length > 0 && !pip) return undefined;
  if (pip) await fetchWheels(pip, todo, wheels, home, reporter);
  const files = wheels
    .flatMap((wheel) => unpackedFiles(wheel, home) ?? [])
    .filter(({ path }) => isLoaded(path));
  return {
    source: 'wheel',
    origin: `${wheels[0]?.project} ${TENSORFLOW_VERSION} from the Python package index`,
    folder: join(home, 'tensorflow'),
    files: files.map((file) => ({ ...file, path: join(home, file.path) })),
  };
}

async function findInstalled(variant: Variant, { fromPython, force, gpu }: SetupOptions, tools: SetupTools) {
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
): Promise<void> {
  const downloads = join(home, 'downloads');
  await requireRoom(home, todo);
  for (const wheel of todo) {
    const name = `${wheel.project} ${wheel.version}`;
    reporter.stage(`Fetching ${name}`);
    const path = await downloadWheel(pip, wheel, downloads, (bytes) => reporter.bytes(bytes, wheel.bytes));
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
async function requireRoom(home: string, wheels: readonly PinnedWheel[]): Promise<void> {
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

async function publish(
  folder: string,
  variant: Variant,
  reporter: SetupReporter,
  missing: { pip: boolean; compiler: boolean },
): Promise<RuntimeManifest> {
  reporter.stage("Trying tfjs-node's own installer");
  const { binding, files } = await installPublishedBinding(variant, missing);
  const proven = await proveBinding(binding);
  const { version } = bindingPackage();
  const manifest: RuntimeManifest = {
    format: 1,
    tensorflow: proven.tensorflow,
    source: 'published',
    origin: `the installer of @tensorflow/tfjs-node-gpu ${version}`,
    variant,
    platform: platformName(),
    bindingPackage: version,
    binding: toManifestPath(folder, binding),
    files: files.map((file) => ({ ...file, path: toManifestPath(folder, file.path) })),
  };
  await mkdir(folder, { recursive: true });
  await writeManifest(folder, manifest);
  return manifest;
}
