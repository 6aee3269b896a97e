import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { lockRun } from '../../../src/train/run/run-folder.ts';
import { loadRunState } from '../../../src/train/run/run-state.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { type CliResult, startCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPhoto, tinyDataset } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

const SAMPLE = fileURLToPath(new URL('../../../samples/harbour.jpg', import.meta.url));

test('a run in a folder where another process trains is refused before anything is read', async (t) => {
  const folder = await temporaryFolder(t);
  const run = join(folder, 'run');
  const lock = await lockRun(run);
  t.after(() => lock.release());
  const paths = ['--style', SAMPLE, '--data', folder, '--run', run, '--out', folder];
  const { code, stderr } = await callCommand(['train', ...paths, '--overwrite']);
  assert.notEqual(code, 0);
  assert.match(stderr, /run's folder that no other process works in but received/);
  assert.deepEqual(await readdir(run), ['run.lock']);
});

/** A call whose steps take milliseconds. */
async function smallCall(folder: string, ...more: readonly string[]): Promise<string[]> {
  await tinyDataset(folder, 5);
  await writeTinyLossNetwork(join(folder, 'vgg.safetensors'));
  await drawnPhoto(join(folder, 'wave.png'), 60, 48, { seed: 9 });
  const paths = `train --style ${join(folder, 'wave.png')} --data ${join(folder, 'dataset')} --loss-network ${join(folder, 'vgg.safetensors')} --run ${join(folder, 'run')} --out ${folder}`;
  const small =
    '--architecture c3s1-4,c3s1-3 --style-weight 4 --style-layers relu1_1 --content-layers relu2_2 --image-size 32 --style-size 64 --batch 2 --warmup 5 --precision f32 --preview-every 0 --steps 4';
  return [...`${paths} ${small}`.split(' '), ...more];
}

test('of two runs started at once in one folder, one ends well, and the other replaces nothing of it', async (t) => {
  const folder = await temporaryFolder(t);
  const args = await smallCall(folder);
  const both = [startCli([...args, '--seed', '1']), startCli([...args, '--seed', '2'])];
  const ends = await Promise.all(both.map(({ done }) => done));
  const [lost, won] = ends.toSorted((a, b) => b.code! - a.code!) as [CliResult, CliResult];
  assert.equal(won.code, 0, won.stderr);
  assert.equal(lost.code, 1, lost.stderr);
  assert.match(
    lost.stderr,
    /^fast-style: .*(holds an earlier run; continue with --resume|no other process works in but received)/m,
  );
  const seed = 1 + ends.indexOf(won);
  const { config } = (await loadRunState(join(folder, 'run'))).state;
  assert.equal(config.seed, seed, 'the state is of the run that ended well');
});

test('a run that another process has continued is not resumed from an older state', async (t) => {
  const folder = await temporaryFolder(t);
  const args = await smallCall(folder);
  assert.equal((await callCommand(args)).code, 0);
  const resumed = [...args.slice(0, -1), '8', '--resume'];
  const ends = await Promise.all([startCli(resumed).done, startCli(resumed).done]);
  const codes = ends.map(({ code }) => code).sort();
  assert.deepEqual(codes, [0, 1], ends.map(({ stderr }) => stderr).join());
  const refused = ends.find(({ code }) => code === 1)!;
  assert.match(refused.stderr, /^fast-style: .*(has worked in .* meanwhile|no other process works in)/m);
});
