import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkExport } from '../../src/export/check-export.ts';
import { ConfigError, type Difference, exportStyle } from '../../src/index.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

test('the library exports what the command does, and refuses what it does not know', async (t) => {
  const path = await writeTinyCheckpoint(join(await temporaryFolder(t), 'tiny.safetensors'));
  const bytes = await exportStyle(path, { layout: 'nchw', amountInput: true });
  const checkpoint = await loadCheckpoint(path);
  const photo = { name: 'drawn', ...drawnPicture(40, 36) };
  const options = { layout: 'nchw', hasAmount: true } as const;
  const [found] = await checkExport('onnx', bytes, checkpoint, options, [photo], 0.5);
  assert.ok(found!.largest <= 1);
  assert.deepEqual(
    [...(await exportStyle(path, { to: 'tfjs' })).keys()],
    ['model.json', 'group1-shard1of1.bin'],
  );
  for (const options of [
    { to: 'coreml' },
    { layouts: 'nchw' },
    { layout: 'hwc' },
    { weights: 'int8' },
    { size: { width: 8, height: 8 } },
    { size: '64x64' },
    { amountInput: 1 },
    { check: 'yes' },
  ])
    await assert.rejects(exportStyle(path, options as never), ConfigError);
});

test('the library exports a mixture, and checks what it exports in its own runtime', async (t) => {
  const folder = await temporaryFolder(t);
  const [a, b] = await Promise.all(
    ['a', 'b'].map((name, i) =>
      writeTinyCheckpoint(join(folder, `${name}.safetensors`), 'c3s1-4,c3s1-3', {}, i + 1),
    ),
  );
  const found: Difference[] = [];
  const size = { width: 24, height: 20 };
  const files = await exportStyle([a!, { style: b!, weight: 3 }], {
    ...{ to: 'tfjs', size, check: true },
    onDifference: (difference) => found.push(difference),
  });
  assert.ok(files.has('model.json'));
  assert.ok(found.length > 0);
  for (const { picture, largest, mean } of found)
    assert.ok(/\.jpg$/.test(picture) && largest <= 1 && mean <= largest, JSON.stringify(found));
  const [stop, reason] = [new AbortController(), new Error('enough')];
  const aborted = exportStyle(a!, {
    ...{ to: 'tfjs', size, check: true, signal: stop.signal },
    onDifference: () => stop.abort(reason),
  });
  await assert.rejects(aborted, reason);
  await assert.rejects(exportStyle([a!, { style: b!, weight: -1 }]), /for blend but received/);
});
