import { mkdir } from 'node:fs/promises';
import { asFileError } from '../../system/atomic-file.ts';
import { type CudaRelease, findCuda } from './find-cuda.ts';
import { linkCuda, linkedFault, unlinkCuda } from './link-cuda.ts';
import type { LinkedCuda } from './manifest.ts';
import { type PinnedWheel, platformName } from './pinned-wheels.ts';
import type { RuntimeSetupOptions, SetupReporter, SetupTools } from './setup-options.ts';
import { forgetUnpacked, unpackedFiles } from './unpack-wheel.ts';

/** What a GPU runtime is made of. */
export interface ChosenCuda {
  readonly wheels: readonly PinnedWheel[];
  /** The CUDA whose libraries are linked; undefined where all come from wheels. */
  readonly cuda?: LinkedCuda;
}

/** The first driver that runs the libraries of CUDA 13. */
const DRIVER_OF_13 = 580;

/**
 * Whether the GPU runtime takes the CUDA of this machine, which it then links into `home`, or that of NVIDIA's wheels; says which and why.
 * Wheels that lie there whole are taken.
 *
 * @param planned the wheels of the whole runtime, TensorFlow's first.
 */
export async function chooseCuda(
  home: string,
  planned: readonly PinnedWheel[],
  options: RuntimeSetupOptions,
  reporter: SetupReporter,
  tools: SetupTools,
): Promise<ChosenCuda> {
  const isWhole = planned.every((wheel) => unpackedFiles(wheel, home));
  if (isWhole) return { wheels: planned };
  const found =
    options.cudaAtHand === false ? 'it is not to be used' : await linkInstalled(home, options, tools);
  if (typeof found === 'string') {
    await unlinkCuda(home);
    const size = planned.reduce((sum, { bytes }) => sum + bytes, 0) / 1e9;
    reporter.note(`No CUDA of this machine is used: ${found}. All comes from wheels, ${size.toFixed(1)} GB.`);
    return { wheels: planned };
  }
  const { cuda, parts, absent } = found;
  for (const wheel of planned) if (parts.has(partOf(wheel))) await forgetUnpacked(wheel, home);
  const fetched = ['tensorflow', 'cuda_runtime', ...absent];
  const wheels = planned.filter((wheel) => fetched.includes(partOf(wheel)));
  const besides = absent.length > 0 ? `, without ${absent.join(' and ')}, which comes from a wheel` : '';
  reporter.note(`Using CUDA ${cuda.release} of ${cuda.owner}${besides}.`);
  return { wheels, cuda };
}

async function linkInstalled(home: string, { withoutDevice }: RuntimeSetupOptions, tools: SetupTools) {
  if (platformName() !== 'linux-x64') return 'only Linux x86-64 can';
  const python = await tools.findPython();
  // Who loads the libraries to try them.
  if (!python) return 'there is no Python to try it';
  const driver = Number.parseInt((await tools.nvidiaCard())?.driver ?? '', 10);
  const releases: readonly CudaRelease[] = withoutDevice || driver >= DRIVER_OF_13 ? [12, 13] : [12];
  const installed = findCuda(await tools.cudaPlaces(python), releases);
  if (typeof installed === 'string') return installed;
  try {
    await mkdir(home, { recursive: true });
    const libraries = await linkCuda(home, installed);
    const fault = await linkedFault(python, home, installed);
    if (fault !== undefined) return fault;
    const { release, owner, absent } = installed;
    const parts = new Set(installed.libraries.map(({ part }) => part));
    return { cuda: { release, owner, libraries } satisfies LinkedCuda, parts, absent };
  } catch (error) {
    throw asFileError(error, `link CUDA's libraries into ${home}`);
  }
}

/** `cuda_nvrtc` of `nvidia-cuda-nvrtc-cu12`, as its folder is called. */
function partOf({ project }: PinnedWheel): string {
  return project.replace(/^nvidia-|-cu12$/g, '').replaceAll('-', '_');
}
