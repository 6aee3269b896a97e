import { lstatSync, statSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseJson } from '../../system/json-text.ts';
import { CUDA_PARTS, companionsOf, type InstalledCuda } from './find-cuda.ts';
import type { Tool } from './find-tools.ts';
import type { LinkedLibrary } from './manifest.ts';
import { runProgram } from './run-program.ts';

/** The folder with all links. The loader takes a library's folder to be that of the link, so what libraries load from beside them is here too. */
const linksFolder = (home: string) => join(home, 'cuda');

/**
 * Links a CUDA's libraries into a runtime's folder, where TensorFlow's libraries look for those of wheels: `nvidia/<part>/lib`, which are
 * links to one folder.
 */
export async function linkCuda(home: string, cuda: InstalledCuda): Promise<readonly LinkedLibrary[]> {
  await unlinkCuda(home);
  const folder = linksFolder(home);
  await mkdir(folder, { recursive: true });
  const targets = new Map<string, string>();
  for (const library of cuda.libraries) {
    for (const companion of companionsOf(library)) targets.set(basename(companion), companion);
  }
  for (const { name, file } of cuda.libraries) targets.set(name, file);
  for (const [name, target] of targets) await symlink(target, join(folder, name));
  for (const part of new Set(cuda.libraries.map((library) => library.part))) {
    await rm(join(home, 'nvidia', part), { recursive: true, force: true });
    await mkdir(join(home, 'nvidia', part), { recursive: true });
    await symlink(join('..', '..', 'cuda'), join(home, 'nvidia', part, 'lib'));
  }
  return [...targets].map(([name, target]) => ({
    path: join(folder, name),
    target,
    bytes: statSync(target).size,
  }));
}

/** Takes the links out, so that wheels can be unpacked there. */
export async function unlinkCuda(home: string): Promise<void> {
  await rm(linksFolder(home), { recursive: true, force: true });
  for (const part of CUDA_PARTS) {
    const lib = join(home, 'nvidia', part, 'lib');
    if (lstatSync(lib, { throwIfNoEntry: false })?.isSymbolicLink()) await rm(lib);
  }
}

/**
 * The oldest that TensorFlow 2.21 runs with, by its wheel's own word (`Requires-Dist`): TensorFlow refuses an older cuDNN at the first
 * convolution. NCCL joins several GPUs; we use one.
 */
const OLDEST = {
  'libcudnn.so.9': { ask: 'cudnnGetVersion', version: 90300, called: 'cuDNN 9.3' },
  'libcublasLt.so.12': { ask: 'cublasLtGetVersion', version: 120503, called: 'cuBLAS 12.5.3' },
} as const;

const TRIAL = `
import ctypes, json, sys
folder, names, asked = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
found = {}
for name in names:
    try:
        library = ctypes.CDLL(folder + '/' + name)
        found[name] = getattr(library, asked[name]['ask'])() if name in asked else 0
    except (OSError, AttributeError) as error:
        print(json.dumps({'fault': str(error)}))
        sys.exit()
print(json.dumps({'found': found}))
`;

/**
 * Lets Python load the linked libraries, which needs no GPU, and asks them how old they are.
 *
 * @returns why they will not do, for people; undefined if they will.
 */
export async function linkedFault(
  { program, args }: Tool,
  home: string,
  { owner, libraries }: InstalledCuda,
): Promise<string | undefined> {
  const names = libraries.map(({ name }) => name);
  const trial = [linksFolder(home), JSON.stringify(names), JSON.stringify(OLDEST)];
  // What is only found by this shell's variable would not be found by another's.
  const env = { ...process.env, LD_LIBRARY_PATH: undefined };
  const { code, stdout, stderr } = await runProgram(program, [...args, '-c', TRIAL, ...trial], { env });
  if (code !== 0)
    return `the libraries of ${owner} could not be tried: ${stderr.trim().split('\n').at(-1) ?? ''}`;
  const { fault, found } = parseJson(stdout) as { fault?: string; found?: Record<string, number> };
  if (fault !== undefined) return `a library of ${owner} does not load: ${fault}`;
  for (const [name, { version, called }] of Object.entries(OLDEST)) {
    const has = found?.[name];
    if (has !== undefined && has < version)
      return `${called} or newer is needed, and ${owner} has ${name} ${has}`;
  }
  return undefined;
}
