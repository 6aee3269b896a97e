/** The program `fast-style studio` is killed in the middle of things and started again. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { train } from '../../src/index.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import type { StudioJob } from '../../src/studio/protocol.ts';
import { launchChromium, noChromium } from '../helpers/chromium.ts';
import { startCli } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { JPEG, LOOK, painting, startStudio, studioFolderIn, tinyTraining } from './studio-in-folder.ts';

/** Enough for the process to be killed between the first and the last. */
const STEPS = 120;
/** Milliseconds for a page on a machine that does other things meanwhile. */
const PATIENCE = 120_000;

test('a training that is killed goes on to the same bytes, and what waited is done', async (t) => {
  const folder = await temporaryFolder(t);
  const own = await studioFolderIn(folder);
  const { data, ...settings } = await tinyTraining(folder);
  await writeFile(join(folder, 'settings.json'), JSON.stringify(settings));
  const args = ['--folder', own, '--data', data!, '--config', join(folder, 'settings.json')];

  const first = await startStudio(t, args);
  const wave = await painting(folder);
  const { id: item } = await first.client.drop('painting', 'wave.png', wave);
  const request = { kind: 'train', item, quality: 'preview', strength: 5, steps: STEPS, previews: [] };
  const { id } = await first.client.call<StudioJob>('POST', 'jobs', { ...request, name: 'wave' });
  // One that waits until it has ended.
  const next = await first.client.call<StudioJob>('POST', 'jobs', { ...request, name: 'later', steps: 1 });
  await waitFor('a step', async () => ((await first.client.job(id)).progress?.done ?? 0) > 0);

  // A second one does not touch them.
  const second = startCli(['studio', '--no-open', ...args]);
  const refused = await second.done;
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Expected a folder that no other studio uses/);

  first.child.kill('SIGKILL');
  await first.done;
  const { engines } = JSON.parse(await readFile(join(own, 'jobs.json'), 'utf8'));
  assert.ok(engines.length > 0);

  const { client, child, done } = await startStudio(t, args);
  await waitFor('the training', async () => (await client.job(id)).state === 'done');
  await waitFor('the one that waited', async () => (await client.job(next.id)).state === 'done');
  await client.call('POST', `jobs/${id}/keep`);
  const { styles } = await client.state();
  assert.ok(styles.some(({ name, isOwn }) => name === 'wave' && isOwn));

  // It paints at once.
  const photo = await client.drop('photo', 'sea.png', wave);
  const painted = await client.call<StudioJob>('POST', 'jobs', {
    ...{ kind: 'photo', item: photo.id, parts: [{ style: 'wave', weight: 1 }], look: LOOK, file: JPEG },
  });
  await waitFor('the photo', async () => (await client.job(painted.id)).state === 'done');
  child.kill('SIGTERM');
  assert.equal((await done).code, 0);

  const log = await readFile(join(own, 'results', id, 'run', 'log.jsonl'), 'utf8');
  assert.match(log, /"resumed"/);
  const whole = await train({
    ...{ ...settings, data: data!, steps: STEPS, strength: 5, quality: 'preview', previewEvery: 100 },
    ...{ style: join(folder, 'wave.png'), name: 'wave', out: folder, run: join(folder, 'run') },
  });
  const resumed = await loadCheckpoint(join(own, 'styles', 'wave.safetensors'));
  assert.deepEqual(resumed.parameters, (await loadCheckpoint(whole.file)).parameters);
});

/** Chooses a strength by its picture. */
async function chooseInPage(url: string): Promise<void> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.goto(url);
    await page.getByRole('button', { name: 'Train' }).click();
    await page.getByRole('radio', { name: '8' }).check();
    assert.equal(await page.getByRole('slider', { name: 'Strength' }).inputValue(), '8');
    assert.equal(await page.getByRole('radio', { name: /^\d+$/ }).count(), 10);
  } finally {
    await browser.close();
  }
}

test('paused, kept as it is, resumed, cancelled, removed', async (t) => {
  const folder = await temporaryFolder(t);
  const own = await studioFolderIn(folder);
  const { data, ...settings } = await tinyTraining(folder);
  await writeFile(join(folder, 'settings.json'), JSON.stringify(settings));
  const { client } = await startStudio(t, [
    ...['--folder', own, '--data', data!, '--config', join(folder, 'settings.json')],
  ]);
  const { id: item } = await client.drop('painting', 'wave.png', await painting(folder));
  const request = { kind: 'train', item, name: 'wave', quality: 'preview', strength: 5, previews: [] };
  // Its strength by ten pictures.
  const tried = await client.call<StudioJob>('POST', 'jobs', { kind: 'strengths', item, steps: 1 });
  await waitFor('ten strengths', async () => (await client.job(tried.id)).results.length === 10);
  const pictures = await Promise.all(
    [1, 10].map((n) => client.bytes(`jobs/${tried.id}/files/strength-${n}.jpg`)),
  );
  assert.ok(pictures.every((bytes) => bytes[0] === 0xff && bytes[1] === 0xd8));
  if (noChromium) t.diagnostic('no Chromium to choose among them in');
  else await chooseInPage(client.url);
  const { id } = await client.call<StudioJob>('POST', 'jobs', { ...request, steps: 100_000 });
  const isIn = (state: string) => waitFor(state, async () => (await client.job(id)).state === state);
  const steps = async () => (await client.job(id)).progress?.done ?? 0;
  await waitFor('a step', async () => (await steps()) > 0);
  await assert.rejects(client.call('DELETE', `items/${item}`), /422.*cancel the job first/);
  await assert.rejects(client.call('DELETE', `jobs/${id}`), /422.*cancel it first/);
  await client.call('POST', `jobs/${id}/pause`);
  await isIn('paused');
  const before = await steps();
  await client.call('POST', `jobs/${id}/keep`);
  assert.equal((await client.job(id)).kept, 'wave');
  const kept = await loadCheckpoint(join(own, 'styles', 'wave.safetensors'));
  assert.ok(kept.steps >= before && kept.steps < 100_000);
  assert.match((await client.bytes(`jobs/${id}/report`)).toString(), /<title>wave/);
  await client.call('POST', `jobs/${id}/resume`);
  await waitFor('further steps', async () => (await steps()) > kept.steps);
  await client.call('POST', `jobs/${id}/cancel`);
  await isIn('cancelled');
  await client.call('DELETE', `jobs/${id}`);
  await client.call('DELETE', `items/${item}`);
  assert.deepEqual(
    (await client.state()).jobs.map(({ id }) => id),
    [tried.id],
  );
});
