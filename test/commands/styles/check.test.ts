import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import type { StyleJudgement } from '../../../src/compare/figures.ts';
import { medianJudgement, StyleJudge } from '../../../src/compare/style-judgement.ts';
import { readPicture } from '../../../src/data/image-file.ts';
import { SAMPLES } from '../../../src/data/sample-photos.ts';
import { checkStyle } from '../../../src/index.ts';
import { StyleNetwork } from '../../../src/infer/style-network.ts';
import { LossNetwork } from '../../../src/networks/loss-network.ts';
import { readLossNetworkWeights } from '../../../src/networks/loss-network-weights.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { freshCache } from '../../helpers/fresh-cache.ts';
import { expectUserError, runCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

test('faults of a net of random weights are listed, as a table and as JSON', async (t) => {
  const cwd = await temporaryFolder(t);
  const env = await freshCache(cwd);
  const checkpoint = await writeTinyCheckpoint(join(cwd, 'noise.safetensors'), 'c3s1-3');
  const painting = await drawnPhoto(join(cwd, 'painting.png'), 80, 60, { seed: 4 });
  const args = ['styles', 'check', checkpoint, '--painting', painting, '--crops', '2'];
  const [table, json, noPhotos, noCrops] = await Promise.all([
    runCli(args, { cwd, env }),
    callCommand([...args, '--json'], { cwd, env }),
    callCommand([...args, '--photos', join(cwd, 'nowhere')], { cwd, env }),
    callCommand(['styles', 'check', checkpoint, '--crops', '0'], { cwd, env }),
  ]);
  assert.equal(table.code, 1);
  assert.match(
    table.stderr,
    /^Left out: strokes and photo kept, which need a full loss network \('fast-style weights fetch vgg16'\)\.$/m,
  );
  assert.match(table.stderr, /^fast-style: .*noise\.safetensors has \d+ of 16 faults: .*$/m);
  assert.match(table.stdout, /^(ok|FAULT) +lattice of 2 px +\d+\.\d{4} +at most 2 +grey levels$/m);
  const [faultLines, steadyLines] = table.stdout
    .trimEnd()
    .split('\n\n')
    .map((part) => part.split('\n'));
  assert.equal(faultLines!.length, 16);
  assert.match(steadyLines![0]!, /^Steadiness in film: .*texture \d+\.\d grey levels; no limits/);
  assert.match(steadyLines![3]!, /^ +pan 1 px +\d+\.\d\d +grey levels +\d\.\d{3} of texture$/);
  const { measures, steadiness } = JSON.parse(json.stdout) as {
    measures: { ok: boolean; name: string }[];
    steadiness: { changes: unknown[] };
  };
  assert.equal(steadiness.changes.length, steadyLines!.length - 1);
  const faults = measures.filter(({ ok }) => !ok).length;
  assert.match(json.stderr, new RegExp(`has ${faults} of 16 faults`));
  expectUserError(noPhotos, /Cannot read the folder .*nowhere/);
  expectUserError(noCrops, /whole number of at least 1 for --crops but received 0/, 2);
});

test('a loss network judges strokes and photo, without limits if it is narrow', async (t) => {
  const cwd = await temporaryFolder(t);
  const env = await freshCache(cwd);
  const cache = env.FAST_STYLE_CACHE;
  await mkdir(join(cache, 'weights'));
  await writeTinyLossNetwork(join(cache, 'weights', 'vgg19.safetensors'), { seed: 3 });
  const named = await writeTinyLossNetwork(join(cwd, 'named.safetensors'), { kind: 'vgg16' });
  const checkpoint = await writeTinyCheckpoint(join(cwd, 'noise.safetensors'), 'c3s1-3');
  const painting = await drawnPhoto(join(cwd, 'painting.png'), 80, 60, { seed: 4 });
  const args = ['styles', 'check', checkpoint, '--crops', '1'];
  const [usual, other, noPainting, absent] = await Promise.all([
    callCommand([...args, '--painting', painting], { cwd, env }),
    checkStyle({ style: checkpoint, crops: 1, painting: await readFile(painting), lossNetwork: named }),
    callCommand([...args, '--loss-network', named], { cwd, env }),
    callCommand([...args, '--painting', painting, '--loss-network', 'nowhere.safetensors'], { cwd, env }),
  ]);
  assert.doesNotMatch(usual.stderr, /Left out/);
  assert.match(usual.stderr, /of 16 faults/);
  const judged = usual.stdout.split('\n\n')[1]!.split('\n');
  assert.match(judged[0]!, /^By drawn for tests, medians over 2 photos of 384 px \(no limits: /);
  for (const [i, row] of [
    /strokes +\d+\.\d{4} +× photos'$/,
    /photo kept +-?\d\.\d{4}/,
    /content lost +\d/,
  ].entries())
    assert.match(judged[i + 1]!, row);
  // Through the library.
  assert.equal(other.measures.length, 16);
  const { pooling, photos, shortSide, styleSize, limits, ...found } = other.judged!;
  assert.deepEqual([pooling, photos, shortSide, styleSize, limits], ['max', 2, 384, 768, false]);

  // As plain calls have it: the network, the same photos, the painting at 768 px.
  const network = new LossNetwork(await readLossNetworkWeights(named));
  const judge = new StyleJudge(network, await readPicture(painting, { longSide: 768 }));
  const stylizer = await StyleNetwork.load(checkpoint);
  const each = [];
  for (const name of ['harbour', 'valley']) {
    const photo = await readPicture(join(SAMPLES, `${name}.jpg`), { shortSide: 384 });
    each.push(judge.judge(photo, stylizer.stylize(photo)));
  }
  for (const [figure, value] of Object.entries(medianJudgement(each))) {
    const own = found[figure as keyof StyleJudgement];
    assert.ok(Math.abs(own - value) <= 1e-3 * Math.abs(value), `${figure}: ${own} for ${value}`);
  }
  expectUserError(noPainting, /Expected the painting \(--painting\) for --loss-network but received none/, 2);
  expectUserError(absent, /read nowhere\.safetensors/);
});
