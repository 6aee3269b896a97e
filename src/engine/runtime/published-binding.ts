import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { RuntimeSetupError } from '../../system/errors.ts';
import { sha256OfFile } from '../../system/file-digest.ts';
import { ownCommand } from '../../system/own-command.ts';
import { installCommand } from './find-tools.ts';
import { bindingPackage } from './manifest.ts';
import type { Variant } from './pinned-wheels.ts';
import { runProgram } from './run-program.ts';
import type { UnpackedFile } from './zip-archive.ts';

export interface PublishedBinding {
  readonly binding: string;
  readonly files: readonly UnpackedFile[];
}

/**
 * The way left where there is no wheel for the platform, no pip or no compiler: tfjs-node's own installer, which
 * fetches an older libtensorflow and a binding compiled for it into the npm package's folder.
 *
 * @param missing which tools are missing, so that the error can name what to install.
 * @throws {RuntimeSetupError} it fails too.
 */
export async function installPublishedBinding(
  variant: Variant,
  missing: { pip?: boolean; compiler?: boolean },
): Promise<PublishedBinding> {
  const { folder } = bindingPackage();
  const packageFile = join(folder, 'package.json');
  const packageText = await readFile(packageFile);
  // Its installer calls node-pre-gyp by name.
  const preGyp = createRequire(packageFile).resolve('@mapbox/node-pre-gyp/package.json');
  const bin = join(dirname(dirname(dirname(preGyp))), '.bin');
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
    npm_config_ignore_scripts: 'false',
  };
  const result = await runProgram(process.execPath, [join('scripts', 'install.js'), variant, 'download'], {
    cwd: folder,
    env,
  });
  // The installer rewrites its package.json while it works and leaves it so when it fails.
  await writeFile(packageFile, packageText);

  const binding = await findBinding(folder);
  if (result.code !== 0 || binding === undefined) throw failed(missing, result.stderr + result.stdout);
  const libraries = join(folder, 'deps', 'lib');
  const names = existsSync(libraries) ? await readdir(libraries) : [];
  const paths = [binding, ...names.map((name) => join(libraries, name))];
  return { binding, files: await Promise.all(paths.map(describe)) };
}

async function findBinding(folder: string): Promise<string | undefined> {
  const lib = join(folder, 'lib');
  const names = existsSync(lib) ? await readdir(lib) : [];
  return names.map((name) => join(lib, name, 'tfjs_binding.node')).find((path) => existsSync(path));
}

/** A file's place, size and SHA-256, as a manifest keeps them. */
export async function describe(path: string): Promise<UnpackedFile> {
  return { path, bytes: (await stat(path)).size, sha256: await sha256OfFile(path) };
}

function failed(missing: { pip?: boolean; compiler?: boolean }, output: string): RuntimeSetupError {
  const names = [...(missing.pip ? ['pip'] : []), ...(missing.compiler ? ['a C++ compiler'] : [])];
  const cause = new Error(output);
  if (names.length === 0) {
    return new RuntimeSetupError(
      `There is no TensorFlow wheel for ${process.platform} ${process.arch}, and tfjs-node's own installer failed: ${lastLine(output)} Use Linux (x86-64, arm64) or macOS (arm64), on Windows WSL2.`,
      { cause },
    );
  }
  return new RuntimeSetupError(
    `Expected pip and a C++ compiler but ${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} missing, and tfjs-node's own installer failed; run: ${installCommand(missing)} && ${ownCommand('setup')}`,
    { cause },
  );
}

function lastLine(output: string): string {
  const line =
    output
      .trim()
      .split('\n')
      .findLast((text) => /error/i.test(text)) ?? '';
  return line.trim();
}
