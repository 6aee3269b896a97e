import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { readPicture } from '../../../src/data/image-file.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { freshCache } from '../../helpers/fresh-cache.ts';
import { expectUserError, runCli, startCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';
import { SKIP_WITHOUT_SIGNALS, untilInterruptible } from '../../helpers/wait-for.ts';

async function prepared(t: { after(clean: () => Promise<void>): void }) {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  await mkdir(at('photos'));
  await drawnPhoto(at('photos/a.png'), 60, 40, { seed: 1 });
  await drawnPhoto(at('photos/b.png'), 40, 60, { seed: 2 });
  const painting = await drawnPhoto(at('wave.png'), 60, 40, { seed: 9 });
  const vgg = await writeTinyLossNetwork(at('vgg.safetensors'));
  const style = await writeTinyCheckpoint(at('tiny.safetensors'));
  const files = ['--style', style, '--photos', at('photos'), '--painting', painting, '--loss-network', vgg];
  return { at, folder, args: ['compare', ...files, '--out', at('out')] };
}

test('compares at every size, and writes tables and one contact sheet', async (t) => {
  const { at, args } = await prepared(t);
  const more = ['--sizes', '48,32', '--iterations', '2,6'];
  const run = await runCli([...args, ...more]);
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(
    run.stdout.trim().split('\n'),
    ['report.md', 'report.json', 'sheet.jpg'].map((name) => at(`out/${name}`)),
  );
  const report = JSON.parse(await readFile(at('out/report.json'), 'utf8')) as {
    style: string;
    at: number[];
    sizes: {
      size: number;
      lineSearch: string;
      networkSeconds: number;
      each: { name: string; width: number; height: number; milestones: { total: number }[] }[];
    }[];
  };
  assert.equal(report.style, 'tiny');
  assert.deepEqual(
    report.sizes.map(({ size, lineSearch, each }) => [
      `${size} ${lineSearch}`,
      ...each.map(({ name, width, height }) => `${name} ${width}×${height}`),
    ]),
    [
      ['32 strong-wolfe', 'a.png 32×21', 'b.png 21×32'],
      ['32 none', 'a.png 32×21', 'b.png 21×32'],
      ['48 strong-wolfe', 'a.png 48×32', 'b.png 32×48'],
      ['48 none', 'a.png 48×32', 'b.png 32×48'],
    ],
  );
  for (const { each, networkSeconds } of report.sizes) {
    assert.ok(networkSeconds > 0);
    for (const { milestones } of each) assert.ok(milestones[1]!.total < milestones[0]!.total);
  }
  assert.match(
    await readFile(at('out/report.md'), 'utf8'),
    /^\| photo \| 32 px, searched \| 32 px, fixed \| 48 px, searched \| 48 px, fixed \|$/m,
  );
  // Eight rows of the photo, the network and two milestones.
  const sheet = await readPicture(at('out/sheet.jpg'));
  assert.deepEqual([sheet.width, sheet.height], [12 + 4 * (48 + 12), 12 + 8 * (48 + 20 + 12)]);

  expectUserError(await callCommand([...args, ...more]), /report\.md exists already/);
});

test('the report says in which units the objective is, and judges stability apart, as it was weighed', async (t) => {
  const { at, args } = await prepared(t);
  await writeTinyCheckpoint(at('tiny.safetensors'), undefined, {
    ...{ units: 'johnson', styleStatistic: 'gram', latticeWeight: 0, stabilityWeight: 10 },
  });
  const run = await callCommand([...args, '--sizes', '32', '--iterations', '2', '--limit', '1']);
  assert.equal(run.code, 0, run.stderr);
  assert.match(
    await readFile(at('out/report.md'), 'utf8'),
    /^- objective: the training loss of the style in the units johnson, without the stability term \(weight 10\), which is of pairs of pictures \(judged apart, below\), on 8-bit pictures; /m,
  );
  const { sizes } = JSON.parse(await readFile(at('out/report.json'), 'utf8')) as {
    sizes: {
      networkTotal: number;
      pairs: { name: string; network: Record<'value' | 'weighed' | 'share', number>; optimised: object }[];
    }[];
  };
  assert.equal(sizes.length, 2);
  for (const { networkTotal, pairs } of sizes) {
    const [{ name, network, optimised }] = pairs as [(typeof pairs)[number]];
    assert.equal(name, 'stability');
    assert.ok(network.value > 0 && optimised !== null);
    assert.equal(network.weighed, 10 * network.value);
    assert.equal(network.share, network.weighed / (networkTotal + network.weighed));
  }
  const row = /^\| 32 \| searched \| stability \| 10 \| network \| 0\.\d+ \| \d+\.\d+ \| \d+(\.\d+)? % \|$/m;
  assert.match(await readFile(at('out/report.md'), 'utf8'), row);
});

test('without the loss network of the style another judges, and the report says so', async (t) => {
  const { at, folder, args } = await prepared(t);
  const named = args.indexOf('--loss-network');
  const sizes = ['--sizes', '32', '--iterations', '2', '--limit', '1', '--line-search', 'none'];
  const run = await callCommand([...args.toSpliced(named, 2), ...sizes], { env: await freshCache(folder) });
  assert.equal(run.code, 0, run.stderr);
  const note = /tiny was trained with none, which is not here; compact \(.*\) judges instead\./;
  assert.match(run.stderr.split('\n')[0]!, note);
  assert.match(await readFile(at('out/report.md'), 'utf8'), note);
});

test('bad input gets one line', async (t) => {
  const { args } = await prepared(t);
  const cases: readonly (readonly [string[], RegExp, number])[] = [
    [['--sizes', '32,x'], /--sizes but received x/, 2],
    [['--iterations', '5,5'], /each number once for --iterations/, 2],
    [['--limit', '0'], /--limit/, 2],
  ];
  for (const [more, message, code] of cases)
    expectUserError(await callCommand([...args, ...more]), message, code);
});

test('Ctrl-C during the first photo leaves nothing', { skip: SKIP_WITHOUT_SIGNALS }, async (t) => {
  const { at, args } = await prepared(t);
  const endless = startCli([...args, '--sizes', '32', '--iterations', '1000000']);
  await untilInterruptible(endless);
  endless.child.kill('SIGINT');
  const { code, stderr } = await endless.done;
  assert.equal(code, 130, stderr);
  assert.equal((await readdir(at('.'))).includes('out'), false);
});
