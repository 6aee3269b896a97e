/**
 * Makes `@tensorflow/tfjs-node-gpu` load the binding that `fast-style setup` prepared. Imported for its effect, before
 * tfjs-node itself.
 *
 * Experts: `FAST_STYLE_BINDING` names another tfjs_binding.node, which is then used unchecked.
 */
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { expected, RuntimeSetupError } from '../../system/errors.ts';
import { ownCommand } from '../../system/own-command.ts';
import { whileLoading } from './explain-loading.ts';
import { fromManifestPath, manifestFault, readManifest, runtimeFolder, setupAgain } from './manifest.ts';
import { loadQuietly } from './quiet-load.ts';

/** @throws {RuntimeSetupError} nothing is set up, or what is there does not fit. */
function findBinding(): string {
  const own = process.env.FAST_STYLE_BINDING;
  if (own) {
    requireAddon(own);
    return resolve(own);
  }
  const folder = runtimeFolder();
  const manifest = readManifest(folder);
  if (!manifest)
    throw new RuntimeSetupError(`The TensorFlow runtime is not set up; run: ${ownCommand('setup')}`);
  const fault = manifestFault(folder, manifest);
  if (fault !== undefined) {
    throw new RuntimeSetupError(
      `The TensorFlow runtime cannot be used: ${fault}; run: ${ownCommand(setupAgain(manifest))}`,
    );
  }
  return fromManifestPath(folder, manifest.binding);
}

/** Of another name Node would run it as JavaScript. @throws {RuntimeSetupError} it is none. */
function requireAddon(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() && path.endsWith('.node')) return;
  throw new RuntimeSetupError(
    expected(
      'a file called .node in FAST_STYLE_BINDING',
      found === undefined ? `${path}, which does not exist` : path,
      `unset it, and run: ${ownCommand('setup')}`,
    ),
  );
}

/** tfjs-node asks node-pre-gyp where its binding lies; the answer is ours. */
function answerForLocator(binding: string): void {
  const require = createRequire(createRequire(import.meta.url).resolve('#tfjs-node'));
  const locator = require.resolve('@mapbox/node-pre-gyp');
  require.cache[locator] = {
    id: locator,
    filename: locator,
    loaded: true,
    exports: { find: () => binding },
  } as unknown as NodeJS.Module;
}

/** Node 23 removed functions of `util` that tfjs-node 4.22 calls, Node 22 warns of them. */
function restoreUtil(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  util.isArray = Array.isArray;
}

/** The binding that tfjs-node will load. */
export const binding = findBinding();
// Without this TensorFlow takes a GPU's whole memory at once; on a CPU it changes nothing.
process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
whileLoading(binding, () => loadQuietly(binding));
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
answerForLocator(binding);
restoreUtil();
