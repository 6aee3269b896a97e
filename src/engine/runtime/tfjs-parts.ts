/**
 * Parts of tfjs that nothing here needs: its layers, data sets, converter and the backends of other devices; and kernels of its
 * backend that nobody has called yet, each a file. To load them takes a third of the time that TensorFlow takes at every start of
 * the program.
 */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What tfjs-node-gpu asks of each while it loads. */
const PARTS: Readonly<Record<string, object>> = {
  '@tensorflow/tfjs-layers': { CustomCallback: class {}, registerCallbackConstructor: () => undefined },
  '@tensorflow/tfjs-data': {},
  '@tensorflow/tfjs-converter': {},
  '@tensorflow/tfjs-backend-cpu': {},
  '@tensorflow/tfjs-backend-webgl': {},
};

let areLeftOut = false;

/**
 * Has TensorFlow come without these parts, if it has not been loaded yet. For the program, whose process is its own: a project that
 * has our library beside tfjs shares one tfjs with it, and may want them.
 */
export function leaveOutParts(): void {
  areLeftOut = true;
}

/** tfjs-node-gpu's own file that others load. */
const backendFile = () => createRequire(import.meta.url).resolve('#tfjs-node');

/** `require` of the place that the parts are found from. */
const requireBesideParts = () => createRequire(createRequire(backendFile()).resolve('@tensorflow/tfjs'));

/** Loads tfjs-node-gpu, without its parts where `leaveOutParts` has asked for that. Each can be loaded by itself afterwards. */
export function loadWithoutParts<T>(load: () => T): T {
  const require = requireBesideParts();
  // Whoever has loaded it before has it whole.
  if (!areLeftOut || require.cache[backendFile()] !== undefined) return load();
  const standIns: string[] = [];
  const standIn = (id: string, exports: object) => {
    if (require.cache[id] !== undefined) return;
    require.cache[id] = { id, filename: id, loaded: true, exports } as unknown as NodeJS.Module;
    standIns.push(id);
  };
  for (const [name, exports] of Object.entries(PARTS)) standIn(require.resolve(name), exports);
  const kernels = join(dirname(backendFile()), 'kernels');
  standIn(require.resolve(join(dirname(kernels), 'register_all_kernels')), {});
  try {
    registerKernels(kernels, require);
    return load();
  } finally {
    for (const id of standIns) delete require.cache[id];
  }
}

interface KernelConfig {
  readonly kernelName: string;
  readonly backendName: string;
  readonly kernelFunc: (call: unknown) => unknown;
}

/** Registers the kernels in a folder by the names of their files, as `register_all_kernels` does: each is loaded when it is first called. */
function registerKernels(folder: string, require: NodeJS.Require): void {
  const { registerKernel } = require('@tensorflow/tfjs') as { registerKernel(config: KernelConfig): void };
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
    let loaded: KernelConfig | undefined;
    const load = () => {
      const exported = Object.values(require(join(folder, file)) as Readonly<Record<string, KernelConfig>>);
      return exported.find((one) => one.kernelFunc !== undefined)!;
    };
    registerKernel({
      kernelName: file.slice(0, -'.js'.length),
      backendName: 'tensorflow',
      kernelFunc(call) {
        loaded ??= load();
        return loaded.kernelFunc(call);
      },
    });
  }
}

/** One of the parts, loaded if it is not. */
export function tfjsPart(name: string): unknown {
  return requireBesideParts()(name);
}
