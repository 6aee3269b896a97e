import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { nvidiaCard } from '../../../src/engine/runtime/find-tools.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('the card is what nvidia-smi says of the first; without the program, a card or an answer there is none', async (t) => {
  if (process.platform === 'win32') return t.skip('it is a shell script here');
  const program = join(await temporaryFolder(t), 'nvidia-smi');
  const answering = async (text: string, code: number) => {
    await writeFile(program, `#!/bin/sh\nprintf '${text}'\nexit ${code}\n`);
    await chmod(program, 0o755);
    return nvidiaCard(program);
  };
  const line = 'NVIDIA H200, 143771 MiB, 580.65.06';
  assert.equal(await nvidiaCard(program), undefined);
  assert.equal(await answering(`${line}\\nOther, 1 MiB, 1`, 0), 'NVIDIA H200, 143771 MiB, driver 580.65.06');
  assert.equal(await answering('NVIDIA-SMI has failed', 9), undefined);
  assert.equal(await answering('', 0), undefined);
});
