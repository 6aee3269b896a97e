import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseJson } from '../../system/json-text.ts';
import type { Tool } from './find-tools.ts';
import { runProgram } from './run-program.ts';

/** Folders with CUDA's libraries that belong together. */
export interface CudaPlace {
  /** For people: whose it is, and where. */
  readonly owner: string;
  readonly folders: readonly string[];
  /** Not NVIDIA's wheels: what it lacks, another toolkit's folder may have. */
  readonly isToolkit: boolean;
}

// Asks without importing PyTorch, which would take seconds.
const QUESTION = `
import importlib.metadata, importlib.util, json
spec = importlib.util.find_spec('nvidia')
try:
    torch = importlib.metadata.version('torch')
except importlib.metadata.PackageNotFoundError:
    torch = None
print(json.dumps({'torch': torch, 'folders': list(spec.submodule_search_locations or []) if spec else []}))
`;

/**
 * Where CUDA's libraries may lie on this Linux, the likeliest first: NVIDIA's wheels in Python's site-packages, which an installed PyTorch
 * brings, then toolkits. Only folders that exist, each once.
 *
 * @param root of the file system; for tests.
 */
export async function cudaPlaces(
  python: Tool | undefined,
  environment: NodeJS.ProcessEnv = process.env,
  root = '/',
): Promise<readonly CudaPlace[]> {
  const places = [...(python ? await placesOfPython(python) : []), ...placesOfToolkits(environment, root)];
  const seen = new Set<string>();
  return places.flatMap(({ folders, ...place }) => {
    const fresh = folders.filter((folder) => existsSync(folder) && !seen.has(realpathSync(folder)));
    for (const folder of fresh) seen.add(realpathSync(folder));
    return fresh.length > 0 ? [{ ...place, folders: fresh }] : [];
  });
}

/** The wheels of CUDA 13 share `nvidia/cu13/lib`; those of CUDA 12, and cuDNN and NCCL for either, have a folder each. */
async function placesOfPython({ program, args }: Tool): Promise<readonly CudaPlace[]> {
  const { code, stdout } = await runProgram(program, [...args, '-c', QUESTION]);
  if (code !== 0) return [];
  const { torch, folders } = parseJson(stdout) as { torch: string | null; folders: readonly string[] };
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => {
      const owner = `${torch === null ? "NVIDIA's wheels" : `PyTorch ${torch}`} in ${dirname(folder)}`;
      const parts = readdirSync(folder).sort();
      const isShared = (part: string) => /^cu\d+$/.test(part);
      return [parts.filter((part) => !isShared(part)), ...parts.filter(isShared).map((part) => [part])].map(
        (group) => ({ owner, folders: group.map((part) => join(folder, part, 'lib')), isToolkit: false }),
      );
    });
}

function placesOfToolkits(
  { CUDA_HOME, CUDA_PATH, LD_LIBRARY_PATH }: NodeJS.ProcessEnv,
  root: string,
): readonly CudaPlace[] {
  const local = join(root, 'usr/local');
  const installed = (existsSync(local) ? readdirSync(local) : [])
    .filter((name) => /^cuda(-\d+(\.\d+)*)?$/.test(name))
    .sort()
    .map((name) => join(local, name));
  const folders = [
    ...[CUDA_HOME, CUDA_PATH, ...installed].filter(Boolean).map((home) => join(home!, 'lib64')),
    ...(LD_LIBRARY_PATH ?? '').split(':').filter(Boolean),
    join(root, 'usr/lib/x86_64-linux-gnu'),
  ];
  return folders.map((folder) => ({ owner: `the toolkit in ${folder}`, folders: [folder], isToolkit: true }));
}
