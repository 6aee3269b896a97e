import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { decodePicture, encodePicture } from '../../src/data/image-file.ts';
import { FileError, report } from '../../src/index.ts';
import { chartsOf } from '../../src/report/curves.ts';
import { fewer } from '../../src/report/preview-pictures.ts';
import { readLog } from '../../src/report/read-log.ts';
import type { RunDescription } from '../../src/report/run-description.ts';
import { RunReport, writeReport } from '../../src/report/run-report.ts';
import { DESCRIPTION, previewFile } from '../../src/train/run/run-folder.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';
import { HOSTILE, pageData, writeRun } from './run-in-folder.ts';

const page = async (folder: string) => readFile(join(folder, 'report.html'), 'utf8');

test('a damaged log is read, without what a roll-back has undone', async (t) => {
  const folder = await temporaryFolder(t);
  await writeRun(folder);
  const log = readLog(await readFile(join(folder, 'log.jsonl'), 'utf8'));
  assert.deepEqual(
    log.points.map(({ step }) => step),
    [50, 100, 150, 200, 250, 300, 350, 400],
  );
  assert.deepEqual(
    log.events.map(({ event, step }) => [event, step]),
    [
      ['rolled back', 220],
      ['resumed', 250],
    ],
  );
  assert.equal(log.unreadable, 4);
  assert.equal(log.points[0]!.values['styleLayers/relu1_1'], 0.01);
  assert.deepEqual([readLog('').step, readLog('').points.length], [0, 0]);
});

test('the page holds curves, marks and previews, all in itself, and every text as text', async (t) => {
  const folder = await temporaryFolder(t);
  await writeRun(folder);
  assert.equal(await writeReport(folder), join(folder, 'report.html'));
  const html = await page(folder);
  const data = pageData(html);
  assert.deepEqual(data.steps, [50, 100, 150, 200, 250, 300, 350, 400]);
  const [terms] = data.charts;
  // Weights are those of the leg: 2 up to step 250, 4 from there.
  const style = terms!.curves.find(({ name }) => name === 'style')!.values;
  assert.ok(
    Math.abs(style[4]! - 2 * (1 / 250 + 0.2)) < 1e-6 && Math.abs(style[5]! - 4 * (1 / 300 + 0.2)) < 1e-6,
  );
  assert.deepEqual(
    data.charts.map(({ id }) => id),
    ['terms', 'style-layers', 'content-layers', 'learningRate', 'imagesPerSecond', 'memory'],
  );
  assert.deepEqual(
    data.marks.map(({ step }) => step),
    [250, 220, 250],
  );
  assert.deepEqual(
    data.photos.map(({ frames }) => frames.map(({ step }) => step)),
    [
      [100, 200, 300, 400],
      [100, 200, 300, 400],
    ],
  );
  assert.equal(data.isRunning, false);
  assert.ok(!html.includes('http-equiv="refresh"'), 'no process writes it again');
  assert.ok(!html.includes('<script>alert') && !html.includes('<img src=x'), 'markup in names is text');
  assert.match(html, /4 lines of the log could not be read/);
  assert.match(html, /started from<\/th><td>iris [^<]*, after 7,135 photos</);
  // The script may not ask for anything either: the page's policy allows pictures in it, and nothing else.
  const markup = html.replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>/g, '');
  const addresses = [...markup.matchAll(/<[^>]*?\b(?:src|href)="([^"]*)"/g)].map(([, address]) => address!);
  assert.ok(addresses.length >= 6 && addresses.every((address) => address.startsWith('data:')));
  assert.match(
    markup,
    /Content-Security-Policy" content="default-src 'none'; img-src data:; script-src 'sha256-/,
  );
  assert.ok(html.length < 400_000);
});

test('a folder with only half a log has a report as well', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'log.jsonl'), '{"step":50,"total":1,"content":0.5}\n{"st');
  await writeFile(join(folder, 'run.json'), `{"name": 5, "legs": {}, "config": [], "painting": "${'"'}`);
  await mkdir(join(folder, 'previews'));
  await writeFile(join(folder, previewFile('broken', 50)), 'no picture');
  await writeReport(folder);
  assert.deepEqual(pageData(await page(folder)).steps, [50]);
});

test('previews of steps that are repeated are left out until they are painted again', async (t) => {
  const folder = await temporaryFolder(t);
  await writeRun(folder);
  const old = new Date(Date.UTC(2026, 0, 1));
  for (const step of [100, 200, 300]) await utimes(join(folder, previewFile('harbour', step)), old, old);
  await writeReport(folder);
  const [, harbour] = pageData(await page(folder)).photos;
  // Back to 100 and, later, to 250: of what was written before, only that of 100 counts.
  assert.deepEqual(
    harbour!.frames.map(({ step }) => step),
    [100, 400],
  );
});

