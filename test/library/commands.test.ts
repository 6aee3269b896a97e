/** What the command line can, the library can: each command by the function that does the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as library from '../../src/index.ts';
import { optionName } from '../../src/system/settings.ts';
import { callOf, recordedCommands, withSubcommands } from '../../tools/recorded-commands.ts';

/** Functions by the words that call a command; what a command does by a switch has its own where it gives another result. */
const FUNCTIONS = {
  setup: ['setup'],
  doctor: ['doctor'],
  'dataset build': ['buildDataset'],
  'dataset synth': ['synthDataset'],
  'dataset inspect': ['inspectDataset'],
  'weights fetch': ['fetchWeights'],
  'weights import': ['importWeights'],
  'weights list': ['listWeights'],
  calibrate: ['calibrate'],
  train: ['train', 'trainEach', 'planTraining', 'Trainer'],
  report: ['report'],
  stylize: ['Stylizer', 'stylizeFiles', 'watchFolder', 'refine'],
  video: ['video'],
  styles: ['listStyles'],
  'styles inspect': ['inspectStyle'],
  'styles sheet': ['stylesSheet'],
  'styles check': ['checkStyle'],
  'styles import': ['importStyle'],
  export: ['exportStyle'],
  flicker: ['measureFlicker'],
  optimize: ['optimize', 'optimizeSteps'],
  compare: ['compare'],
} as const satisfies Readonly<Record<string, readonly (keyof typeof library)[]>>;

const functions: Readonly<Record<string, unknown>> = { ...library };

/** A page in front of the library, which it imports: the library cannot have it. And what runs the commands on many machines. */
const OUTSIDE = /^(studio|farm)\b/;

const commands = (await recordedCommands())
  .flatMap(withSubcommands)
  .filter(({ needsSubcommand }) => !needsSubcommand);

test('each command has its function in the library', () => {
  const calls = commands.map(callOf).filter((call) => !OUTSIDE.test(call));
  assert.deepEqual(calls.sort(), Object.keys(FUNCTIONS).sort());
  for (const [call, names] of Object.entries(FUNCTIONS))
    for (const name of names) assert.equal(typeof functions[name], 'function', `${call}: ${name}`);
});

type Call = (options: Record<string, unknown>) => Promise<unknown>;

/** Calls of the functions that take the options of their command, by the words that call it. */
const TAKING: Readonly<Record<string, readonly unknown[]>> = {
  setup: [library.setup],
  doctor: [library.doctor],
  'dataset build': [(options: object) => library.buildDataset('photos', 'out', options)],
  'dataset synth': [(options: object) => library.synthDataset('out', options)],
  'dataset inspect': [(options: object) => library.inspectDataset('set', options)],
  'weights fetch': [(options: object) => library.fetchWeights('vgg19', options)],
  'weights import': [(options: object) => library.importWeights('file', options)],
  calibrate: [library.calibrate],
  train: [library.train],
  report: [(options: object) => library.report('run', options)],
  stylize: [library.stylizeFiles, (options: object) => library.watchFolder(options as never, {} as never)],
  video: [library.video],
  'styles sheet': [library.stylesSheet],
  'styles check': [(options: object) => library.checkStyle({ style: 'style', ...options })],
  'styles import': [(options: object) => library.importStyle('file', options)],
  export: [(options: object) => library.exportStyle('style', options)],
  flicker: [library.measureFlicker],
  optimize: [library.optimize],
  compare: [library.compare],
};

/** The library has callbacks and results instead. */
const SHOWN = ['json'];
/** Options that a command has and its functions have not. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  // The folder comes before the options.
  'dataset build': ['out'],
  'dataset synth': ['out'],
  // A function of its own: planTraining.
  train: ['plan'],
  // The container of standard output.
  video: ['format'],
  // The answer is the file's bytes. Styles to mix are an array.
  export: ['blend', 'out', 'overwrite'],
};

test('each option of a command is one of its functions, by the same name', async () => {
  const lacking: Record<string, readonly string[]> = {};
  for (const command of commands) {
    const call = callOf(command);
    if (OUTSIDE.test(call)) continue;
    const known = new Set(SHOWN);
    for (const ask of TAKING[call] ?? [])
      for (const name of await optionsOf(ask as Call, call)) known.add(name);
    const missing = [...command.options.keys()].filter((name) => !known.has(name));
    if (missing.length > 0) lacking[call] = missing.sort();
  }
  assert.deepEqual(lacking, ELSEWHERE);
});

/** Names of the options that a function knows, as they are typed: it says them where it refuses another. */
async function optionsOf(ask: Call, call: string): Promise<readonly string[]> {
  let names: readonly string[] = [];
  await assert.rejects(
    async () => ask({ 'no-such-option': 1 }),
    (error: Error) => {
      assert.ok(error instanceof library.ConfigError, `${call}: ${error.stack}`);
      names = (/settings are (.*)/.exec(error.message)?.[1] ?? '').split(/, |\.$/).map(optionName);
      return true;
    },
    call,
  );
  return names;
}
