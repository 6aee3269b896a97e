import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importNetwork } from '../../../src/networks/imported/import-network.ts';
import { CheckpointError, WeightsError } from '../../../src/system/errors.ts';
import { mutated } from '../../data/photo/mutations.ts';
import { foreignArrays, foreignOnnx, torchFile } from '../../helpers/foreign-style.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('damaged files of other programs are refused in a line, or hold finite numbers', async (t) => {
  const arrays = foreignArrays();
  const torch = torchFile(join(await temporaryFolder(t), 'torch.pth'), arrays);
  const [table, index, data] = ['v1.ckpt', 'v2.ckpt.index', 'v2.ckpt.data-00000-of-00001'].map((name) =>
    readFileSync(join('test/fixtures/tensorflow-style', name)),
  );
  for (const [sound, numbers] of [
    [torch],
    [foreignOnnx(arrays)],
    [foreignOnnx(arrays, { opset: 13 })],
    [table!],
    [index!, data!],
  ] as const) {
    const reasons = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      try {
        const { parameters } = await importNetwork(Buffer.from(mutated(sound, seed)), 'odd', numbers);
        assert.ok(parameters.every(({ values }) => values.every(Number.isFinite)));
      } catch (error) {
        const isRefusal = error instanceof CheckpointError || error instanceof WeightsError;
        assert.ok(isRefusal, error instanceof Error ? error.stack : String(error));
        assert.ok(!/[\n\0]/.test(error.message) && error.message.length < 700, error.message);
        reasons.add(error.message.replace(/\d+/g, 'N').slice(0, 150));
      }
    }
    assert.ok(reasons.size > 3, [...reasons].join('\n'));
  }
});
