/** The CUDA of an installed PyTorch or toolkit: real folders, real links, and libraries that a compiler makes, which the loader loads. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { type CudaPlace, cudaPlaces } from '../../../src/engine/runtime/cuda-places.ts';
import { findCuda } from '../../../src/engine/runtime/find-cuda.ts';
import { findCompiler, findPython } from '../../../src/engine/runtime/find-tools.ts';
import { linkCuda, linkedFault, unlinkCuda } from '../../../src/engine/runtime/link-cuda.ts';
import { cudaFault, manifestFault, setupAgain } from '../../../src/engine/runtime/manifest.ts';
import { obtainLibrary } from '../../../src/engine/runtime/obtain-library.ts';
import { planWheels, TENSORFLOW_VERSION } from '../../../src/engine/runtime/pinned-wheels.ts';
import {
  type RuntimeSetupOptions,
  type SetupTools,
  SYSTEM_TOOLS,
} from '../../../src/engine/runtime/setup-options.ts';
import { unpackedFiles, unpackWheel } from '../../../src/engine/runtime/unpack-wheel.ts';
import { runtimeManifest } from '../../helpers/runtime-manifest.ts';
import { sharedFolder, temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeZipFile } from '../../helpers/zip-file.ts';

const compiler = await findCompiler();
const python = await findPython();
const skip =
  (process.platform !== 'linux' || process.arch !== 'x64' || !compiler || !python) &&
  'takes Linux x86-64, a C++ compiler and a Python';

/** Files of the wheels, as `unzip -l` lists them: of CUDA 12.9 (nvidia-cublas-cu12 …) and of 13.5 (nvidia-cublas, nvidia-cudnn-cu13 …). */
const WHEELS_OF_12 = [
  'cublas/lib/libcublas.so.12',
  'cublas/lib/libcublasLt.so.12',
  'cuda_nvrtc/lib/libnvrtc-builtins.so.12.9',
  'cuda_nvrtc/lib/libnvrtc.so.12',
  'cuda_runtime/lib/libcudart.so.12',
  'cufft/lib/libcufft.so.11',
  'cusolver/lib/libcusolver.so.11',
  'cusparse/lib/libcusparse.so.12',
  'nvjitlink/lib/libnvJitLink.so.12',
];
const WHEELS_OF_13 = [
  'cu13/lib/libcublas.so.13',
  'cu13/lib/libcublasLt.so.13',
  'cu13/lib/libcudart.so.13',
  'cu13/lib/libcufft.so.12',
  'cu13/lib/libcusolver.so.12',
  'cu13/lib/libcusparse.so.12',
  'cu13/lib/libnvJitLink.so.13',
  'cu13/lib/libnvrtc-builtins.so.13.5',
  'cu13/lib/libnvrtc.so.13',
];
const CUDNN = ['cudnn/lib/libcudnn.so.9', 'cudnn/lib/libcudnn_graph.so.9'];
const NCCL = ['nccl/lib/libnccl.so.2'];
const TORCH_OF_13 = [...WHEELS_OF_13, ...CUDNN, ...NCCL];
/** What TensorFlow asks for, of each part. */
const WANTED = [
  'cublas/lib/libcublas.so.12',
  'cublas/lib/libcublasLt.so.12',
  'cuda_nvrtc/lib/libnvrtc.so.12',
  'cudnn/lib/libcudnn.so.9',
  'cufft/lib/libcufft.so.11',
  'cusolver/lib/libcusolver.so.11',
  'cusparse/lib/libcusparse.so.12',
  'nccl/lib/libnccl.so.2',
  'nvjitlink/lib/libnvJitLink.so.12',
];

