/** A report takes a time that grows as its log does, and its page grows to a bound. */
import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { chartsOf } from '../../src/report/curves.ts';
import { readLog, standing } from '../../src/report/read-log.ts';
import type { RunDescription } from '../../src/report/run-description.ts';
import { writeReport } from '../../src/report/run-report.ts';
import { rewriteTensorBoard } from '../../src/report/tensorboard.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const LINES = 160_000;
const time = (step: number) => new Date(Date.UTC(2026, 0, 1) + step * 1000).toISOString();
const line = (step: number) => {
  const losses = { total: 1 + 1 / step, content: 0.5, style: 1 / step, heldOut: { total: 1, style: 1 } };
  return JSON.stringify({ step, ...losses, time: time(step) });
};

test('a log of 160,000 lines is read, drawn and handed to TensorBoard in seconds', {
  timeout: 240_000,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const lines = Array.from({ length: LINES }, (_, i) => line(i + 1));
  // Going back from everywhere to everywhere is no more work.
  for (let i = 20; i < LINES; i += 20) {
    const back = { step: i, event: 'rolled back', to: i - 10, reason: 'x', time: time(i) };
    lines[i] = JSON.stringify(i % 40 === 0 ? back : { ...back, event: 'resumed' });
  }
  await writeFile(join(folder, 'log.jsonl'), lines.join('\n'));
  const log = readLog(lines.join('\n'));
  assert.ok(log.points.length > 60_000 && log.events.length === LINES / 20 - 1);
  assert.ok(log.points.every(({ step }, i) => i === 0 || step > log.points[i - 1]!.step));
  await writeReport(folder);
  assert.ok((await stat(join(folder, 'report.html'))).size < 2e6);
  await rewriteTensorBoard(folder);
});

test('curves are thinned to their bound: points, those of held-out photos, and names', () => {
  const description = { config: {}, legs: [] } as unknown as RunDescription;
  const points = Array.from({ length: 50_000 }, (_, i) => ({
    ...{ step: i + 1, time: '' },
    values: { total: i === 7777 ? 99 : 1, 'heldOut/total': i, [`only${i}`]: 1 },
  }));
  const { steps, charts, leftOut } = chartsOf(points, description);
  assert.ok(steps.length <= 2500, `${steps.length} points`);
  assert.ok(steps.includes(7778) && steps[0] === 1 && steps.at(-1) === 50_000);
  const curves = charts.flatMap((chart) => chart.curves);
  assert.ok(curves.length <= 200 && leftOut > 500, `${curves.length} curves, ${leftOut} left out`);
});

test('lines of steps that a roll-back or resume undid do not count', () => {
  const events = [
    [300, 'rolled back', 100, 10],
    [250, 'resumed', 0, 20],
    [500, 'rolled back', 400, 30],
  ] as const;
  const log = readLog(
    events
      .map(([step, event, to, second]) => JSON.stringify({ step, event, to, time: time(second) }))
      .join('\n'),
  );
  const stands = standing(log);
  const at = (step: number, second: number) => stands(step, Date.parse(time(second)));
  assert.deepEqual(
    [at(100, 5), at(101, 5), at(101, 15), at(250, 15), at(251, 15)],
    [true, false, true, true, false],
  );
  assert.deepEqual([at(400, 25), at(401, 25), at(401, 35), at(999, 30)], [true, false, true, true]);
});
