import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { expectUserError, runCli } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';

test('a net of random weights is told what is wrong with it, as a table and as JSON', async (t) => {
  const cwd = await temporaryFolder(t);
  const checkpoint = await writeTinyCheckpoint(join(cwd, 'noise.safetensors'), 'c3s1-3');
  const painting = await drawnPhoto(join(cwd, 'painting.png'), 80, 60, { seed: 4 });
  const args = ['styles', 'check', checkpoint, '--painting', painting, '--crops', '2'];
  const [table, json, noPhotos, noCrops] = await Promise.all([
    runCli(args, { cwd }),
    runCli([...args, '--json'], { cwd }),
    runCli([...args, '--photos', join(cwd, 'nowhere')], { cwd }),
    runCli(['styles', 'check', checkpoint, '--crops', '0'], { cwd }),
  ]);
  assert.equal(table.code, 1);
  assert.match(table.stderr, /^fast-style: .*noise\.safetensors has \d+ of 13 faults: .*$/m);
  assert.match(table.stdout, /^(ok|FAULT) +lattice of 2 px +\d+\.\d{4} +at most 2 +grey levels$/m);
  const [faultLines, steadyLines] = table.stdout
    .trimEnd()
    .split('\n\n')
    .map((part) => part.split('\n'));
  assert.equal(faultLines!.length, 13);
  assert.match(steadyLines![0]!, /^Steadiness in film: .*texture \d+\.\d grey levels; no limits/);
  assert.match(steadyLines![3]!, /^ +pan 1 px +\d+\.\d\d +grey levels +\d\.\d{3} of texture$/);
  const { measures, steadiness } = JSON.parse(json.stdout) as {
    measures: { ok: boolean; name: string }[];
    steadiness: { changes: unknown[] };
  };
  assert.equal(steadiness.changes.length, steadyLines!.length - 1);
  const faults = measures.filter(({ ok }) => !ok).length;
  assert.match(json.stderr, new RegExp(`has ${faults} of 13 faults`));
  expectUserError(noPhotos, /Cannot read the folder .*nowhere/);
  expectUserError(noCrops, /whole number of at least 1 for --crops but received 0/, 2);
});
