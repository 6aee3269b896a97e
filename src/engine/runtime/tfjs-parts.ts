/**
 * Parts of tfjs that nothing here needs: its layers, data sets, converter and the backends of other devices. To load them takes a
 * fifth of the time that TensorFlow takes at every start of the program.
 */
import { createRequire } from 'node:module';

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

/** `require` of the place that the parts are found from. */
function requireBesideParts(): NodeJS.Require {
  const binding = createRequire(createRequire(import.meta.url).resolve('#tfjs-node'));
  return createRequire(binding.resolve('@tensorflow/tfjs'));
}

/** Loads tfjs-node-gpu, without its parts where `leaveOutParts` has asked for that. Each can be loaded by itself afterwards. */
export function loadWithoutParts<T>(load: () => T): T {
  if (!areLeftOut) return load();
  const require = requireBesideParts();
  const standIns: string[] = [];
  for (const [name, exports] of Object.entries(PARTS)) {
    const id = require.resolve(name);
    if (require.cache[id] !== undefined) continue;
    require.cache[id] = { id, filename: id, loaded: true, exports } as unknown as NodeJS.Module;
    standIns.push(id);
  }
  try {
    return load();
  } finally {
    for (const id of standIns) delete require.cache[id];
  }
}

/** One of the parts, loaded if it is not. */
export function tfjsPart(name: string): unknown {
  return requireBesideParts()(name);
}
