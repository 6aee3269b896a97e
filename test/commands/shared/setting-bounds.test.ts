/** What a table says of a setting holds wherever the setting is given: on the command line, in a file, in the library. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { commandLine } from '../../../src/commands/command-line.ts';
import { trainConfigFlags } from '../../../src/commands/train/call.ts';
import { BUILD_SETTINGS, INSPECT_SETTINGS, SYNTH_SETTINGS } from '../../../src/data/dataset-settings.ts';
import { EXPORT_SETTINGS } from '../../../src/export/export-call.ts';
import { CHECK_SETTINGS } from '../../../src/judge/check-call.ts';
import { COMPARE_SETTINGS } from '../../../src/judge/compare-call.ts';
import { FLICKER_SETTINGS } from '../../../src/judge/flicker-call.ts';
import { DOCTOR_SETTINGS, SETUP_SETTINGS } from '../../../src/machine/settings.ts';
import { IMPORT_SETTINGS } from '../../../src/networks/imported/import-call.ts';
import {
  ADAM_SETTINGS,
  FIXED_STEP_SETTINGS,
  LBFGS_SETTINGS,
} from '../../../src/optimize/minimizer-settings.ts';
import { OPTIMIZE_SETTINGS } from '../../../src/optimize/settings.ts';
import { SHEET_SETTINGS } from '../../../src/paint/styles-sheet-call.ts';
import { STYLIZE_SETTINGS } from '../../../src/paint/stylize-settings.ts';
import { REPORT_SETTINGS } from '../../../src/report/report-call.ts';
import { FastStyleError } from '../../../src/system/errors.ts';
import { optionName, type Setting, settingValue, withoutRows } from '../../../src/system/settings.ts';
import { CALIBRATE_SETTINGS } from '../../../src/train/calibrate/call.ts';
import { parseTrainConfig } from '../../../src/train/config.ts';
import { TRAIN_CALL } from '../../../src/train/run/call-settings.ts';
import { TRAIN_SETTINGS } from '../../../src/train/settings.ts';
import { VIDEO_SETTINGS } from '../../../src/video/run/call.ts';
import { outside, typedOutside } from '../../helpers/outside-settings.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

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

test('train: a value outside is refused by command line, file and library alike', async (t) => {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'config.json');
  const train = async (...words: readonly string[]) =>
    (
      await commandLine([
        ...['train', '--style', join(folder, 'wave.jpg'), '--run', join(folder, 'run'), '--out', folder],
        ...['--from', 'none', '--plan', ...words],
      ])
    ).parseAsync();
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

test('train: an unknown setting is refused in a file, with the one that was meant', async (t) => {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'config.json');
  await writeFile(config, '{ "styleWieght": 3 }');
  const words = ['train', '--style', 'wave.jpg', '--run', folder, '--config', config, '--from', 'none'];
  await refused(
    async () => (await commandLine([...words, '--loss-network', 'vgg16', '--plan'])).parseAsync(),
    /Expected a setting of training but received styleWieght; perhaps you mean styleWeight/,
    'file',
  );
});

// Of the library: test/optimize/optimization.test.ts.
test('optimize: a value outside is refused by the command line', async () => {
  const adam = ['--method', 'adam'];
  const words: Readonly<Record<string, readonly string[]>> = { lr: adam, decay: adam };
  const rows = { ...LBFGS_SETTINGS, ...ADAM_SETTINGS, ...OPTIMIZE_SETTINGS };
  let tried = 0;
  for (const [name, row] of Object.entries(rows) as [string, Setting<unknown>][]) {
    if (row.describe === undefined) continue;
    const option = optionName(row.option ?? name);
    for (const text of typedOutside(row)) {
      const typed = `--${option}=${text}`;
      const line = ['optimize', '--out', 'no-such-folder/x.png', ...(words[option] ?? []), typed];
      await refused(async () => (await commandLine(line)).parseAsync(), new RegExp(`\\b${option}\\b`), typed);
      tried++;
    }
  }
  assert.ok(tried > 20);
});

test('where a command reads rows: a value outside is refused by the command line', async () => {
  const pictures = ['--style', 'no-such', '--photos', 'no-such', '--painting', 'no-such'];
  const calls = [
    [COMPARE_SETTINGS, ['compare', ...pictures]],
    [CALIBRATE_SETTINGS, ['calibrate', '--style', 'no-such', '--out', 'no-such.png']],
    [FLICKER_SETTINGS, ['flicker', 'no-such', '--style', 'no-such']],
    [CHECK_SETTINGS, ['styles', 'check', 'no-such']],
    [BUILD_SETTINGS, ['dataset', 'build', 'no-such', '--out', 'no-such-folder/set']],
    [SYNTH_SETTINGS, ['dataset', 'synth', '--out', 'no-such-folder/set']],
    [INSPECT_SETTINGS, ['dataset', 'inspect', 'no-such']],
    [EXPORT_SETTINGS, ['export', 'no-such', '--out', 'no-such-folder/x.onnx']],
    [IMPORT_SETTINGS, ['styles', 'import', 'no-such']],
    [SHEET_SETTINGS, ['styles', 'sheet', 'no-such-folder/sheet.png']],
    [SETUP_SETTINGS, ['setup']],
    [DOCTOR_SETTINGS, ['doctor']],
    [REPORT_SETTINGS, ['report', 'no-such']],
    // Arguments are no options.
    [withoutRows(STYLIZE_SETTINGS, ['photo']), ['stylize', 'no-such', '--out', 'no-such-folder/x.png']],
    [withoutRows(VIDEO_SETTINGS, ['video']), ['video', 'no-such', '--out', 'no-such-folder/x.mp4']],
    [TRAIN_CALL, ['train', '--style', 'no-such']],
  ] as const;
  for (const [rows, line] of calls)
    for (const [name, row] of Object.entries(rows) as [string, Setting<unknown>][])
      for (const text of typedOutside(row)) {
        const typed = `--${optionName(name)}=${text}`;
        await refused(
          async () => (await commandLine([...line, typed])).parseAsync(),
          new RegExp(`\\b${optionName(name)}\\b`),
          typed,
        );
      }
});

test('optimize: every value that a row names fits its own bounds', () => {
  const rows = { ...LBFGS_SETTINGS, ...FIXED_STEP_SETTINGS, ...ADAM_SETTINGS, ...OPTIMIZE_SETTINGS };
  for (const [name, row] of Object.entries(rows) as [string, Setting<unknown>][])
    for (const value of [row.default, ...Object.values(row.words ?? {})])
      assert.deepEqual(row.checked(value, name), value, name);
});

test('the default that help shows can be typed', () => {
  for (const [name, row] of Object.entries(TRAIN_SETTINGS) as [string, Setting<unknown>][]) {
    const shown = trainConfigFlags[optionName(name)]!.defaultDescription!;
    if (row.type === 'number' && row.read === undefined && row.defaultDescription === undefined)
      assert.equal(Number(shown), row.default, name);
    else if (row.read !== undefined)
      assert.deepEqual(settingValue(row, shown, `--${name}`), row.default, name);
    else assert.ok(shown.startsWith(String(row.default)) || name === 'strength', name);
  }
});
