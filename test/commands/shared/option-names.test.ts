/** An unknown option is reported as such, in one line, however yargs could read it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { commandLine } from '../../../src/commands/command-line.ts';
import { UsageError } from '../../../src/commands/shared/usage.ts';
import { expectUserError, runCli } from '../../helpers/run-cli.ts';

const STYLIZE = ['stylize', 'a.jpg', '--out', 'x.jpg'];

test('options of parts and negated values are unknown', async () => {
  const unknown: readonly (readonly [readonly string[], string])[] = [
    [[...STYLIZE, '--style.x', 'y'], 'style.x'],
    [[...STYLIZE, '--style', 'a', '--style.x.y=5'], 'style.x.y'],
    [[...STYLIZE, '--no-style'], 'no-style'],
    [[...STYLIZE, '--style', 'a', '--no-max-pixels'], 'no-max-pixels'],
    [['train', '--style', 'a.jpg', '--no-steps'], 'no-steps'],
    [['train', '--style', 'a.jpg', '--config.steps', '5'], 'config.steps'],
    [['video', 'a.mp4', '--style', 'a', '--out', 'x.mp4', '--no-start'], 'no-start'],
    [['setup', '--no-from-python'], 'no-from-python'],
    [['dataset', 'build', 'a', '--no-out'], 'no-out'],
  ];
  for (const [args, name] of unknown)
    await assert.rejects(
      async () => (await commandLine(args)).parseAsync(),
      (error: Error) => {
        const line = error.message.replace(/; did you mean --[-\w]+\?$/, '');
        assert.equal(line, `Unknown argument: ${name}`, args.join(' '));
        return true;
      },
    );
  const { stderr, ...rest } = await runCli([...STYLIZE, '--style.x', 'y']);
  const line = stderr.replace('See: fast-style --help\n', '');
  expectUserError({ ...rest, stderr: line }, /Unknown argument: style\.x/, 2);
});

test('a list that takes one value at a time needs it, and leaves the next word alone', async () => {
  for (const args of [
    ['stylize', 'a.jpg', '--out', 'x.jpg', '--style'],
    [...STYLIZE, '--style='],
  ])
    await assert.rejects(
      async () => (await commandLine(args)).parseAsync(),
      (error: Error) => error instanceof UsageError && /following: style/.test(error.message),
    );
  await assert.rejects(
    async () => (await commandLine(['stylize', '--style', 'great-wave', '--out', 'x.jpg'])).parseAsync(),
    /photos to paint but received none/,
  );
  // Two photos: the second follows a style's name.
  await assert.rejects(
    async () =>
      (await commandLine([...STYLIZE, '-s', 'great-wave', 'b.jpg', '--style', 'scream'])).parseAsync(),
    /a folder for --out, as there are/,
  );
});

test('an option without its value, or with one of another kind, is wrong usage', async () => {
  for (const [args, name] of [
    [[...STYLIZE, '--stroke'], 'stroke'],
    [['stylize', 'a.jpg', '--out'], 'out'],
    [['train', '--style', '--name', 'wave'], 'style'],
    [['train', '--style', 'wave.jpg', '--steps'], 'steps'],
    [['studio', '--port', '--no-open'], 'port'],
    [['flicker', 'film.mp4', '-s'], 's'],
  ] as const)
    await assert.rejects(
      async () => (await commandLine(args)).parseAsync(),
      (error: Error) => error instanceof UsageError && error.message.endsWith(`following: ${name}`),
    );
  for (const [words, message] of [
    [['--quality', 'good'], 'Expected a number for --quality but received good.'],
    [['--max-pixels', '5', '--quality=good'], 'Expected a number for --quality but received good.'],
    [['--overwrite=yes'], 'Expected true or false for --overwrite but received yes.'],
    [
      ['--painting', 'wave.jpg'],
      'Expected --refine with --painting but received none; give both, or omit --painting.',
    ],
  ] as const)
    await assert.rejects(async () => (await commandLine([...STYLIZE, ...words])).parseAsync(), { message });
});

test('switches can be turned off, and what follows -- is no option', async () => {
  const video = ['video', 'no-film.mp4', '--style', 'great-wave', '--out', 'x.mp4'];
  await assert.rejects(
    async () => (await commandLine([...video, '--no-audio', '--no-json'])).parseAsync(),
    /Expected a video but received no-film\.mp4/,
  );
  await assert.rejects(
    async () =>
      (await commandLine([...STYLIZE, '--style', 'no-style-of-ours', '--', '--no-style'])).parseAsync(),
    /Expected the name or file of a trained style/,
  );
});
