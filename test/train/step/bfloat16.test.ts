/** A real training in bf16 and one in f32: same first weights, photos and order. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { withoutBfloat16 } from '../../helpers/bfloat16.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { tinyDataset } from '../../helpers/tiny-dataset.ts';
import { config, fromDataset, run, trainer } from '../tiny-trainer.ts';

const STEPS = 120;
const WINDOW = 20;
/** Largest difference of the smoothed losses, as a share of f32's. */
const TOLERANCE = 0.03;

test('training curves in bf16 and f32 coincide within 3 %', { skip: withoutBfloat16 }, async (t) => {
  const openBatches = fromDataset(await tinyDataset(await temporaryFolder(t), 6));
  const curve = async (precision: 'f32' | 'bf16') => {
    const of = await trainer({
      config: { ...config, steps: STEPS, learningRate: 1e-3 },
      openBatches,
      precision,
    });
    const losses = (await run(of)).map(({ losses: { total } }) => total);
    of.dispose();
    return losses;
  };
  const [full, half] = [await curve('f32'), await curve('bf16')];
  assert.notDeepEqual(half, full, 'it really is another arithmetic');
  const smooth = (losses: readonly number[], end: number) =>
    losses.slice(end - WINDOW, end).reduce((sum, loss) => sum + loss, 0) / WINDOW;
  let largest = 0;
  for (let end = WINDOW; end <= STEPS; end++)
    largest = Math.max(largest, Math.abs(smooth(half, end) / smooth(full, end) - 1));
  t.diagnostic(`smoothed over ${WINDOW} steps they differ by ${(100 * largest).toFixed(2)} % at most`);
  assert.ok(smooth(full, STEPS) < 0.8 * smooth(full, WINDOW), 'the loss falls');
  assert.ok(largest < TOLERANCE, `${largest}`);
});
