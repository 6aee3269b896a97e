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
  train: ['train', 'planTraining', 'Trainer'],
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

const commands = recordedCommands()
  .flatMap(withSubcommands)
  .filter(({ needsSubcommand }) => !needsSubcommand);

test('each command has its function in the library', () => {
  const calls = commands.map(callOf).filter((call) => !OUTSIDE.test(call));
  assert.deepEqual(calls.sort(), Object.keys(FUNCTIONS).sort());
  for (const [call, names] of Object.entries(FUNCTIONS))
    for (const name of names) assert.equal(typeof functions[name], 'function', `${call}: ${name}`);
});

/** Options that say how a command writes or shows what the library gives as values. */
const SHOWN = ['out', 'overwrite', 'blend', 'json'];

test('where a command reads rows, its function knows each option, and names those that it has instead', async () => {
  const refusing = {
    setup: library.setup,
    doctor: library.doctor,
    'dataset build': (options: object) => library.buildDataset('photos', 'out', options),
    'dataset synth': (options: object) => library.synthDataset('out', options),
    'dataset inspect': (options: object) => library.inspectDataset('set', options),
    report: (options: object) => library.report('run', options),
    'styles sheet': library.stylesSheet,
    'styles import': (options: object) => library.importStyle('file', options),
    export: (options: object) => library.exportStyle('style', options),
  } as const satisfies Partial<
    Record<keyof typeof FUNCTIONS, (options: Record<string, unknown>) => Promise<unknown>>
  >;
  for (const [call, ask] of Object.entries(refusing)) {
    const { options } = commands.find((command) => callOf(command) === call)!;
    await assert.rejects(
      ask({ 'no-such-option': 1 } as never),
      (error: Error) => {
        assert.ok(error instanceof library.ConfigError, `${call}: ${error.stack}`);
        const known = (/settings are (.*)/.exec(error.message)?.[1] ?? '').split(/, |\.$/).map(optionName);
        for (const name of options.keys())
          assert.ok(known.includes(name) || SHOWN.includes(name), `${call} --${name}: ${error.message}`);
        return true;
      },
      call,
    );
  }
});
