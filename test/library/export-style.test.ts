import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkExport } from '../../src/export/check-export.ts';
import { ConfigError, exportStyle } from '../../src/index.ts';
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
    { amountInput: 1 },
  ])
    await assert.rejects(exportStyle(path, options as never), ConfigError);
});
