/** Benches that judge by the terms of a training, in miniature: the compact loss network, a shipped style, drawn pictures. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AS_LOADED } from '../helpers/as-loaded.ts';
import { ffmpeg, noFfmpeg } from '../helpers/clips.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const style = at('checkpoints/wave-film.safetensors');

/** The tables that a bench prints: each row's cells. */
async function bench(script: string, ...args: string[]): Promise<string[][]> {
  const run = await promisify(execFile)(process.execPath, [...AS_LOADED, at(`bench/${script}.ts`), ...args]);
  return run.stdout
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

test('held-out losses: a column for each term that training weighed', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'photos'));
  await drawnPhoto(join(folder, 'photos/a.png'), 40, 32, { seed: 1 });
  const painting = await drawnPhoto(join(folder, 'wave.png'), 60, 48, { seed: 9 });
  const [header, photo, painted] = await bench(
    'held-out-losses',
    style,
    painting,
    'compact',
    join(folder, 'photos'),
    '32',
  );
  for (const term of ['content (relu4_2)', 'style', 'style, relu1_1', 'tv', 'lattice'])
    assert.ok(header!.includes(term), header!.join());
  assert.deepEqual([photo!.length, painted!.length], [header!.length, header!.length]);
  assert.equal(photo![1], '0.0000', 'the photo has lost nothing of itself');
  for (const cell of painted!.slice(1)) assert.ok(Number(cell) > 0, cell);
});

test('the cost of a loss network, alone and with the losses', async () => {
  const [, row] = await bench('loss-network-cost', '--size', '32', '--rounds', '1', 'compact');
  assert.equal(row!.length, 7);
  const [, ...times] = row!.map((cell) => Number.parseFloat(cell));
  for (const time of times) assert.ok(time > 0, row!.join());
});

test('steadiness in video: style loss and flicker of each choice', { skip: noFfmpeg }, async (t) => {
  const folder = await temporaryFolder(t);
  const clip = join(folder, 'clip.mp4');
  ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=64x48:rate=12:duration=1', clip);
  const painting = await drawnPhoto(join(folder, 'wave.png'), 60, 48, { seed: 9 });
  const film = ['--video', clip, '--frames', '4', '--start', '0', '--scale', '48'];
  const [, itself, ...choices] = await bench(
    'steadiness-in-video',
    ...film,
    '--loss-network',
    'compact',
    '--style',
    `${style}=${painting}`,
  );
  assert.equal(itself![0], 'the film itself');
  assert.deepEqual(
    choices.map(([, choice]) => choice),
    ['off', 'light', 'strong'],
  );
  for (const [, , loss, flicker] of choices)
    assert.ok(Number(loss) > 0 && Number(flicker) > 0, `${loss}, ${flicker}`);
});