/** Libraries that are loaded by real rules: one that others need from their own folder, one that needs it, one alone. */
const built = sharedFolder();
function compileLibrary(name: string, source: string, ...more: string[]): string {
  const path = join(built, name);
  writeFileSync(`${path}.cc`, source);
  const shared = ['-shared', '-fPIC', `-Wl,-soname,${name}`, '-o', path, `${path}.cc`, ...more];
  const { status, stderr } = spawnSync(compiler!.program, [...compiler!.args, ...shared]);
  assert.equal(status, 0, String(stderr));
  return path;
}
const made = new Map<string, string>();
function libraryFor(name: string, cudnn: number): string {
  const stem = name.slice(0, name.indexOf('.so'));
  if (stem === 'libcudnn') return libraryOnce(`libcudnn-${cudnn}`, 'cudnnGetVersion', cudnn);
  if (stem === 'libcublasLt') return libraryOnce(name, 'cublasLtGetVersion', 120905);
  if (!/^libcublas\.so/.test(name)) return libraryOnce('libplain', 'plain', 0);
  const found = made.get(name);
  if (found) return found;
  // As cuBLAS 13 does: it needs cublasLt by the name of its own release, and looks where it lies itself.
  const needed = name.replace('cublas', 'cublasLt');
  libraryFor(needed, cudnn);
  const rest = [`-L${built}`, '-Wl,--no-as-needed', `-l:${needed}`, '-Wl,-rpath,$ORIGIN'];
  made.set(name, compileLibrary(name, 'extern "C" int cublas() { return 1; }', ...rest));
  return made.get(name)!;
}
function libraryOnce(name: string, answer: string, version: number): string {
  if (!made.has(name))
    made.set(name, compileLibrary(name, `extern "C" unsigned long ${answer}() { return ${version}; }`));
  return made.get(name)!;
}

function place(folder: string, names: readonly string[], cudnn = 92801): void {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(libraryFor(name.slice(name.lastIndexOf('/') + 1), cudnn), join(folder, name));
  }
}

/** A Python environment of its own with a PyTorch, as pip leaves it, that has those wheels. */
function environmentWith(folder: string, names: readonly string[], cudnn?: number) {
  const home = join(folder, 'venv');
  const { status, stderr } = spawnSync(python!.program, [
    ...[...python!.args, '-m', 'venv', '--without-pip'],
    home,
  ]);
  assert.equal(status, 0, String(stderr));
  const lib = join(home, 'lib');
  const site = join(lib, readdirSync(lib)[0]!, 'site-packages');
  mkdirSync(join(site, 'torch-2.11.0.dist-info'), { recursive: true });
  writeFileSync(
    join(site, 'torch-2.11.0.dist-info', 'METADATA'),
    'Metadata-Version: 2.1\nName: torch\nVersion: 2.11.0\n',
  );
  place(join(site, 'nvidia'), names, cudnn);
  return { site, tool: { program: join(home, 'bin', 'python'), args: [], version: '3' } };
}

const noToolkits = { LD_LIBRARY_PATH: '' };
const placeOf = (owner: string, ...folders: string[]): CudaPlace => ({ owner, folders, isToolkit: false });

test('the CUDA of PyTorch is found in either layout of the wheels, that of toolkits where they are installed', {
  skip,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const { site, tool } = environmentWith(folder, TORCH_OF_13);
  const owner = `PyTorch 2.11.0 in ${site}`;
  const nvidia = (...parts: string[]) => parts.map((part) => join(site, 'nvidia', part, 'lib'));
  assert.deepEqual(await cudaPlaces(tool, noToolkits, folder), [
    { owner, folders: nvidia('cudnn', 'nccl'), isToolkit: false },
    { owner, folders: nvidia('cu13'), isToolkit: false },
  ]);
  const root = join(folder, 'root');
  const toolkit = join(root, 'usr/local/cuda-12.9/lib64');
  const own = join(folder, 'own');
  for (const there of [toolkit, join(own, 'lib64'), join(root, 'usr/lib/x86_64-linux-gnu')])
    mkdirSync(there, { recursive: true });
  spawnSync('ln', ['-s', 'cuda-12.9', join(root, 'usr/local/cuda')]);
  const variables = { CUDA_HOME: own, LD_LIBRARY_PATH: `${toolkit}:/nowhere` };
  assert.deepEqual(
    (await cudaPlaces(undefined, variables, root)).flatMap(({ folders }) => folders),
    // The link cuda names the same folder as cuda-12.9: it counts once.
    [join(own, 'lib64'), join(root, 'usr/local/cuda/lib64'), join(root, 'usr/lib/x86_64-linux-gnu')],
  );
});

