/** A comparison that many make is the one that one makes, but for the times. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { arithmeticOf } from '../../../src/engine/arithmetic.ts';
import { compareKind as compare } from '../../../src/farm/kinds/compare.ts';
import { openFolderStore } from '../../../src/farm/store/folder-store.ts';
import { callData } from '../../../src/farm/submit/call-data.ts';
import { StorePlaces } from '../../../src/farm/submit/store-places.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { inScratch, joinResults, runTask, tasksOf } from '../../helpers/farm-job.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

test('the report of many workers is that of one', async (t) => {
  const folder = await temporaryFolder(t);
  const root = join(folder, 'root');
  await mkdir(join(root, 'photos'), { recursive: true });
  const store = await openFolderStore(root);
  await drawnPhoto(join(root, 'photos', 'a.png'), 60, 40, { seed: 1 });
  await drawnPhoto(join(root, 'photos', 'b.png'), 40, 60, { seed: 2 });
  const options = {
    style: await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), 'c3s1-4,c3s1-3'),
    photos: join(root, 'photos'),
    painting: await drawnPhoto(join(folder, 'wave.png'), 60, 40, { seed: 9 }),
    lossNetwork: await writeTinyLossNetwork(join(folder, 'vgg.safetensors')),
    ...{ sizes: '32', iterations: '1,2', lineSearch: 'both', limit: 1, out: join(root, 'out') },
  };
  const { data, inputs } = await callData('compare', options, new StorePlaces(store));
  assert.deepEqual(inputs, ['photos/']);
  const tasks = await tasksOf(compare, data, store);
  assert.deepEqual(
    tasks.map(({ name }) => name),
    ['b.png at 32 px', 'b.png at 32 px'],
  );
  // One is stopped in the middle, and done by another.
  const stop = new AbortController();
  const stopped = runTask(compare, tasks[1]!, store, {
    signal: stop.signal,
    onProgress: () => stop.abort(new Error('stopped')),
  });
  await assert.rejects(stopped, /stopped/);
  const results: unknown[] = [];
  for (const task of tasks) results.push(await runTask(compare, task, store));

  const other = { ...(results[1] as object), conditions: ['by another loss network'] };
  const mixed = joinResults(compare, data, [results[0], other], store);
  await assert.rejects(mixed, /Expected workers that judge alike but received by another loss network; have/);
  const answer = await joinResults(compare, data, results, store);
  assert.deepEqual(answer, { notes: [`Computed in ${arithmeticOf('f32')}.`] });
  assert.deepEqual(await joinResults(compare, data, results, store), answer, 'joined twice, the same');
  const left: string[] = [];
  for await (const { key } of store.list('.fast-style/compare/')) left.push(key.replace(/.*\//, ''));
  assert.deepEqual(left, ['joined.json']);

  const words = Object.entries({ ...options, out: join(folder, 'here') }).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);
  const { code, stderr } = await callCommand(['compare', ...words]);
  assert.equal(code, 0, stderr);
  const [one, many] = await Promise.all([join(folder, 'here'), join(root, 'out')].map(readReport));
  assert.deepEqual(many!.figures, one!.figures);
  assert.equal(many!.tables, one!.tables);
  assert.ok(many!.sheet.equals(one!.sheet), 'the same sheet');
  assert.match(many!.conditions, /the times of a photo are those of the worker.*\n- Computed in f32 · /);
  assert.deepEqual((await readdir(join(root, 'out'))).sort(), ['report.json', 'report.md', 'sheet.jpg']);

  const admitted = inScratch(store, (context) => compare.admit!(compare.check(data), context));
  await assert.rejects(admitted, /out\/report\.md exists already in .*--overwrite/);
  for (const [more, message] of [
    [{ photos: 'photos' }, /a folder for --photos but received photos/],
    [{ size: '32' }, /a setting of a comparison but received size; perhaps you mean sizes/],
    [{ sizes: '3' }, /from 32 .* for --sizes but received 3/],
    [{ style: '../a.safetensors' }, /the key of a style but received/],
  ] as const)
    assert.throws(() => compare.check({ ...data, ...more }), message);
  const task = tasks[0]!.data as object;
  for (const [more, message] of [
    [{ name: '../b.png' }, /the key of a photo but received \.\.\/b\.png/],
    [{ round: { size: 33, lineSearch: 'none' } }, /a photo to compare/],
  ] as const)
    await assert.rejects(runTask(compare, { ...tasks[0]!, data: { ...task, ...more } }, store), message);
  const foreign = { ...(results[0] as object), pictures: 'photos/a.png' };
  await assert.rejects(joinResults(compare, data, [foreign], store), /what has been compared/);
});

/** Without times, which are others each time, and with the lines that say whose they are apart. */
async function readReport(folder: string) {
  const [json, markdown, sheet] = await Promise.all(
    ['report.json', 'report.md', 'sheet.jpg'].map((name) => readFile(join(folder, name))),
  );
  const figures = JSON.parse(json!.toString(), (name, value: unknown) =>
    /seconds|ratio|conditions/i.test(name) ? undefined : value,
  );
  const sections = markdown!.toString().split('\n## ');
  const tables = sections.slice(1).filter((one) => !one.startsWith('Seconds per picture'));
  return { figures, tables: tables.join('\n## '), conditions: sections[0]!, sheet: sheet! };
}
