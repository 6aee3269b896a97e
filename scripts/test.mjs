/**
 * `npm test`: prepares everything from a fresh clone, then types, lint and all tests.
 * `npm test -- test/losses` runs only the test files whose path contains one of the arguments; arguments that begin
 * with `--` go to Node's test runner (`npm test -- test/losses --test-name-pattern=Gram`).
 */
import { join } from 'node:path';
import { compileTests, filesUnder, finish, prepare, root, runNode, StepFailed, timed } from './steps.mjs';
import { THREADS_OF_TENSORFLOW, testProcesses, writeEntries } from './test-processes.mjs';

/**
 * V8 compiles a function to machine code once it has run often: later, as most processes end before that pays. Node 22 and later do not
 * know the flag, and refuse to start with it.
 */
const V8_FLAGS = process.versions.node.startsWith('20.') ? ['--interrupt-budget=600000'] : [];

await finish(async () => {
  const args = process.argv.slice(2);
  const filters = args.filter((arg) => !arg.startsWith('--')).map((arg) => arg.replace(/^\.\//, ''));
  const runnerOptions = args.filter((arg) => arg.startsWith('--'));
  const files = filesUnder('test').filter(
    (path) => path.endsWith('.test.ts') && (filters.length === 0 || filters.some((f) => path.includes(f))),
  );
  if (files.length === 0) throw new StepFailed(`No test file's path contains ${filters.join(' or ')}.`);

  const isWhole = filters.length === 0;
  await prepare(async () => {
    await timed(isWhole ? 'types' : 'compiling', () => compileTests(isWhole));
    if (!isWhole) return;
    await timed('types of the pages', async () => {
      for (const page of ['src/report/page', 'src/studio/page', 'tools/gallery/page'])
        await runNode(bin('typescript', 'bin', 'tsc'), '-p', page);
    });
    await timed('lint', () => runNode(bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '.'));
  });
  await timed('tests', async () => {
    // One thread for each process, as several run at a time: more wait for one another by spinning, a seventh of the time that training takes.
    for (const name of THREADS_OF_TENSORFLOW) process.env[name] ??= '1';
    const entries = writeEntries(testProcesses(files));
    try {
      await runNode(
        ...V8_FLAGS,
        '--import',
        './scripts/compiled-sources.mjs',
        '--import',
        './test/helpers/tensorflow-without-maps.mjs',
        '--test',
        // Three keep two cores busy, as each waits for others now and then; four take 6 % longer.
        '--test-concurrency=3',
        '--test-reporter=spec',
        ...runnerOptions,
        ...entries.paths,
      );
    } finally {
      entries.remove();
    }
  });
});

function bin(...path) {
  return join(root, 'node_modules', ...path);
}
