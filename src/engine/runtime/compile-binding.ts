import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { devNull } from 'node:os';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RuntimeSetupError } from '../../system/errors.ts';
import { installCommand, type Tool } from './find-tools.ts';
import { bindingPackage } from './manifest.ts';
import { runProgram } from './run-program.ts';

export interface CompiledBinding {
  /** tfjs-node's binding. */
  readonly binding: string;
  /** The addon that keeps TensorFlow's notices off the terminal. */
  readonly quiet: string;
}

/** The package's own C++; it is shipped as source, so it lies in src also for the built program. */
const ownSource = (name: string) =>
  fileURLToPath(new URL(`../../../src/engine/runtime/${name}`, import.meta.url));
const QUIET_SOURCE = ownSource('quiet.cc');
const SESSION_OPTIONS = ownSource('session-options.h');

/**
 * Compiles tfjs-node's binding against a TensorFlow library, and the addon that silences its notices. Does nothing if
 * just this has been compiled before.
 *
 * @param tensorflow folder with `include` and the two libraries, as in a wheel.
 * @param folder where the result goes, in a folder of its own per fingerprint of sources and options.
 * @throws {RuntimeSetupError} the compiler fails: its first error is named.
 */
export async function compileBinding(
  compiler: Tool,
  tensorflow: string,
  folder: string,
): Promise<CompiledBinding> {
  const bindingSources = join(bindingPackage().folder, 'binding');
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(bindingSources, name));
  const target = join(
    folder,
    `binding-${fingerprint(compiler, tensorflow, [...sources, QUIET_SOURCE, SESSION_OPTIONS])}`,
  );
  const compiled = { binding: join(target, 'tfjs_binding.node'), quiet: join(target, 'quiet.node') };
  if (existsSync(compiled.binding) && existsSync(compiled.quiet)) return compiled;

  // A folder of this process's own: a compiler whose set-up was killed may still be writing into the last one.
  for (const name of existsSync(folder) ? await readdir(folder) : []) {
    if (name.endsWith('.part')) await rm(join(folder, name), { recursive: true, force: true });
  }
  const staging = `${target}.${process.pid}.part`;
  await mkdir(staging, { recursive: true });
  const napi = createRequire(import.meta.url).resolve('node-api-headers/package.json');
  const common = [
    '-std=c++17',
    '-O2',
    '-shared',
    '-fPIC',
    '-DNAPI_VERSION=8',
    `-I${join(dirname(napi), 'include')}`,
  ];
  if (process.platform === 'darwin') common.push('-undefined', 'dynamic_lookup');
  const bindingArguments = [
    ...common,
    `-I${join(tensorflow, 'include')}`,
    `-I${bindingPackage().folder}`,
    ...['-include', SESSION_OPTIONS],
    ...sources,
    '-o',
    join(staging, 'tfjs_binding.node'),
    ...(await linkArguments(compiler, tensorflow, staging)),
    `-Wl,-rpath,${runPath(target, tensorflow)}`,
  ];
  const quietArguments = [...common, QUIET_SOURCE, '-o', join(staging, 'quiet.node')];
  if (process.platform === 'linux') quietArguments.push('-ldl');
  await Promise.all([compile(compiler, bindingArguments), compile(compiler, quietArguments)]);
  await rm(join(staging, 'stubs'), { recursive: true, force: true });
  await rm(target, { recursive: true, force: true });
  await rename(staging, target);
  return compiled;
}

/** The two libraries' file names in a TensorFlow folder. */
export function libraryNames(platform: NodeJS.Platform = process.platform): readonly string[] {
  return ['cc', 'framework'].map((part) =>
    platform === 'darwin' ? `libtensorflow_${part}.2.dylib` : `libtensorflow_${part}.so.2`,
  );
}

/**
 * How the binding is linked to the two libraries. On Linux it is linked to empty libraries of the same names, since a
 * linker takes many seconds to read the real ones (800 MB); the loader then finds the real ones, and `-z now` lets it
 * refuse at once if a symbol is not there.
 */
async function linkArguments(compiler: Tool, tensorflow: string, staging: string): Promise<string[]> {
  if (process.platform === 'darwin')
    return [`-L${tensorflow}`, '-ltensorflow_cc.2', '-ltensorflow_framework.2'];
  const stubs = join(staging, 'stubs');
  await mkdir(stubs);
  await Promise.all(
    libraryNames().map((name) =>
      compile(compiler, ['-shared', '-x', 'c++', devNull, `-Wl,-soname,${name}`, '-o', join(stubs, name)]),
    ),
  );
  return [`-L${stubs}`, '-Wl,--no-as-needed', ...libraryNames().map((name) => `-l:${name}`), '-Wl,-z,now'];
}

/** Where the loader looks for the libraries: seen from the binding if both lie together, so that a cache can be moved. */
function runPath(target: string, tensorflow: string): string {
  const way = relative(target, tensorflow);
  const together = !isAbsolute(way) && dirname(target) === dirname(tensorflow);
  const origin = process.platform === 'darwin' ? '@loader_path' : '$ORIGIN';
  return together ? `${origin}/${way}` : tensorflow;
}

async function compile(compiler: Tool, args: string[]): Promise<void> {
  const { code, stderr } = await runProgram(compiler.program, [...compiler.args, ...args]);
  if (code === 0) return;
  const lines = stderr.trim().split('\n');
  const reason = lines.find((line) => /error[: ]/i.test(line)) ?? lines.at(-1) ?? '';
  throw new RuntimeSetupError(
    `${compiler.program} could not compile the TensorFlow binding: ${reason.trim().replace(/\.$/, '')}. A C++17 compiler comes with: ${installCommand({ compiler: true })}`,
    { cause: new Error(stderr) },
  );
}

/** SHA-256 of our own C++ in the binding, by which set-up sees that a newer version of fast-style has other. */
export function ownSourcesDigest(): string {
  const hash = createHash('sha256');
  for (const path of [QUIET_SOURCE, SESSION_OPTIONS]) hash.update(readFileSync(path));
  return hash.digest('hex');
}

function fingerprint(compiler: Tool, tensorflow: string, sources: readonly string[]): string {
  const hash = createHash('sha256').update(compiler.version).update(tensorflow).update(process.platform);
  for (const path of sources) hash.update(readFileSync(path));
  return hash.digest('hex').slice(0, 12);
}
