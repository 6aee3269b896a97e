import { existsSync } from 'node:fs';
import { sha256OfFile } from '../../system/file-digest.ts';
import {
  cudaFault,
  fromManifestPath,
  manifestFault,
  type RuntimeManifest,
  type RuntimeSource,
  readManifest,
  runtimeFolder,
  setupAgain,
} from './manifest.ts';
import { proveBinding } from './prove-binding.ts';

/** What there is to say of the TensorFlow runtime of this machine. */
export interface RuntimeState {
  /** What keeps it from being used; undefined if it runs. */
  readonly fault?: string;
  /** The call of fast-style that mends it, where one can. */
  readonly repair?: string;
  readonly tensorflow?: string;
  readonly source?: RuntimeSource | 'override';
  readonly origin?: string;
  readonly device?: 'CPU' | 'GPU';
  /** Number of files whose checksum was compared; 0 where only sizes were. */
  readonly filesHashed: number;
  readonly files: number;
}

/**
 * Looks at the runtime that set-up prepared (or FAST_STYLE_BINDING names) and lets it compute in a process of its own.
 *
 * @param full compares the SHA-256 of every file, which reads about a gigabyte; otherwise sizes are compared.
 */
export async function examineRuntime(full: boolean): Promise<RuntimeState> {
  const override = process.env.FAST_STYLE_BINDING;
  if (override) {
    const origin = `FAST_STYLE_BINDING (${override})`;
    if (!existsSync(override)) {
      return {
        fault: `FAST_STYLE_BINDING names ${override}, which does not exist`,
        filesHashed: 0,
        files: 0,
      };
    }
    return { source: 'override', origin, filesHashed: 0, files: 1, ...(await prove(override)) };
  }
  const folder = runtimeFolder();
  const manifest = readManifest(folder);
  if (!manifest)
    return { fault: `it is not set up (none in ${folder})`, repair: 'setup', filesHashed: 0, files: 0 };
  const { source, origin } = manifest;
  const known = { source, origin, files: manifest.files.length };
  const gone = cudaFault(folder, manifest);
  if (gone !== undefined) return { ...known, fault: gone, repair: setupAgain(manifest), filesHashed: 0 };
  const fault = manifestFault(folder, manifest) ?? (full ? await checksumFault(folder, manifest) : undefined);
  const repair = setupAgain(manifest, true);
  if (fault !== undefined) return { ...known, fault, repair, filesHashed: 0 };
  const proven = await prove(fromManifestPath(folder, manifest.binding));
  return { ...known, ...proven, repair, filesHashed: full ? manifest.files.length : 0 };
}

async function prove(binding: string): Promise<Pick<RuntimeState, 'fault' | 'tensorflow' | 'device'>> {
  try {
    const { tensorflow, gpu } = await proveBinding(binding);
    return { tensorflow, device: gpu ? 'GPU' : 'CPU' };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

async function checksumFault(folder: string, { files }: RuntimeManifest): Promise<string | undefined> {
  for (const { path, sha256 } of files) {
    const file = fromManifestPath(folder, path);
    const found = await sha256OfFile(file);
    if (found !== sha256) return `${file} has changed: its SHA-256 is ${found} instead of ${sha256}`;
  }
  return undefined;
}
