import assert from 'node:assert/strict';
import test from 'node:test';
import {
  type Case,
  caseGroups,
  convolutionOperations,
  gpuCaseGroups,
  growthCases,
  isLarge,
} from '../../bench/cases.ts';

const forward = (architecture: string): Case => ({
  kind: 'forward',
  name: 'small',
  width: 8,
  height: 4,
  architecture,
});

test('a forward pass is counted by hand', () => {
  assert.equal(convolutionOperations(forward('c3s1-3')), 2 * 9 * 3 * 3 * 32);
  const [first, down, residual, up, last] = [
    2 * 81 * 3 * 4 * 32,
    2 * 9 * 4 * 6 * 8,
    2 * 2 * 9 * 6 * 6 * 8,
    2 * 9 * 6 * 4 * 32,
    2 * 81 * 4 * 3 * 32,
  ];
  assert.equal(convolutionOperations(forward('c9s1-4,d6,R6,u4,c9s1-3')), first + down + residual + up + last);
});

test('a training step is three passes of the net and those of the loss network', () => {
  const vggWidths = [1, 1, 1, 1, 1];
  const training: Case = { ...forward('c3s1-3'), kind: 'training', batch: 2, vggWidths };
  const net = 2 * 9 * 3 * 3 * 32;
  // conv1_1 reads three channels; blocks have 2, 2, 4, 4 convolutions, and each halves both sides.
  const block = (count: number, area: number) => 2 * 9 * count * area;
  const upTo3 = block(3, 32) + block(1, 32) + block(2, 8) + block(4, 2);
  const toConv4_2 = upTo3 + block(2, 0.5);
  const toConv5_1 = upTo3 + block(4, 0.5) + block(1, 0.125);
  assert.equal(convolutionOperations(training), 2 * (3 * net + toConv4_2 + 2 * toConv5_1));
});

test('a GPU has its own cases: batches up to 16, and every pass also without transfer', () => {
  const cases = gpuCaseGroups().flatMap((group) => group.cases);
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
  const batches = cases.flatMap((one) => (one.kind === 'training' ? one.batch : []));
  assert.deepEqual(batches, [1, 4, 16, 1, 4, 16]);
  const sizes = (stays: boolean) =>
    cases.flatMap((one) => (one.kind === 'forward' && !!one.staysOnDevice === stays ? one.width : []));
  assert.deepEqual(sizes(true), sizes(false));
});

test('cases have unique names, and the largest is separate', () => {
  const cases = caseGroups().flatMap((group) => group.cases);
  const names = cases.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(
    caseGroups().flatMap((group) => (group.cases.some(isLarge) ? [[group.name, group.cases.length]] : [])),
    [
      ['forward-full-3840x2160', 1],
      ['forward-half-3840x2160', 1],
    ],
  );
  const growth = growthCases();
  assert.deepEqual(
    growth.flatMap((one) => (one.kind === 'training' ? [one.batch] : [])),
    [1, 2, 4, 8],
  );
  assert.equal(new Set(growth.map(({ name }) => name)).size, growth.length);
});
