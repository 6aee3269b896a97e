import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { CheckpointError, ConfigError, importStyle } from '../../src/index.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { foreignArrays, torchFile } from '../helpers/foreign-style.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('the library imports what the command does, and refuses what it does not know', async (t) => {
  const out = await temporaryFolder(t);
  const file = join(out, 'candy.pth');
  torchFile(file, foreignArrays());
  const path = await importStyle(file, { out, name: 'sugar', author: 'Nobody' });
  assert.equal(path, join(out, 'sugar.safetensors'));
  assert.deepEqual((await loadCheckpoint(path)).style, { author: 'Nobody' });
  for (const options of [{ names: 'a' }, { name: 3 }, { overwrite: 'yes' }])
    await assert.rejects(importStyle(file, options as never), ConfigError);
  await assert.rejects(importStyle(file, { out, name: 'a:b' }), /dashes for name but received a:b/);
  await assert.rejects(importStyle(path, { out, name: 'again' }), CheckpointError);
});
