/** The Dockerfile, as far as it can be judged where no container engine is. docs/docker.md says what that leaves open. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, readdir, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { commandLine } from '../../src/commands/command-line.ts';
import { shellCommands } from '../../tools/documented-lines.ts';
import { isIgnored, type Stage, stagesOf } from '../helpers/dockerfile.ts';
import { root, runProgram, staged } from '../helpers/installed-package.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const { head, stages } = stagesOf(read('Dockerfile'));
const dockerignore = read('.dockerignore');
const project = JSON.parse(read('package.json')) as {
  scripts: Record<string, string>;
  bin: Record<string, string>;
};
const named = new Map(stages.map((stage) => [stage.name, stage]));
const allInstructions = stages.flatMap(({ instructions }) => instructions);

/** A stage and those it begins from, the first of them first. */
function withBases(stage: Stage): readonly Stage[] {
  const base = named.get(stage.base);
  return base ? [...withBases(base), stage] : [stage];
}

test('stages begin from an image or an earlier stage, and copy from earlier ones', () => {
  const images = head.map(({ text }) => `\${${text.split('=')[0]}}`);
  for (const [i, { name, base, instructions }] of stages.entries()) {
    const earlier = stages.slice(0, i).map((stage) => stage.name);
    assert.ok(images.includes(base) || earlier.includes(base), `${name} begins from ${base}`);
    for (const { flags } of instructions)
      assert.ok(
        flags.from === undefined || earlier.includes(flags.from),
        `${name} copies from ${flags.from}`,
      );
  }
});

test('what is copied from the folder exists, and reaches the builder', () => {
  const copies = allInstructions.filter(({ name, flags }) => name === 'COPY' && flags.from === undefined);
  assert.ok(copies.length >= 2);
  for (const { text } of copies) {
    for (const source of text.split(' ').slice(0, -1)) {
      assert.ok(existsSync(join(root, source)), source);
      assert.ok(source === '.' || !isIgnored(source, dockerignore), `${source} is ignored`);
    }
  }
  for (const path of ['node_modules', 'dist', 'runs', 'datasets/coco', '.git', 'docs/pictures/styles.jpg'])
    assert.ok(isIgnored(path, dockerignore), `${path} would be sent to the builder`);
});

test('the package is made whole from what reaches the builder', async (t) => {
  const folder = await temporaryFolder(t);
  const context = join(folder, 'context');
  const reaches = (path: string) => path === '' || !isIgnored(path, dockerignore);
  await cp(root, context, { recursive: true, filter: (path) => reaches(relative(root, path)) });
  await symlink(join(root, 'node_modules'), join(context, 'node_modules'), 'junction');
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  // That its types hold is known; a source that is missing leaves a file less.
  await runProgram(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noCheck'], { cwd: context });
  const withoutWeb = async (stage: string) =>
    (await readdir(stage, { recursive: true }))
      .filter((path) => !path.startsWith(join('dist', 'web')))
      .sort();
  const whole = await withoutWeb(await staged(folder));
  for (const path of ['package.json', join('dist', 'cli.js')]) assert.ok(whole.includes(path), path);
  assert.deepEqual(await withoutWeb(await staged(folder, context)), whole);
});

test('every RUN is a shell script, and calls what the project has', async () => {
  const runs = allInstructions.filter(({ name }) => name === 'RUN').map(({ text }) => text);
  let calls = 0;
  for (const text of runs) {
    const { status, stderr } = spawnSync('sh', ['-n', '-c', text], { encoding: 'utf8' });
    assert.equal(status, 0, `${text}: ${stderr}`);
    for (const [program, ...args] of shellCommands(text)) {
      if (program === 'npm' && args[0] === 'run') assert.ok(project.scripts[args[1]!], text);
      if (program !== 'node') continue;
      assert.equal(args[0], project.bin['fast-style'], text);
      calls++;
      const stopped = () => {
        throw new RangeError('understood');
      };
      const parse = async () => (await commandLine(args.slice(1))).middleware(stopped).parseAsync();
      await assert.rejects(parse, /^RangeError: understood/, text);
    }
  }
  assert.equal(calls, 2, 'each image is set up');
});

test('both images run the program, as an ordinary user', () => {
  const targets = [...read('docs/docker.md').matchAll(/docker build --target (\S+)/g)].map(
    ([, name]) => name!,
  );
  assert.deepEqual([...new Set(targets)].sort(), ['cpu', 'cuda']);
  assert.equal(stages.at(-1)?.name, 'cpu', 'the default');
  for (const target of targets) {
    const instructions = withBases(named.get(target)!).flatMap((stage) => stage.instructions);
    const last = (name: string) => instructions.findLast((one) => one.name === name)?.text;
    assert.equal(last('USER'), 'node');
    const [program] = JSON.parse(last('ENTRYPOINT')!) as string[];
    assert.ok(project.bin[program!], program);
    const folder = `/opt/fast-style/${project.bin[program!]}`;
    assert.ok(instructions.some(({ text }) => text.includes(`ln -s ${folder} /usr/local/bin/${program}`)));
  }
});
