/** What a table says of a setting holds wherever the setting is given: on the command line, in a file, in the library. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { commandLine } from '../../src/commands/command-line.ts';
import { trainConfigFlags } from '../../src/commands/train/options.ts';
import { FastStyleError } from '../../src/system/errors.ts';
import { optionName, type Setting, settingValue } from '../../src/system/settings.ts';
import { parseTrainConfig } from '../../src/train/config.ts';
import { TRAIN_SETTINGS } from '../../src/train/settings.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** Values outside what a row allows, as they may stand in a file. */
function outside({ bounds, choices }: Setting<unknown>): readonly unknown[] {
  if (choices !== undefined) return ['no-such-word', 1, null];
  if (bounds === undefined) return ['', 7, null, []];
  const { least, most, isWhole } = bounds;
  return [least - 1, most * 1.5, String(least), null, ...(isWhole ? [least + 0.5] : [])];
}

/** Texts outside what a row allows, as they may be typed. */
function typedOutside({ bounds, choices, read }: Setting<unknown>): readonly string[] {
  if (choices !== undefined) return ['no-such-word'];
  if (bounds !== undefined) return [String(bounds.least - 1), String(bounds.most * 1.5)];
  return read === undefined ? [''] : ['', 'relu1_1:spoons'];
}

async function refused(act: () => unknown, about: RegExp, what: string): Promise<void> {
  await assert.rejects(
    async () => act(),
    (error: Error) => {
      assert.ok(error instanceof FastStyleError, `${what}: ${error.stack}`);
      assert.equal(error.exitCode, 2, what);
      assert.doesNotMatch(error.message, /\n/, what);
      assert.match(error.message, about, what);
      return true;
    },
  );
}

test('a value outside is refused by command line, file and library alike', async (t) => {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'config.json');
  const train = (...words: readonly string[]) =>
    commandLine([
      ...['train', '--style', join(folder, 'wave.jpg'), '--run', join(folder, 'run'), '--out', folder],
      ...['--from', 'none', '--plan', ...words],
    ]).parseAsync();
  const network = ['--loss-network', 'vgg16'];
  for (const [name, row] of Object.entries(TRAIN_SETTINGS) as [string, Setting<unknown>][]) {
    const about = new RegExp(`\\b(${name}|${optionName(name)})\\b`, 'i');
    const others = name === 'lossNetwork' ? [] : network;
    const values = outside(row);
    for (const value of values)
      await refused(() => parseTrainConfig({ [name]: value }), about, `library, ${name}: ${value}`);
    // A file's settings go through the same check: one value of each shows it.
    await writeFile(config, JSON.stringify({ [name]: values[0] }));
    await refused(() => train('--config', config, ...others), about, `file, ${name}: ${values[0]}`);
    for (const text of typedOutside(row)) {
      // Without a number it is the usual weight.
      if (name === 'stabilityWeight' && text === '') continue;
      const typed = `--${optionName(name)}=${text}`;
      await refused(() => train(typed, ...others), about, `command line, ${typed}`);
    }
  }
});

test('an unknown setting is refused in a file, with the one that was meant', async (t) => {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'config.json');
  await writeFile(config, '{ "styleWieght": 3 }');
  const words = ['train', '--style', 'wave.jpg', '--run', folder, '--config', config, '--from', 'none'];
  await refused(
    () => commandLine([...words, '--loss-network', 'vgg16', '--plan']).parseAsync(),
    /Expected a setting of training but received styleWieght; perhaps you mean styleWeight/,
    'file',
  );
});

test('what help says is the default is the default as it is typed', () => {
  for (const [name, row] of Object.entries(TRAIN_SETTINGS) as [string, Setting<unknown>][]) {
    const shown = trainConfigFlags[optionName(name)]!.defaultDescription!;
    if (row.type === 'number' && row.read === undefined && row.defaultDescription === undefined)
      assert.equal(Number(shown), row.default, name);
    else if (row.read !== undefined)
      assert.deepEqual(settingValue(row, shown, `--${name}`), row.default, name);
    else assert.ok(shown.startsWith(String(row.default)) || name === 'strength', name);
  }
});