test('a CUDA serves if all its libraries lie together; else what is missing is said', { skip }, async (t) => {
  const folder = await temporaryFolder(t);
  place(join(folder, 'twelve'), [...WHEELS_OF_12, ...CUDNN]);
  place(join(folder, 'thirteen'), [...TORCH_OF_13]);
  const at = (name: string) =>
    readdirSync(join(folder, name))
      .sort()
      .map((part) => join(folder, name, part, 'lib'));
  const twelve = placeOf('twelve', ...at('twelve'));
  const thirteen = placeOf('thirteen', ...at('thirteen'));
  const found = (...places: CudaPlace[]) => {
    const cuda = findCuda(places);
    assert.ok(typeof cuda !== 'string', String(cuda));
    return cuda;
  };
  assert.deepEqual(
    [found(twelve).release, found(twelve).absent, found(thirteen).release, found(thirteen).absent],
    [12, ['nccl'], 13, []],
  );
  // NCCL may come from another place, CUDA itself may not.
  assert.deepEqual(found(twelve, thirteen).absent, []);
  // Nor is what a toolkit lacks taken from wheels.
  const toolkit = {
    ...placeOf('toolkit', ...at('twelve').filter((name) => !name.includes('cudnn'))),
    isToolkit: true,
  };
  assert.deepEqual(found(toolkit, thirteen).absent, ['cudnn', 'nccl']);
  assert.deepEqual(
    found(thirteen)
      .libraries.map(({ part, name }) => `${part}/lib/${name}`)
      .sort(),
    [...WANTED].sort(),
  );
  assert.equal(
    findCuda([thirteen], [12]),
    'thirteen lacks libcublas.so.12, libcublasLt.so.12, libcufft.so.11, libcusolver.so.11, libnvrtc.so.12, libnvJitLink.so.12',
  );
  assert.equal(findCuda([]), 'there is no CUDA 12 or 13 here');
  rmSync(join(folder, 'twelve/cufft'), { recursive: true });
  assert.equal(findCuda([twelve]), 'twelve lacks libcufft.so.11');
  rmSync(join(folder, 'thirteen/cudnn'), { recursive: true });
  // cuDNN's wheel is of CUDA 12: it does not join the libraries of 13.
  assert.equal(findCuda([thirteen]), 'thirteen lacks libcudnn.so.9');
});

test('linked libraries load by the names of CUDA 12 from where TensorFlow looks, with what they load themselves', {
  skip,
}, async (t) => {
  const folder = await temporaryFolder(t);
  place(join(folder, 'nvidia'), TORCH_OF_13);
  const owner = 'PyTorch';
  const parts = ['cu13', 'cudnn', 'nccl'].map((part) => join(folder, 'nvidia', part, 'lib'));
  const cuda = findCuda([placeOf(owner, ...parts)]);
  assert.ok(typeof cuda !== 'string');
  const home = join(folder, 'home');
  const links = await linkCuda(home, cuda);
  for (const name of WANTED) assert.ok(existsSync(join(home, 'nvidia', name)), name);
  assert.equal(
    realpathSync(join(home, 'nvidia/cufft/lib/libcufft.so.11')),
    realpathSync(join(folder, 'nvidia/cu13/lib/libcufft.so.12')),
  );
  for (const name of ['libcudnn_graph.so.9', 'libcublasLt.so.13', 'libnvrtc-builtins.so.13.5'])
    assert.ok(
      links.some(({ path }) => path === join(home, 'cuda', name)),
      name,
    );
  assert.equal(await linkedFault(python!, home, cuda), undefined);
  // Python's process loads cuBLAS as TensorFlow would, through its part's folder.
  const load = `import ctypes; ctypes.CDLL(${JSON.stringify(join(home, 'nvidia/cublas/lib/libcublas.so.12'))})`;
  const loaded = spawnSync(python!.program, [...python!.args, '-c', load]);
  assert.equal(loaded.status, 0, String(loaded.stderr));
  rmSync(join(home, 'cuda/libcublasLt.so.13'));
  assert.match(
    (await linkedFault(python!, home, cuda)) ?? '',
    /^a library of PyTorch does not load: libcublasLt\.so\.13: cannot open/,
  );
  await unlinkCuda(home);
  assert.deepEqual(
    [existsSync(join(home, 'cuda')), existsSync(join(home, 'nvidia/cufft/lib'))],
    [false, false],
  );
  assert.ok(existsSync(join(folder, 'nvidia/cu13/lib/libcufft.so.12')));
});

