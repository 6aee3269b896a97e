import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import {
  type BuildDatasetOptions,
  buildDataset,
  ConfigError,
  DatasetError,
  FileError,
  inspectDataset,
  synthDataset,
} from '../../src/index.ts';
import { callCommand } from '../helpers/call-command.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';

test('the library builds the same data set as the command line, and continues an aborted one', async (t) => {
  const folder = await temporaryFolder(t);
  const photos = join(folder, 'photos');
  // Files of a data set are called after its folder.
  const [mine, typed, broken] = [
    join(folder, '1', 'set'),
    join(folder, '2', 'set'),
    join(folder, '3', 'set'),
  ];
  await mkdir(photos);
  for (let i = 0; i < 6; i++)
    await drawnPhoto(join(photos, `${i}.jpg`), 64 + 8 * i, 80, { seed: 100 + i, format: 'jpeg' });
  const options: BuildDatasetOptions = { size: 48, shardSize: '2' };
  const seen: number[] = [];
  const built = await buildDataset(photos, mine, { ...options, onProgress: ({ done }) => seen.push(done) });
  assert.deepEqual([built.folder, built.count, built.setAside], [mine, 6, {}]);
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 6]);
  const words = ['dataset', 'build', photos, '--size', '48', '--shard-size', '2', '--out', typed];
  const { code, stderr } = await callCommand(words, { cwd: folder });
  assert.equal(code, 0, stderr);
  const [stop, reason] = [new AbortController(), new Error('enough')];
  const aborted = buildDataset([photos], broken, {
    ...options,
    signal: stop.signal,
    onProgress: ({ done }) => done === 3 && stop.abort(reason),
  });
  await assert.rejects(aborted, reason);
  assert.ok(!existsSync(join(broken, 'index.json')));
  await buildDataset([photos], broken, options);
  const files = await readdir(typed);
  for (const other of [mine, broken]) {
    assert.deepEqual(await readdir(other), files);
    for (const file of files)
      assert.deepEqual(await readFile(join(other, file)), await readFile(join(typed, file)), file);
  }
});

test('invalid values are refused by the names of the options', async (t) => {
  const folder = await temporaryFolder(t);
  const build = (options: object) => buildDataset(folder, join(folder, 'out'), options);
  const refused = (options: object, message: RegExp) =>
    assert.rejects(
      build(options),
      (error: Error) => error instanceof ConfigError && message.test(error.message),
    );
  await refused({ sise: 3 }, /perhaps you mean size/);
  await refused({ size: 3 }, /from 16 to 4096 for size but received 3/);
  await refused({ shardSize: 'large' }, /a size for shardSize/);
  await assert.rejects(build({}), DatasetError);
  assert.ok(!existsSync(join(folder, 'out')));
});

test('the library makes the same synthetic data set as the command line, and writes pictures of it out', async (t) => {
  const folder = await temporaryFolder(t);
  const [mine, typed] = [join(folder, '1', 'set'), join(folder, '2', 'set')];
  const options = { count: 3, size: 32, shardSize: '2' };
  const [stop, reason] = [new AbortController(), new Error('enough')];
  const aborted = synthDataset(mine, {
    ...options,
    signal: stop.signal,
    onProgress: ({ done }) => done === 2 && stop.abort(reason),
  });
  await assert.rejects(aborted, reason);
  assert.deepEqual(await synthDataset(mine, options), { folder: mine, count: 3, setAside: {} });
  const words = ['dataset', 'synth', '--count', '3', '--size', '32', '--shard-size', '2', '--out', typed];
  const { code, stderr } = await callCommand(words, { cwd: folder });
  assert.equal(code, 0, stderr);
  for (const file of await readdir(typed))
    assert.deepEqual(await readFile(join(mine, file)), await readFile(join(typed, file)), file);
  await assert.rejects(synthDataset(mine, { ...options, count: 0 }), /from 1 to 10000000 for count/);
  await assert.rejects(synthDataset(mine, { ...options, size: 48 }), /\(size\).* pass overwrite/);

  const to = join(folder, 'look');
  const { count, extracted } = await inspectDataset(mine, { verify: true, extract: 2, to });
  assert.deepEqual([count, extracted], [3, 2]);
  assert.deepEqual(await readdir(to), ['000000-synthetic-1-0.jpg', '000001-synthetic-1-1.jpg']);
  await assert.rejects(
    inspectDataset(mine, { extract: 1, to }),
    (error: Error) => error instanceof FileError && /another folder with to\./.test(error.message),
  );
  await assert.rejects(inspectDataset(mine, { extract: 0 }), ConfigError);
});
