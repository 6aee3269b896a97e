import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { cardMemory } from '../../src/engine/card-memory.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test("a card's memory is what nvidia-smi says, with what this process has of it", async (t) => {
  if (process.platform === 'win32') return t.skip('it is a shell script here');
  const program = join(await temporaryFolder(t), 'nvidia-smi');
  const answering = async (card: string, processes: string) => {
    const cases = `*query-gpu*) printf '${card}';; *query-compute-apps*) printf '${processes}';;`;
    await writeFile(program, `#!/bin/sh\ncase "$*" in ${cases} esac\n`);
    await chmod(program, 0o755);
    return cardMemory(program);
  };
  const mebibyte = 2 ** 20;
  const [total, free] = [16384 * mebibyte, 12000 * mebibyte];
  const card = 'Tesla T4, 535.1, 16384, 12000\\n';
  const others = '1, 4000\\n';
  assert.deepEqual(await answering(card, `${others}${process.pid}, 300\\n`), {
    ...{ total, free },
    own: 300 * mebibyte,
  });
  // In a container the driver knows processes by other numbers, or says nothing.
  assert.equal((await answering(card, others))?.own, 0);
  assert.equal((await answering(card, `${process.pid}, [N/A]\\n`))?.own, 0);
  assert.equal(await answering('NVIDIA GB10, 580.95.05, [N/A], [N/A]', ''), undefined);
  assert.equal(await cardMemory(`${program}-none`), undefined);
});
