import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { cardInWords, nvidiaCard } from '../../../src/engine/runtime/find-tools.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('the card is what nvidia-smi says of the first; without the program, a card or an answer there is none', async (t) => {
  if (process.platform === 'win32') return t.skip('it is a shell script here');
  const program = join(await temporaryFolder(t), 'nvidia-smi');
  const answering = async (text: string, code: number) => {
    await writeFile(program, `#!/bin/sh\nprintf '${text}'\nexit ${code}\n`);
    await chmod(program, 0o755);
    return nvidiaCard(program);
  };
  const line = 'NVIDIA H200, 580.65.06, 143771, 140000';
  assert.equal(await nvidiaCard(program), undefined);
  const card = await answering(`${line}\\nOther, 1, 1, 1`, 0);
  const memory = { total: 143771 * 2 ** 20, free: 140000 * 2 ** 20 };
  assert.deepEqual(card, { name: 'NVIDIA H200', driver: '580.65.06', memory });
  assert.equal(cardInWords(card!), 'NVIDIA H200, 150.8 GB, driver 580.65.06');
  // A card that shares the processor's memory.
  const shared = await answering('NVIDIA GB10, 580.95.05, [N/A], [N/A]', 0);
  assert.equal(cardInWords(shared!), 'NVIDIA GB10, driver 580.95.05');
  // All of it taken.
  assert.equal((await answering('NVIDIA T4, 535.1, 15360, 0', 0))?.memory?.free, 0);
  // The first that programs may use.
  const before = process.env.CUDA_VISIBLE_DEVICES;
  process.env.CUDA_VISIBLE_DEVICES = '2,0';
  t.after(() => {
    if (before === undefined) delete process.env.CUDA_VISIBLE_DEVICES;
    else process.env.CUDA_VISIBLE_DEVICES = before;
  });
  await writeFile(
    program,
    `#!/bin/sh\nfor word; do case $word in --id=*) echo "card $word, 580.1, 1, 1";; esac; done\n`,
  );
  assert.equal((await nvidiaCard(program))?.name, 'card --id=2');
  assert.equal(await answering('NVIDIA-SMI has failed', 9), undefined);
  assert.equal(await answering('', 0), undefined);
});
