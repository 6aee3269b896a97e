import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../src/system/cache-folder.ts';

/** A Python that has some modules: the one that FAST_STYLE_TORCH_PYTHON names, or one that the measurements have installed. */
export function findPython(...modules: readonly string[]): string | undefined {
  const installed = readdirSync(cacheFolder(), { withFileTypes: true })
    .filter(({ name }) => name.startsWith('bench-python-'))
    .map(({ name }) => join(cacheFolder(), name, 'bin', 'python'));
  return [process.env.FAST_STYLE_TORCH_PYTHON ?? 'python3', ...installed].find((python) => {
    try {
      execFileSync(python, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}
