/**
 * Which test files share a process. To start one, load TensorFlow and compile the sources takes longer than most files
 * test for; files that change their process, count what it has loaded or outlast it keep one to themselves.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './steps.mjs';

/** Folders whose files share one process, and folders that share one with each other; the longest first: several processes run at a time. */
const SHARED = [
  ['test/quality'],
  ['test/train/guard', 'test/train/run', 'test/train/strength'],
  ['test/train'],
  ['test/commands/stylize'],
  ['test/commands/dataset', 'test/commands/export', 'test/commands/styles', 'test/commands/weights'],
  ['test/commands/farm'],
  ['test/farm/kinds', 'test/farm/queue', 'test/farm/store'],
  ['test/commands/shared'],
  ['test/commands/judge', 'test/commands/optimize'],
  ['test/infer'],
  ['test/library'],
  ['test/studio'],
  ['test/tools'],
  ['test/optimize'],
  ['test/networks'],
  ['test/data'],
  ['test/infer/bands', 'test/infer/finish', 'test/infer/sampled'],
  ['test/engine/compile'],
  ['test/engine/ops'],
  ['test/losses', 'test/train/plan'],
  ['test/compare'],
  ['test/data/photo', 'test/data/heif'],
  ['test/networks/weights'],
  ['test/export', 'test/networks/imported', 'test/web'],
  ['test/engine/runtime'],
  ['test/motion', 'test/paint', 'test/plot', 'test/report'],
  ['test/bench'],
  ['test/engine'],
  ['test', 'test/helpers', 'test/system'],
  ['test/commands/setup'],
];

/** Folders too long for one process: how many share their files, as they follow one another by name. */
const PARTS = { 'test/commands/train': 3, 'test/video': 3, 'test/train/step': 2 };

/** What a file measures of its process, or changes in it, leaves no room for others. */
const ALONE = [
  'test/data/batches-ahead.test.ts', // the idle time of the event loop
  'test/engine/runtime/set-up-runtime.test.ts', // its environment: where the runtime is
  'test/machine/machine.test.ts', // its environment, likewise
  'test/library/thread.test.ts', // the processor time of its threads
  'test/video/threaded-steady-painter.test.ts', // its threads, which it counts
];

/** Variables that say how many threads compute within an op, and how many ops at a time. */
export const THREADS_OF_TENSORFLOW = ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS'];

/** Folders whose tests prove that the same bits come of any number of threads: these have TensorFlow's own. */
const THREADED = ['test/engine/compile', 'test/engine/ops', 'test/infer/bands', 'test/train'];

/**
 * Folders whose processes, with those that they start, have TensorFlow run graphs as written (src/engine/runtime/session-options.h): what a
 * command, a run or a page does around its graphs. Those whose tests judge the values, the memory or the speed of graphs have them
 * optimised, as users do; so has what the other folders install or build.
 */
const UNOPTIMIZED = [
  ...['dataset', 'judge', 'optimize', 'shared', 'styles', 'train', 'weights'].map(
    (name) => `test/commands/${name}`,
  ),
  ...['guard', 'run', 'strength'].map((name) => `test/train/${name}`),
  ...['test/library', 'test/studio', 'test/tools'],
];

/**
 * Sorts test files into processes.
 *
 * @param files paths from the repository's folder.
 * @returns lists of files, one for each process, in the order in which they are best begun.
 */
export function testProcesses(files) {
  const inParts = Object.keys(PARTS);
  // One that was moved would go on in whatever process its new folder has.
  for (const path of [...ALONE, ...THREADED, ...UNOPTIMIZED, ...inParts, ...SHARED.flat()])
    if (!existsSync(join(root, path)))
      throw new Error(`${path}, which scripts/test-processes.mjs names, is not there`);
  const folders = [...inParts, ...SHARED.flat()];
  const isAlone = (file) => ALONE.includes(file) || !folders.includes(dirname(file));
  const within = (some) => files.filter((file) => some.includes(dirname(file)) && !isAlone(file));
  const parts = inParts.flatMap((folder) => {
    const all = within([folder]);
    const length = Math.ceil(all.length / PARTS[folder]);
    return Array.from({ length: PARTS[folder] }, (_, i) => all.slice(i * length, (i + 1) * length));
  });
  const shared = [...parts, ...SHARED.map(within)].filter((group) => group.length > 0);
  return [...shared, ...files.filter(isAlone).map((file) => [file])];
}

const ALL_THREADS = `data:text/javascript,for (const name of ${JSON.stringify(THREADS_OF_TENSORFLOW)}) delete process.env[name];`;
const AS_WRITTEN = 'data:text/javascript,process.env.FAST_STYLE_GRAPH_OPTIMIZER = "off";';

/**
 * Writes a file for Node's test runner for each process: it imports the process's test files.
 *
 * @returns their paths, and what removes them.
 */
export function writeEntries(processes) {
  const folder = mkdtempSync(join(tmpdir(), 'fast-style-tests-'));
  const paths = processes.map((files, index) => {
    const isThreaded = files.some((file) => THREADED.includes(dirname(file)));
    // One folder that needs it decides for the process.
    const isUnoptimized = files.every((file) => UNOPTIMIZED.includes(dirname(file)));
    if (files.length === 1 && !isThreaded && !isUnoptimized) return files[0];
    // The runner begins with the first by name.
    const number = String(index).padStart(2, '0');
    const path = join(folder, `${number}-${dirname(files[0]).replaceAll('/', '-')}.test.mjs`);
    // Not `await import`: the runner would take the pause between two for the end.
    const modules = files.map((file) => pathToFileURL(join(root, file)).href);
    if (isThreaded) modules.unshift(ALL_THREADS);
    if (isUnoptimized) modules.unshift(AS_WRITTEN);
    writeFileSync(path, modules.map((module) => `import '${module}';\n`).join(''));
    return path;
  });
  return { paths, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
