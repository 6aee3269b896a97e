import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RuntimeSetupError } from '../../system/errors.ts';
import { libraryNames } from './compile-binding.ts';
import { runProgram } from './run-program.ts';

/** A TensorFlow that is installed in a Python. */
export interface PythonTensorFlow {
  readonly version: string;
  /** The package's folder, which holds the libraries and `include`. */
  readonly folder: string;
}

// Asks for version and place without importing TensorFlow, which would take seconds.
const QUESTION = `
import importlib.metadata, importlib.util, json
spec = importlib.util.find_spec('tensorflow')
names = ['tensorflow', 'tensorflow-cpu', 'tensorflow-aarch64', 'tensorflow-macos', 'tf-nightly']
version = None
for name in names:
    try:
        version = importlib.metadata.version(name)
        break
    except importlib.metadata.PackageNotFoundError:
        pass
folders = list(spec.submodule_search_locations or []) if spec else []
print(json.dumps({'version': version, 'folder': folders[0] if folders else None}))
`;

/** The TensorFlow of a Python, or undefined if it has none (or is no Python). */
export async function findPythonTensorFlow(
  program: string,
  args: readonly string[] = [],
): Promise<PythonTensorFlow | undefined> {
  const { code, stdout } = await runProgram(program, [...args, '-c', QUESTION]);
  if (code !== 0) return undefined;
  try {
    const { version, folder } = JSON.parse(stdout) as { version: string | null; folder: string | null };
    return version !== null && folder !== null ? { version, folder } : undefined;
  } catch {
    return undefined;
  }
}

/** Releases whose library has the C API that the binding and the compiled engine use. */
const FITTING = { major: 2, fromMinor: 16, toMinor: 21 } as const;

/** @throws {RuntimeSetupError} that TensorFlow is of another release, or its library or headers are not there. */
export function requireFitting({ version, folder }: PythonTensorFlow): void {
  const [major, minor] = version.split('.').map(Number);
  const { fromMinor, toMinor } = FITTING;
  if (major !== FITTING.major || minor === undefined || !(minor >= fromMinor && minor <= toMinor)) {
    throw new RuntimeSetupError(
      `Expected TensorFlow 2.${fromMinor} to 2.${toMinor} but received ${version} in ${folder}; run without --from-python, or: pip install tensorflow==2.${toMinor}`,
    );
  }
  for (const name of [...libraryNames(), join('include', 'tensorflow', 'c', 'c_api.h')]) {
    if (!existsSync(join(folder, name))) {
      throw new RuntimeSetupError(`The TensorFlow in ${folder} lacks ${name}; run without --from-python.`);
    }
  }
}
