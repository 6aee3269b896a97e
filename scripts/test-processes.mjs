/**
 * Which test files share a process. To start one, load TensorFlow and compile the sources takes longer than most files
 * test for; files that change their process, count what it has loaded or outlast it keep one to themselves.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './steps.mjs';

/** Folders of which all files run in one process each, the longest first: two processes run at a time. */
const SHARED = [
  'test/train',
  'test/quality',
  'test/infer',
  'test/optimize',
  'test/networks',
  'test/data',
  'test/infer/bands',
  'test/engine/compile',
  'test/engine/ops',
  'test/losses',
  'test/compare',
  'test/data/photo',
  'test/networks/weights',
  'test/engine/runtime',
  'test/bench',
];

/** Folders too long for one process: how many share their files, as they follow one another by name. */
const PARTS = { 'test/video': 3 };

/** What a file measures of its process, or changes in it, leaves no room for others. */
const ALONE = [
  'test/data/batches-ahead.test.ts', // the idle time of the event loop
  'test/engine/runtime/set-up-runtime.test.ts', // its environment: where the runtime is
  'test/video/beside-painter.test.ts', // its threads, which it counts
];

/**
 * Sorts test files into processes.
 *
 * @param files paths from the repository's folder.
 * @returns lists of files, one for each process, in the order in which they are best begun.
 */
export function testProcesses(files) {
  const folders = [...Object.keys(PARTS), ...SHARED];
  const isAlone = (file) => ALONE.includes(file) || !folders.includes(dirname(file));
  const shared = folders.flatMap((folder) => {
    const inFolder = files.filter((file) => dirname(file) === folder && !isAlone(file));
    const length = Math.ceil(inFolder.length / (PARTS[folder] ?? 1));
    return Array.from({ length: PARTS[folder] ?? 1 }, (_, i) => inFolder.slice(i * length, (i + 1) * length));
  });
  const alone = files.filter(isAlone);
  return [...shared.filter((group) => group.length > 0), ...alone.map((file) => [file])];
}

/**
 * Writes a file for Node's test runner for each process: it imports the process's test files.
 *
 * @returns their paths, and what removes them.
 */
export function writeEntries(processes) {
  const folder = mkdtempSync(join(tmpdir(), 'fast-style-tests-'));
  const paths = processes.map((files, index) => {
    if (files.length === 1) return files[0];
    const path = join(folder, `${index}-${dirname(files[0]).replaceAll('/', '-')}.test.mjs`);
    // Not `await import`: the runner would take the pause between two for the end.
    const lines = files.map((file) => `import '${pathToFileURL(join(root, file)).href}';\n`);
    writeFileSync(path, lines.join(''));
    return path;
  });
  return { paths, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
