/** fast-style as another project has it: packed, and installed by npm into an empty folder. */
import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '../../src/system/cache-folder.ts';

export const runProgram = promisify(execFile);
export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface PackedPackage {
  readonly tarball: string;
  readonly bytes: number;
  readonly unpackedBytes: number;
  readonly files: readonly string[];
  /** Its package.json. */
  readonly manifest: { readonly dependencies: Readonly<Record<string, string>> };
}

/** An environment in which nothing is left of whoever runs the tests, but TensorFlow. */
export function bareEnvironment(home: string): NodeJS.ProcessEnv {
  const { PATH, FAST_STYLE_BINDING } = process.env;
  return {
    PATH,
    HOME: home,
    FAST_STYLE_CACHE: cacheFolder(),
    ...(FAST_STYLE_BINDING === undefined ? {} : { FAST_STYLE_BINDING }),
    npm_config_cache: join(home, 'npm'),
    npm_config_update_notifier: 'false',
  };
}

/** Lays out what `npm run pack` packs, in a new folder in `folder`. @param source a copy of this repository. Answers the new folder. */
export async function staged(folder: string, source = root): Promise<string> {
  const stage = await mkdtemp(join(folder, 'stage-'));
  const args = [join(root, 'scripts/stage-package.mjs'), source, stage];
  await runProgram(process.execPath, args, { env: bareEnvironment(folder) });
  return stage;
}

/** What `npm run pack` packs once it has built, into `folder`. */
export async function packed(folder: string): Promise<PackedPackage> {
  const stage = await staged(folder);
  const env = bareEnvironment(folder);
  const args = ['pack', stage, '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await runProgram('npm', args, { cwd: folder, env });
  const [report] = JSON.parse(stdout) as {
    filename: string;
    size: number;
    unpackedSize: number;
    files: { path: string }[];
  }[];
  const { filename, size, unpackedSize, files } = report!;
  return {
    tarball: join(folder, filename),
    bytes: size,
    unpackedBytes: unpackedSize,
    files: files.map(({ path }) => path),
    manifest: JSON.parse(await readFile(join(stage, 'package.json'), 'utf8')),
  };
}

/** What it depends on, as it lies in this repository's own node_modules. */
function localDependencies({ manifest }: PackedPackage): Record<string, string> {
  const local = (name: string) => `file:${realpathSync(join(root, 'node_modules', name))}`;
  return Object.fromEntries(Object.keys(manifest.dependencies).map((name) => [name, local(name)]));
}

const INSTALL = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'];

/**
 * Installs the tarball with npm into `folder`, without a registry: what the package depends on is taken
 * from this repository's own node_modules, each dependency by its name. One that its package.json does not list is not
 * there.
 *
 * @param beside what else the project in `folder` depends on.
 */
export async function install(
  built: PackedPackage,
  folder: string,
  home: string,
  beside: Readonly<Record<string, string>> = {},
): Promise<void> {
  const overrides = { 'fast-style': localDependencies(built) };
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies: beside, overrides }),
  );
  await runProgram('npm', [...INSTALL, built.tarball], { cwd: folder, env: bareEnvironment(home) });
  await mkdir(join(folder, 'node_modules/@types'));
  await symlink(join(root, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'), 'junction');
}

/**
 * The same for everybody on a machine, below `prefix`. npm knows no `overrides` there: the tarball is packed again, with the
 * dependencies' places in it.
 */
export async function installGlobally(built: PackedPackage, prefix: string, home: string): Promise<void> {
  const env = bareEnvironment(home);
  const unpacked = await mkdtemp(join(home, 'unpacked-'));
  await runProgram('tar', ['-xzf', built.tarball, '-C', unpacked], { env });
  const manifest = { ...built.manifest, dependencies: localDependencies(built) };
  await writeFile(join(unpacked, 'package/package.json'), JSON.stringify(manifest));
  const repacked = await mkdtemp(join(home, 'repacked-'));
  // Not compressed: that takes longer than the installation.
  const tarball = join(repacked, 'fast-style.tar');
  await runProgram('tar', ['-cf', tarball, '-C', unpacked, 'package'], { env });
  await mkdir(prefix, { recursive: true });
  await runProgram('npm', [...INSTALL, '--global', '--prefix', prefix, tarball], { cwd: home, env });
}
