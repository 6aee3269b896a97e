/** The documents of the program: the reference is the program's own, and every command line in them can be typed. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commandLine, GLOBAL_OPTIONS } from '../../src/commands/command-line.ts';
import { FastStyleError } from '../../src/system/errors.ts';
import { commandReference, REFERENCE } from '../../tools/command-reference.ts';
import { type DocumentedLine, documentedLines, shellCommands } from '../../tools/documented-lines.ts';
import { callOf, recordedCommands, withSubcommands } from '../../tools/recorded-commands.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const documents = ['.', 'docs', 'datasets', 'samples'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);
const commands = (await recordedCommands()).flatMap(withSubcommands);

class Understood extends Error {}

/** Parses a command line: it is checked as usual, and stopped before anything runs. @throws {Error} it cannot be typed. */
async function understood(args: readonly string[]): Promise<void> {
  try {
    await (await commandLine(args))
      .middleware(() => {
        throw new Understood();
      })
      .parseAsync();
  } catch (error) {
    if (error instanceof Understood) return;
    throw error;
  }
  throw new Error('Nothing was to be done');
}

/** Why a line cannot be typed as it is. In sentences, a command may be named without what it needs. */
async function faultOf({ args, inSentence }: DocumentedLine): Promise<string | undefined> {
  const called = args.at(-1) === '--help' ? args.slice(0, -1) : inSentence ? args : undefined;
  if (called && (called.length === 0 || commands.some((one) => callOf(one) === called.join(' ')))) return;
  if (args.includes('…')) return 'an ellipsis cannot be typed';
  try {
    await understood(args);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test('docs/commands.md is what the commands declare', async () => {
  const why = 'run: node --import tsx tools/command-reference.ts';
  assert.equal(readFileSync(REFERENCE, 'utf8'), await commandReference(), why);
});

test("the recorder has every option that the parser's own help has, and no other", async () => {
  for (const { usage, options } of commands) {
    const call = callOf({ usage });
    let help = '';
    const words = [...call.split(' '), '--help'];
    await (await commandLine(words)).parse(words, (_error: unknown, _values: unknown, output: string) => {
      help = output;
    });
    const shown = [...help.matchAll(/^ +(?:-\w, )?--([a-z0-9-]+)(?:,| {2})/gm)].map(([, name]) => name!);
    const own = ['help', 'version', ...Object.keys(GLOBAL_OPTIONS), ...options.keys()];
    assert.deepEqual(shown.sort(), own.sort(), call);
  }
});

for (const path of documents) {
  const lines = documentedLines(readFileSync(join(root, path), 'utf8'));
  if (lines.length === 0) continue;
  test(`the command lines of ${path} can be typed`, async () => {
    const faults: string[] = [];
    for (const line of lines) {
      const fault = await faultOf(line);
      if (fault !== undefined) faults.push(`${line.text}: ${fault}`);
    }
    assert.deepEqual(faults, []);
  });
}

test('commands to type are all in the one notation, which works in a clone and wherever it is installed', () => {
  const other = documents.flatMap((path) =>
    documentedLines(readFileSync(join(root, path), 'utf8'))
      .filter(
        ({ text, inSentence }) => !inSentence && !/^(npx --no-install fast-style|docker run) /.test(text),
      )
      .map(({ text }) => `${path}: ${text}`),
  );
  assert.deepEqual(other, []);
});

/** Options that documents name in sentences, of npm, docker, our benches and tools. */
const OF_OTHERS =
  /^(ignore-scripts|offline|user|init|gpus|build-arg|quick|only|seconds|width|rays|remote-debugging-pipe|coordinates|no|no-install|external|serve|python|device|page)$/;

test('options named in sentences are those of the command next to them, or of some command', () => {
  const namesIn = ({ options }: { options: (typeof commands)[number]['options'] }) =>
    [...options].flatMap(([name, { alias = [] }]) => [name, ...[alias].flat()]);
  const anywhere = ['help', 'version', ...Object.keys(GLOBAL_OPTIONS), ...commands.flatMap(namesIn)];
  const faults: string[] = [];
  let named = 0;
  for (const path of documents) {
    const sentences = readFileSync(join(root, path), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
    for (const [, span] of sentences.matchAll(/`([^`]+)`/g)) {
      const command = commands.findLast((one) => span!.startsWith(`${callOf(one)} -`));
      if (command === undefined && !/^(-- )?--[a-z]/.test(span!)) continue;
      const known = command ? namesIn(command) : anywhere;
      for (const [, name] of span!.matchAll(/(?:^| )--([a-z][\w-]*)/g)) {
        named++;
        if (!known.includes(name!) && !known.includes(name!.replace(/^no-/, '')) && !OF_OTHERS.test(name!))
          faults.push(`${path}: ${span}`);
      }
    }
  }
  assert.deepEqual(faults, []);
  assert.ok(named > 100, `${named} are too few: are they still found?`);
});

test('the check with the parser can fail', async () => {
  const wrong = [
    'train --data datasets/coco',
    'stylise a.jpg',
    'stylize a.jpg --out b --stile x',
    'weights fetch vgg11',
    'stylize a.jpg -s b --out c.jpg --stroke two',
  ];
  for (const line of wrong) await assert.rejects(understood(line.split(' ')), FastStyleError, line);
});

test('lines are cut as a shell cuts them', () => {
  const cut = (line: string) => shellCommands(line);
  assert.deepEqual(cut(`cat 'a b.jpg' | fast-style stylize - -o "c d" > e.jpg  # why`), [
    ['cat', 'a b.jpg'],
    ['fast-style', 'stylize', '-', '-o', 'c d'],
  ]);
  assert.deepEqual(cut("a --x='1 2' && b"), [['a', '--x=1 2'], ['b']]);
  assert.throws(() => cut("a 'b"), SyntaxError);
  const markdown =
    'Use `fast-style\ntrain`:\n```sh\n$ ls\nnpx --no-install fast-style train \\\n  --plan\n```\nand `npx --no-install fast-styles`.';
  const found = documentedLines(markdown).map(({ args, inSentence }) => [args.join(' '), inSentence]);
  assert.deepEqual(found, [
    ['train --plan', false],
    ['train', true],
  ]);
});
