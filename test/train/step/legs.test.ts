import assert from 'node:assert/strict';
import test from 'node:test';
import { parseTrainConfig } from '../../../src/train/config.ts';
import { UNHARMED } from '../../../src/train/guard/guard-record.ts';
import type { RunState } from '../../../src/train/run/run-state.ts';
import { legsOf } from '../../../src/train/step/legs.ts';

const config = parseTrainConfig({ steps: 100 });
const stopped: RunState = {
  run: '',
  config,
  legs: legsOf(undefined, config),
  step: 40,
  images: 160,
  position: { epoch: 1, index: 3 },
  recent: [],
  guard: UNHARMED,
  painting: '',
  lossNetwork: '',
  dataset: '',
  tensors: [],
};

test('a run resumed without changes stays one leg', () => {
  assert.deepEqual(legsOf(undefined, config), [{ step: 0, images: 0, config }]);
  assert.deepEqual(legsOf(stopped, parseTrainConfig({ steps: 100 })), stopped.legs);
});

test('a run resumed with other settings says from where', () => {
  const changed = parseTrainConfig({ steps: 100, styleWeight: 9 });
  assert.deepEqual(legsOf(stopped, changed), [
    { step: 0, images: 0, config },
    { step: 40, images: 160, config: changed },
  ]);
});
