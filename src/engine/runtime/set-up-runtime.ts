import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RuntimeSetupError } from '../../system/errors.ts';
import { whileLocked } from '../../system/lock-file.ts';
import { ownCommand } from '../../system/own-command.ts';
import { compileBinding, ownSourcesDigest } from './compile-binding.ts';
import { installCommand } from './find-tools.ts';
import {
  bindingPackage,
  manifestFault,
  type RuntimeManifest,
  readManifest,
  runtimeFolder,
  toManifestPath,
  writeManifest,
} from './manifest.ts';
import { obtainLibrary } from './obtain-library.ts';
import { planWheels, platformName, TENSORFLOW_VERSION, type Variant } from './pinned-wheels.ts';
import { proveBinding } from './prove-binding.ts';
import { describe } from './published-binding.ts';
import {
  type RuntimeSetupOptions,
  requireSupported,
  type SetupReporter,
  type SetupTools,
  SYSTEM_TOOLS,
} from './setup-options.ts';

/**
 * Prepares the TensorFlow runtime in the cache: fetches the pinned wheel, unpacks its libraries, compiles tfjs-node's
 * binding against them, lets it compute in a process of its own, and only then writes the manifest that makes it the
 * one in use. Every stage is skipped if it is done, and done again if it was interrupted. At once when all is ready.
 *
 * An installed Python TensorFlow is used when `fromPython` names it, or unasked when `python3` has just the pinned
 * version: the library is the same and 274 MB need not be fetched.
 *
 * @param tools how the machine is looked at; for tests.
 * @throws {RuntimeSetupError} a stage fails: its message says why and what to do. The signal's reason, where it is aborted.
 */
export async function setUpRuntime(
  options: RuntimeSetupOptions,
  reporter: SetupReporter,
  tools: SetupTools = SYSTEM_TOOLS,
): Promise<RuntimeManifest> {
  const folder = runtimeFolder();
  const ready = currentRuntime(folder, options);
  if (ready) return ready;
  requireSupported(tools.thisMachine(), options.fromPython !== undefined);
  await reporter.begin?.();
  const lock = join(folder, 'setup.lock');
  const onWait = (holder?: { pid: number }) =>
    reporter.note(`Another set-up is running${holder ? ` (process ${holder.pid})` : ''}; waiting for it.`);
  return whileLocked(
    lock,
    async () => currentRuntime(folder, options) ?? build(folder, options, reporter, tools),
    onWait,
    undefined,
    options.signal,
  );
}

/** The runtime in use, if it is whole and what `options` ask for. */
function readyRuntime(
  folder: string,
  { gpu, fromPython, force, cudaAtHand }: RuntimeSetupOptions,
): RuntimeManifest | undefined {
  if (force || fromPython !== undefined) return undefined;
  const manifest = readManifest(folder);
  if (!manifest || manifestFault(folder, manifest) !== undefined) return undefined;
  if (gpu !== undefined && manifest.variant !== (gpu ? 'gpu' : 'cpu')) return undefined;
  if (cudaAtHand === false && manifest.cuda) return undefined;
  const outdated = manifest.source === 'wheel' && manifest.tensorflow !== TENSORFLOW_VERSION;
  return outdated ? undefined : manifest;
}

/** The same, if its binding has our own C++ as it is now. Over an installed Python's library, only `--from-python` makes it again. */
function currentRuntime(folder: string, options: RuntimeSetupOptions): RuntimeManifest | undefined {
  const ready = readyRuntime(folder, options);
  const isCurrent = ready?.source !== 'wheel' || ready.ownSources === ownSourcesDigest();
  return isCurrent ? ready : undefined;
}

async function build(
  folder: string,
  options: RuntimeSetupOptions,
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
    const older = readyRuntime(folder, options); // of an earlier version's C++, which works as well
    if (older) return older;
    if (options.fromPython !== undefined) {
      throw new RuntimeSetupError(`There is no C++ compiler; run: ${installCommand({ compiler: true })}`);
    }
    return publish(folder, variant, reporter, tools, {
      pip: planWheels(variant) !== undefined && !(await tools.findPip()),
      compiler: planWheels(variant) !== undefined && !compiler,
    });
  }

  reporter.stage('Compiling the binding');
  const home = library.source === 'wheel' ? dirname(library.folder) : join(folder, 'python');
  const { binding, quiet } = await compileBinding(compiler, library.folder, home);
  reporter.stage('Trying it');
  const proven = await proveBinding(binding);
  if (variant === 'gpu' && !proven.gpu && !options.withoutDevice) {
    const remedy = library.cuda
      ? `; CUDA from wheels may help: ${ownCommand('setup --gpu --no-cuda-at-hand')}`
      : '';
    reporter.note(
      `TensorFlow sees no GPU (is the NVIDIA driver 525 or newer?); it will run on the CPU${remedy}.`,
    );
  }
  const own = await Promise.all([binding, quiet].map(describe));
  const inside = <T extends { readonly path: string }>(file: T) => ({
    ...file,
    path: toManifestPath(folder, file.path),
  });
  const manifest: RuntimeManifest = {
    format: 1,
    tensorflow: proven.tensorflow,
    source: library.source,
    origin: library.origin,
    variant: library.source === 'python' ? (proven.gpu ? 'gpu' : 'cpu') : variant,
    platform: platformName(),
    bindingPackage: bindingPackage().version,
    ownSources: ownSourcesDigest(),
    binding: toManifestPath(folder, binding),
    files: [...own, ...library.files].map(inside),
    ...(library.cuda && { cuda: { ...library.cuda, libraries: library.cuda.libraries.map(inside) } }),
  };
  await writeManifest(folder, manifest);
  await removeOtherReleases(folder);
  return manifest;
}

/** Removes what set-up had made with another release of TensorFlow: each takes a gigabyte. */
async function removeOtherReleases(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const release = /^(\d+\.\d+\.\d+)-(?:cpu|gpu)-/.exec(name)?.[1];
    if (release !== undefined && release !== TENSORFLOW_VERSION) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

async function chooseVariant(
  { gpu, withoutDevice }: RuntimeSetupOptions,
  reporter: SetupReporter,
  tools: SetupTools,
): Promise<Variant> {
  if (!gpu) return 'cpu';
  if (!planWheels('gpu')) {
    reporter.note(`TensorFlow has no GPU runtime for ${platformName()}; setting up the one for the CPU.`);
    return 'cpu';
  }
  if (withoutDevice || (await tools.hasNvidiaGpu())) return 'gpu';
  reporter.note('There is no NVIDIA GPU with a driver on this machine; setting up the runtime for the CPU.');
  return 'cpu';
}

async function publish(
  folder: string,
  variant: Variant,
  reporter: SetupReporter,
  tools: SetupTools,
  missing: { pip: boolean; compiler: boolean },
): Promise<RuntimeManifest> {
  reporter.stage("Trying tfjs-node's own installer");
  const { binding, files } = await tools.installPublishedBinding(variant, missing);
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
