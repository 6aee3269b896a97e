import assert from 'node:assert/strict';
import test from 'node:test';
import { beginsPhase, type PhaseSettings, phaseAt, phasesFrom } from '../../../src/train/step/schedule.ts';

const plain = { smallCrops: 0, stabilityWeight: 0, stabilityFrom: 0.5, imageSize: 256, steps: 1000 };
const of = (given: Partial<PhaseSettings>): PhaseSettings => ({ ...plain, ...given });
const side = (step: number, smallCrops: number, given: Partial<PhaseSettings> = {}) =>
  phaseAt(step, of({ smallCrops, ...given })).imageSize;
const weight = (step: number, stabilityFrom: number) =>
  phaseAt(step, of({ stabilityFrom, stabilityWeight: 10 })).stabilityWeight;

test('crops have half the side for exactly their share of the steps, then all of it', () => {
  assert.deepEqual(
    [0, 299, 300].map((step) => side(step, 0.3)),
    [128, 128, 256],
  );
  assert.equal(side(0, 0), 256);
  assert.deepEqual([side(999, 1), side(1000, 1)], [128, 128]);
  assert.equal(side(0, 0.5, { imageSize: 33 }), 17);
  assert.deepEqual(
    [3, 4].map((step) => side(step, 0.5, { steps: 7 })),
    [128, 256],
  );
});

test('stability is weighed exactly from its share of the steps on', () => {
  assert.deepEqual(
    [0, 499, 500, 999, 1000].map((step) => weight(step, 0.5)),
    [0, 0, 10, 10, 10],
  );
  assert.equal(weight(0, 0), 10);
  assert.deepEqual([weight(999, 1), weight(1000, 1)], [0, 0]);
});

test('the remaining phases of a run, from any step on', () => {
  const phase = (imageSize: number, stabilityWeight: number, from: number, steps: number) => ({
    ...{ imageSize, stabilityWeight },
    ...{ from, steps },
  });
  const both = of({ smallCrops: 0.3, stabilityWeight: 10 });
  const [small, large, steady] = [phase(128, 0, 0, 300), phase(256, 0, 300, 200), phase(256, 10, 500, 500)];
  assert.deepEqual(phasesFrom(0, both), [small, large, steady]);
  assert.deepEqual(phasesFrom(299, both), [phase(128, 0, 299, 1), large, steady]);
  assert.deepEqual(phasesFrom(300, both), [large, steady]);
  assert.deepEqual(phasesFrom(900, both), [phase(256, 10, 900, 100)]);
  // The other way round, and both at once.
  assert.deepEqual(phasesFrom(0, { ...both, smallCrops: 0.7 }), [
    ...[phase(128, 0, 0, 500), phase(128, 10, 500, 200)],
    phase(256, 10, 700, 300),
  ]);
  assert.deepEqual(phasesFrom(0, { ...both, smallCrops: 0.5 }), [phase(128, 0, 0, 500), steady]);
  // What would begin only after the end, or is not weighed at all, is no phase.
  assert.deepEqual(phasesFrom(0, of({ smallCrops: 1 })), [phase(128, 0, 0, 1000)]);
  assert.deepEqual(phasesFrom(0, of({})), [phase(256, 0, 0, 1000)]);
  const beginnings = Array.from({ length: 1000 }, (_, i) => i).filter((step) => beginsPhase(step, both));
  assert.deepEqual(beginnings, [0, 300, 500]);
});
