import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { CheckpointError } from '../../../src/system/errors.ts';
import { removeRun } from '../../../src/train/run/run-folder.ts';
import { hasRunState, loadRunState, type RunState, saveRunState } from '../../../src/train/run/run-state.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { trainer } from '../tiny-trainer.ts';

/** Files keep tensors in the order of their names. */
const inOrder = ({ tensors, ...rest }: RunState) => ({
  ...rest,
  tensors: tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
});

test('the newest intact state is taken, and skipped ones are named', async (t) => {
  const folder = await temporaryFolder(t);
  const of = await trainer();
  const states: RunState[] = [];
  for await (const { step } of of.steps()) {
    states.push(of.runState());
    await saveRunState(folder, states.at(-1)!);
    if (step === 3) break;
  }
  of.dispose();
  const path = (step: number) => join(folder, `state-00000000${step}.safetensors`);
  assert.deepEqual((await readdir(folder)).length, 2);
  assert.equal(await hasRunState(folder), true);
  assert.deepEqual(inOrder((await loadRunState(folder)).state), inOrder(states[2]!));
  await truncate(path(3), 1000);
  const { state, passedOver } = await loadRunState(folder);
  assert.deepEqual(inOrder(state), inOrder(states[1]!));
  assert.equal(passedOver.length, 1);
  assert.match(passedOver[0]!, /state-000000003\.safetensors is not a sound/);
  await writeFile(path(2), 'nothing');
  await assert.rejects(loadRunState(folder), (error) => {
    return error instanceof CheckpointError && /start it without --resume/.test(error.message);
  });
});

test('no folder, an empty one and one of other files hold no state', async (t) => {
  const folder = await temporaryFolder(t);
  await appendFile(join(folder, 'state-1.safetensors'), 'not ours');
  for (const place of [folder, join(folder, 'none')]) {
    assert.equal(await hasRunState(place), false);
    await assert.rejects(loadRunState(place), /Expected the state of a run in .* but received none/);
  }
});

test('removing a run removes only its own files', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'previews'));
  const own = ['state-000000004.safetensors', 'log.jsonl', 'previews/harbour-000500.jpg'];
  const others = ['holiday.jpg', 'previews/holiday.jpg', 'wave.safetensors'];
  for (const name of [...own, ...others]) await writeFile(join(folder, name), 'x');
  await removeRun(folder);
  assert.deepEqual((await readdir(folder, { recursive: true })).sort(), ['previews', ...others].sort());
  await removeRun(join(folder, 'none'));
});

test('a run from before units existed resumes with shares', async (t) => {
  const folder = await temporaryFolder(t);
  const of = await trainer();
  const state = of.runState();
  of.dispose();
  const { units, ...before } = state.config;
  assert.equal(units, 'relative');
  await saveRunState(folder, { ...state, config: before as RunState['config'] });
  assert.deepEqual((await loadRunState(folder)).state.config, state.config);
});
