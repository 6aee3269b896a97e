import assert from 'node:assert/strict';
import test from 'node:test';
import { ConfigError } from '../../src/system/errors.ts';
import { layersOrNoneSetting, layersSetting } from '../../src/system/layer-setting.ts';
import {
  choiceSetting,
  numberSetting,
  positiveSetting,
  switchSetting,
  textSetting,
  textsSetting,
  wholeSetting,
} from '../../src/system/setting-kinds.ts';
import {
  checkSettings,
  defaultsOf,
  settingValue,
  typedValues,
  valuesOf,
  withoutRows,
} from '../../src/system/settings.ts';

const TABLE = {
  weight: numberSetting([0, 2], { default: 1 }),
  count: wholeSetting([1, 9], { default: 3 }),
  colour: choiceSetting(['off', 'luminance'], {
    default: 'off',
    words: { style: 'off', photo: 'luminance' },
  }),
  name: textSetting({ default: 'wave' }),
  clamp: switchSetting({ default: true }),
};

test('a table gives defaults in its order', () => {
  const defaults: {
    readonly weight: number;
    readonly count: number;
    readonly colour: 'off' | 'luminance';
    readonly name: string;
    readonly clamp: boolean;
  } = defaultsOf(TABLE);
  assert.equal(JSON.stringify(defaults), '{"weight":1,"count":3,"colour":"off","name":"wave","clamp":true}');
});

test('values are checked by name, and unknown names are refused with the one that was meant', () => {
  checkSettings(TABLE, { weight: 2, count: 9, colour: 'luminance', name: 'a', clamp: false }, 'a test');
  const refused: readonly (readonly [string, unknown, string])[] = [
    ['weight', 2.1, 'Expected a number from 0 to 2 for weight but received 2.1.'],
    ['weight', '1', 'Expected a number from 0 to 2 for weight but received 1.'],
    ['count', 1.5, 'Expected a whole number from 1 to 9 for count but received 1.5.'],
    ['colour', 'photo', 'Expected one of off, luminance for colour but received photo.'],
    ['name', '', 'Expected a text for name but received .'],
    ['clamp', 1, 'Expected true or false for clamp but received 1.'],
    [
      'wieght',
      1,
      'Expected a setting of a test but received wieght; perhaps you mean weight; the settings are weight, count, colour, name, clamp.',
    ],
    [
      'toString',
      1,
      'Expected a setting of a test but received toString; the settings are weight, count, colour, name, clamp.',
    ],
  ];
  for (const [name, value, message] of refused)
    assert.throws(() => checkSettings(TABLE, { [name]: value }, 'a test'), new ConfigError(message));
});

const CALL = {
  photo: textsSetting({ default: undefined }),
  out: textSetting({ default: undefined, required: 'a file' }),
  depth: choiceSetting([8, 16], { default: undefined }),
  minutes: positiveSetting({ default: 10 }),
};

test('what need not be given is undefined, what has to be is asked for; a text alone is a list', () => {
  const values: {
    readonly photo: readonly string[] | undefined;
    readonly out: string;
    readonly depth: 8 | 16 | undefined;
    readonly minutes: number;
  } = valuesOf(CALL, { out: 'a.png' });
  assert.deepEqual(values, { photo: undefined, out: 'a.png', depth: undefined, minutes: 10 });
  const typed = typedValues(CALL, { out: 'a.png', photo: 'a', depth: 16 });
  assert.deepEqual([typed.photo, typed.depth], [['a'], 16]);
  const refused: readonly (readonly [object, string])[] = [
    [{}, 'Expected a file for --out but received none.'],
    [{ out: '' }, 'Expected a text for --out but received .'],
    [{ out: 'a', photo: [] }, 'Expected a text or a list of texts for --photo but received [].'],
    [{ out: 'a', photo: ['a', ''] }, 'Expected a text or a list of texts for --photo but received ["a",""].'],
    [{ out: 'a', depth: '8' }, 'Expected one of 8, 16 for --depth but received 8.'],
    [{ out: 'a', minutes: 0 }, 'Expected a number above 0 for --minutes but received 0.'],
  ];
  for (const [given, message] of refused)
    assert.throws(() => typedValues(CALL, { ...given }), new ConfigError(message));
  assert.deepEqual(Object.keys(withoutRows(CALL, ['photo', 'depth'])), ['out', 'minutes']);
});

test('words of the command line become values', () => {
  assert.equal(settingValue(TABLE.colour, 'photo', '--colour'), 'luminance');
  assert.equal(settingValue(TABLE.colour, 'toString', '--colour'), 'toString', 'which its check refuses');
  assert.equal(settingValue(TABLE.weight, 1.5, '--weight'), 1.5);
});

test('layers with weights are read from one argument, in one syntax', () => {
  const above = layersSetting({ default: { a: 1 } });
  const orNone = layersOrNoneSetting({ default: { a: 1 } });
  for (const { read } of [above, orNone]) {
    assert.deepEqual(read('relu1_1:0.5, relu2_1 ,relu3_1:2e-1', '--x'), {
      relu1_1: 0.5,
      relu2_1: 1,
      relu3_1: 0.2,
    });
    // What scripts of before have.
    assert.deepEqual(read('relu1_1=0.5,relu2_1', '--x'), { relu1_1: 0.5, relu2_1: 1 });
    for (const text of ['', ',', 'a:', 'a=', ':1', 'a:-1', 'a:b', 'a:Infinity', 'a,,b', 'a:1:2'])
      assert.throws(
        () => read(text, '--x'),
        new ConfigError(`Expected layers like relu1_1:0.5,relu2_1:0.5 for --x but received ${text}.`),
      );
    assert.throws(() => read('a,a:2', '--x'), /each layer once in --x but received a,a:2/);
  }
  assert.throws(() => above.read('a:0', '--x'), /for --x but received a:0/);
  assert.deepEqual(orNone.read('a:0', '--x'), { a: 0 });
  assert.throws(() => above.checked({ a: 0 }, 'x'), /layers with weights above 0 for x/);
  assert.throws(() => above.checked({}, 'x'), /layers with weights above 0 for x/);
  assert.deepEqual(orNone.checked({ a: 0 }, 'x'), { a: 0 });
  assert.throws(() => orNone.checked({ a: -1 }, 'x'), /layers with weights of at least 0 for x/);
});