test('a cuDNN that TensorFlow would refuse, and a file that is no library, are refused before', {
  skip,
}, async (t) => {
  const folder = await temporaryFolder(t);
  place(join(folder, 'nvidia'), TORCH_OF_13, 90100);
  const parts = ['cu13', 'cudnn', 'nccl'].map((part) => join(folder, 'nvidia', part, 'lib'));
  const cuda = findCuda([placeOf('PyTorch', ...parts)]);
  assert.ok(typeof cuda !== 'string');
  await linkCuda(join(folder, 'home'), cuda);
  const fault = () => linkedFault(python!, join(folder, 'home'), cuda);
  assert.equal(await fault(), 'cuDNN 9.3 or newer is needed, and PyTorch has libcudnn.so.9 90100');
  writeFileSync(join(folder, 'nvidia/nccl/lib/libnccl.so.2'), 'cut off');
  place(join(folder, 'nvidia'), CUDNN);
  assert.match(
    (await fault()) ?? '',
    /^a library of PyTorch does not load: .*libnccl\.so\.2: file too short/,
  );
});

/** A runtime's folder in which TensorFlow's wheel and libcudart's are unpacked, so that nothing need be fetched. */
async function unpackedHome(cache: string) {
  const home = join(cache, `${TENSORFLOW_VERSION}-gpu-linux-x64`);
  const planned = planWheels('gpu', 'linux-x64')!;
  const contents = new Map([
    ['tensorflow', ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2']],
    ['nvidia-cuda-runtime-cu12', ['nvidia/cuda_runtime/lib/libcudart.so.12']],
  ]);
  for (const wheel of planned) {
    const names = contents.get(wheel.project);
    if (!names) continue;
    const path = join(cache, 'a.whl');
    writeZipFile(
      path,
      names.map((name) => ({ name, content: name })),
    );
    await unpackWheel(path, wheel, home);
  }
  return { home, planned };
}

/** Set-up's own tools on a machine with that Python and driver; what would be fetched is only counted. */
function machineWith(
  tool: SetupTools extends { findPython(): Promise<infer T> } ? T : never,
  driver: string,
): SetupTools {
  return {
    ...SYSTEM_TOOLS,
    findPip: async () => undefined,
    findPython: async () => tool,
    nvidiaCard: async () => ({ name: 'NVIDIA H200', driver }),
    cudaPlaces: (python) => cudaPlaces(python, noToolkits, '/nowhere'),
  };
}

async function obtain(cache: string, options: RuntimeSetupOptions, tools: SetupTools) {
  const notes: string[] = [];
  const reporter = { stage: () => {}, bytes: () => {}, note: (text: string) => void notes.push(text) };
  const library = await obtainLibrary(cache, 'gpu', { gpu: true, ...options }, reporter, tools);
  return { library, notes };
}

test("set-up links PyTorch's CUDA and fetches TensorFlow's wheel and libcudart's alone; the manifest tells if a library goes", {
  skip,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const { site, tool } = environmentWith(folder, TORCH_OF_13);
  const { home } = await unpackedHome(folder);
  const { library, notes } = await obtain(folder, {}, machineWith(tool, '580.65.06'));
  const owner = `PyTorch 2.11.0 in ${site}`;
  assert.deepEqual(notes, [`Using CUDA 13 of ${owner}.`]);
  assert.ok(library?.cuda);
  assert.equal(
    library.origin,
    `tensorflow ${TENSORFLOW_VERSION} from the Python package index, CUDA 13 of ${owner}`,
  );
  assert.deepEqual(
    library.files.map(({ path }) => path.slice(home.length + 1)),
    [
      'tensorflow/libtensorflow_cc.so.2',
      'tensorflow/libtensorflow_framework.so.2',
      'nvidia/cuda_runtime/lib/libcudart.so.12',
    ],
  );
  const file = library.files[0]!;
  const manifest = { ...runtimeManifest(file), variant: 'gpu', cuda: library.cuda } as const;
  assert.equal(manifestFault(folder, manifest), undefined);
  const cufft = join(site, 'nvidia/cu13/lib/libcufft.so.12');
  renameSync(cufft, `${cufft}.old`);
  assert.equal(cudaFault(folder, manifest), `${cufft}, a library of the CUDA that it uses, is gone`);
  assert.equal(manifestFault(folder, manifest), cudaFault(folder, manifest));
  writeFileSync(cufft, 'of another version');
  assert.match(cudaFault(folder, manifest) ?? '', /libcufft\.so\.12, .* has changed$/);
  assert.equal(setupAgain(manifest), 'setup --gpu');
});

test('where the CUDA at hand will not do, or is not wanted, set-up says why and takes out its links', {
  skip,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const { tool, site } = environmentWith(folder, TORCH_OF_13);
  const { home } = await unpackedHome(folder);
  const asked = async (options: RuntimeSetupOptions, driver: string) => {
    const { library, notes } = await obtain(folder, options, machineWith(tool, driver));
    return { isThere: library !== undefined, notes, links: existsSync(join(home, 'cuda')) };
  };
  const refused = (why: string) => ({
    isThere: false,
    notes: [`No CUDA of this machine is used: ${why}. All comes from wheels, 3.4 GB.`],
    links: false,
  });
  assert.equal((await asked({}, '580.1')).isThere, true);
  assert.deepEqual(await asked({ cudaAtHand: false }, '580.1'), refused('it is not to be used'));
  // A driver that does not run CUDA 13.
  const lacks = /PyTorch 2\.11\.0 in .* lacks libcublas\.so\.12, /;
  assert.match((await asked({}, '570.1')).notes[0] ?? '', lacks);
  // An image is made for another machine's driver.
  assert.equal((await asked({ withoutDevice: true }, '')).isThere, true);
  rmSync(join(site, 'nvidia/cudnn'), { recursive: true });
  assert.deepEqual(await asked({}, '580.1'), refused(`PyTorch 2.11.0 in ${site} lacks libcudnn.so.9`));
});

test('what was unpacked of a wheel gives way to links, and is not taken for whole afterwards', {
  skip,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const { tool } = environmentWith(folder, [...WHEELS_OF_12, ...CUDNN]);
  const { home, planned } = await unpackedHome(folder);
  const wheelOf = (name: string) => planned.find(({ project }) => project === `nvidia-${name}-cu12`)!;
  const path = join(folder, 'b.whl');
  for (const [name, inside] of [
    ['cufft', 'nvidia/cufft/lib/libcufft.so.11'],
    ['nccl', 'nvidia/nccl/lib/libnccl.so.2'],
  ] as const) {
    writeZipFile(path, [
      { name: inside, content: readFileSync(libraryFor('libplain.so.1', 0)).toString('latin1') },
    ]);
    await unpackWheel(path, wheelOf(name), home);
  }
  const { library, notes } = await obtain(folder, {}, machineWith(tool, '525.1'));
  assert.match(notes[0] ?? '', /^Using CUDA 12 of PyTorch .*, without nccl, which comes from a wheel\.$/);
  assert.ok(library);
  assert.ok(lstatSync(join(home, 'nvidia/cufft/lib')).isSymbolicLink());
  assert.ok(library.files.some(({ path }) => path.endsWith('nccl/lib/libnccl.so.2')));
  assert.equal(unpackedFiles(wheelOf('cufft'), home), undefined);
});
