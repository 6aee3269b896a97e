/** Processes that get a signal at a moment of their own work: to watch for it from outside would be a race with what they do next. */

/**
 * For `env` of `startCli`: the process gets the signal as soon as it has put a file in place whose path the pattern matches.
 *
 * @param whom the process that started it, instead.
 */
export function signalAtFile(
  path: RegExp,
  signal: NodeJS.Signals,
  whom: 'own' | 'parent' = 'own',
): { readonly NODE_OPTIONS: string } {
  const program = `
    import { promises } from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { rename } = promises;
    promises.rename = async (from, to) => {
      await rename(from, to);
      if (new RegExp(${JSON.stringify(path.source)}).test(to)) process.kill(process.${whom === 'own' ? 'pid' : 'ppid'}, '${signal}');
    };
    syncBuiltinESMExports();`;
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(program)}` };
}