test('the page stays small: pictures are shrunk, and a growing row keeps its earlier ones', async (t) => {
  for (const [count, most] of [
    [24, 24],
    [25, 24],
    [100, 24],
    [4000, 6],
  ] as const) {
    const row = Array.from({ length: count }, (_, i) => i);
    const kept = fewer(row, most);
    assert.ok(kept.length <= most && kept.length >= Math.min(count, most / 2), `${kept.length} of ${count}`);
    assert.equal(kept.at(-1), count - 1);
    assert.ok(
      kept.slice(0, -1).every((each) => fewer([...row, count], most).includes(each) || count === most),
    );
  }
  const folder = await temporaryFolder(t);
  await writeRun(folder);
  const large = await encodePicture(drawnPicture(600, 400, 3), 'jpeg');
  for (let step = 500; step < 540; step++) await writeFile(join(folder, previewFile('large', step)), large);
  await writeReport(folder);
  const photos = pageData(await page(folder)).photos;
  const frames = photos.at(-1)!.frames as unknown as { step: number; picture: string }[];
  assert.ok(frames.length <= 24 && frames.at(-1)!.step === 539);
  const shown = await decodePicture(Buffer.from(frames[0]!.picture, 'base64'), 'a frame');
  assert.deepEqual([shown.width, shown.height], [384, 256]);
});

test('a running report is written at intervals, not at every step; a failure is reported once and ends nothing', async (t) => {
  const folder = await temporaryFolder(t);
  await writeRun(folder);
  const said: string[] = [];
  const report = new RunReport({ folder, say: (line) => said.push(line) });
  const figures = {
    total: 1,
    content: 1,
    style: 1,
    tv: 1,
    lattice: 0,
    contentLayers: {},
    styleLayers: {},
    learningRate: 1,
  };
  await report.watch({ event: 'step', step: 401, ...figures });
  const first = await page(folder);
  assert.equal(pageData(first).isRunning, true);
  assert.match(first, /<noscript><meta http-equiv="refresh"/);
  assert.match(first, /<dd>401 of 1,000<\/dd>/);
  await report.watch({ event: 'preview', step: 402 });
  assert.equal(await page(folder), first, 'throttled');
  const time = new Date().toISOString();
  await writeFile(
    join(folder, 'log.jsonl'),
    `${JSON.stringify({ step: 402, event: 'ended', as: 'stopped', time })}\n`,
    { flag: 'a' },
  );
  await report.watch({ event: 'ended', as: 'stopped', step: 402, time });
  assert.equal(pageData(await page(folder)).isRunning, false);
  assert.match(await page(folder), /--resume<\/pre>/);

  const nowhere = join(folder, 'log.jsonl', 'no-folder');
  const failing = new RunReport({ folder: nowhere, say: (line) => said.push(line) });
  for (const step of [1, 2]) await failing.watch({ event: 'ended', as: 'done', step, time });
  assert.equal(said.length, 1);
  assert.match(said[0]!, /^The report cannot be written; training continues without it\. Cannot read/);
  assert.ok(HOSTILE.includes('<script>'));
});

test('marks show where a phase begins, by the settings of its leg, once the run has reached it', async (t) => {
  const folder = await temporaryFolder(t);
  await writeRun(folder);
  const file = join(folder, DESCRIPTION);
  const description = JSON.parse(await readFile(file, 'utf8'));
  const phases = { stabilityWeight: 10, smallCrops: 0.2, stabilityFrom: 0.3, steps: 1000, imageSize: 64 };
  description.legs[0].config = { ...description.legs[0].config, ...phases };
  description.legs[1].config = { ...description.legs[1].config, ...phases, steps: 1100 };
  await writeFile(file, JSON.stringify(description));
  await writeReport(folder);
  const { marks } = pageData(await page(folder));
  // Of the first leg the crops, but not stability, which is of the second: at 0.3 of its steps.
  assert.deepEqual(
    marks.filter(({ text }) => text.includes('from here on')).map(({ text }) => text),
    ['step 200: from here on crops of 64 px', 'step 330: from here on stability, weight 10'],
  );
});

test('layers are said to be shares where they are, and else in which units', () => {
  const values = { total: 3, content: 2, 'contentLayers/relu4_2': 2, 'styleLayers/relu1_1': 1 };
  const hints = (config: RunDescription['config']) => {
    const { charts } = chartsOf([{ step: 50, values, time: '' }], {
      config,
      legs: [],
    } as unknown as RunDescription);
    return ['style-layers', 'content-layers'].map((id) => charts.find((chart) => chart.id === id)!.hint);
  };
  const shares = [
    'Share of the painting’s style that is missed: 0 is the painting.',
    'Share of the photo’s features that is lost: 0 is the photo.',
  ];
  assert.deepEqual(hints({}), shares, 'a run from before there were units');
  assert.deepEqual(hints({ units: 'relative' }), shares);
  assert.deepEqual(hints({ units: 'johnson' }), [
    'In the units johnson, without weights: 0 is the painting.',
    'In the units johnson, without weights: 0 is the photo.',
  ]);
});

test('the library writes the page of a run again, and event files if asked to', async (t) => {
  const folder = await temporaryFolder(t);
  await writeRun(folder);
  assert.deepEqual(await report(folder), { report: join(folder, 'report.html') });
  const again = await page(folder);
  await writeReport(folder);
  assert.equal(again, await page(folder));
  const { tensorboard } = await report(folder, { tensorboard: true });
  assert.match((await readdir(tensorboard!)).join(), /tfevents/);
  await assert.rejects(
    report(join(folder, 'previews')),
    (error: Error) =>
      error instanceof FileError && /a training run's folder with its log/.test(error.message),
  );
});
