import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { ConfigError } from '../../../src/system/errors.ts';
import type { TrainCall } from '../../../src/train/run/inputs.ts';
import { subjectsOf } from '../../../src/train/run/subject.ts';

const call = (given: Partial<TrainCall>) =>
  ({ style: ['art/wave.jpg'], out: 'checkpoints', together: false, ...given }) as TrainCall;

test('one painting, several one after the other, several in one, one added', () => {
  const [one] = subjectsOf(call({}));
  assert.deepEqual(one, {
    name: 'wave',
    runFolder: join('runs', 'wave'),
    checkpointPath: join('checkpoints', 'wave.safetensors'),
    paintings: [{ name: 'wave', file: 'art/wave.jpg' }],
    together: false,
  });
  const style = ['art/wave.jpg', 'scream.png'];
  const list = subjectsOf(call({ style, run: 'here' }));
  assert.deepEqual(
    list.map(({ name, runFolder, checkpointPath }) => [name, runFolder, checkpointPath]),
    ['wave', 'scream'].map((name) => [name, join('here', name), join('checkpoints', `${name}.safetensors`)]),
  );
  const [other] = subjectsOf(call({ styleName: ['w'] }));
  assert.deepEqual([other!.name, other!.runFolder], ['w', join('runs', 'w')]);
  const others = subjectsOf(call({ style, styleName: ['w', 's'] }));
  assert.deepEqual(
    others.map(({ name }) => name),
    ['w', 's'],
  );
  const [both] = subjectsOf(call({ style, together: true, name: 'pair', styleName: ['Wave', 'b'] }));
  assert.deepEqual(
    [both!.name, both!.together, both!.paintings.map(({ name }) => name)],
    ['pair', true, ['Wave', 'b']],
  );
  const [added] = subjectsOf(call({ addTo: 'x/pair.safetensors' }));
  assert.deepEqual([added!.name, added!.addTo], ['pair-wave', 'x/pair.safetensors']);
  const [named] = subjectsOf(call({ addTo: 'x/pair.safetensors', name: 'three', styleName: ['w'] }));
  assert.deepEqual([named!.name, named!.paintings[0]!.name], ['three', 'w']);
});

test('a style is named after the file of its painting, as far as a name can hold it', () => {
  const names = {
    'Wave (1831).jpg': 'Wave 1831',
    'Hokusai – The Great Wave, #2 [detail].png': 'Hokusai The Great Wave 2 detail',
    '(a).jpg': 'a',
    '-x.jpg': 'x',
    '..hidden.jpg': 'hidden',
    "L'étoile.jpg": 'L étoile',
    'तारों भरी रात.jpg': 'तारों भरी रात',
    '神奈川沖浪裏.jpg': '神奈川沖浪裏',
  };
  for (const [file, name] of Object.entries(names))
    assert.equal(subjectsOf(call({ style: [file] }))[0]!.name, name);
  assert.throws(
    () => subjectsOf(call({ style: ['!?.jpg'] })),
    /letters, digits, dots, dashes for --name but received !\?/,
  );
});

test('contradictory options are refused', () => {
  const style = ['wave.jpg', 'scream.jpg'];
  const cases: readonly (readonly [Partial<TrainCall>, RegExp])[] = [
    [{ style: [] }, /a painting for --style/],
    [{ style, name: 'a' }, /no --name with several paintings.*--together/],
    [{ style, title: 'A' }, /no --title with several/],
    [{ style: ['a/wave.jpg', 'b/Wave.png'] }, /different names but received a\/wave\.jpg and b\/Wave\.png/],
    [{ style: ['wave.jpg', '!?.jpg'] }, /the name of the style of !\?\.jpg/],
    [{ style, together: true }, /a --name for the network/],
    [{ together: true, name: 'a' }, /at least two paintings with --together/],
    [{ style, together: true, name: 'a:b' }, /for --name/],
    [{ style, together: true, name: 'a', styleName: ['x'] }, /as many --style-name/],
    [{ style, together: true, name: 'a', styleName: ['x', 'X'] }, /different names/],
    [{ style, together: true, name: 'a', addTo: 'b' }, /--together or --add-to/],
    [{ style, addTo: 'b' }, /one painting with --add-to/],
    [{ name: 'a', styleName: ['x'] }, /--name or --style-name .* received both/],
  ];
  for (const [given, message] of cases)
    assert.throws(
      () => subjectsOf(call(given)),
      (error) => error instanceof ConfigError && message.test(error.message),
      String(message),
    );
});
