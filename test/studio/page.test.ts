/** The studio as somebody uses it, in a real Chromium. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after, before, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { Stylizer } from '../../src/index.ts';
import { openStudio } from '../../src/studio/server.ts';
import { launchChromium, noChromium, watched } from '../helpers/chromium.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { painting, startStudio, studioFolderIn, tinyTraining } from './studio-in-folder.ts';

/** Of a machine that does other things meanwhile. */
const PATIENCE = 120_000;
let browser: Browser;

before(async () => {
  if (!noChromium) browser = await launchChromium();
});
after(() => browser?.close());

async function pageAt(t: TestContext, url: string) {
  const context = await browser.newContext({ acceptDownloads: true });
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const { complaints, requests } = watched(page);
  await page.goto(url);
  const elsewhere = () => requests.filter((one) => !one.startsWith(url) && !one.startsWith('blob:'));
  return { page, complaints, elsewhere };
}

/** Drops a file on the page, as the browser hands it over. */
async function drop(page: Page, name: string, bytes: Buffer, type: string): Promise<void> {
  const file = JSON.stringify([name, bytes.toString('base64'), type]);
  await page.evaluate(`{
    const [name, base64, type] = ${file};
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name, { type }));
    for (const kind of ['dragover', 'drop'])
      dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
  }`);
}

/** HTML of what can be used and has no name that a screen reader could say. */
const UNNAMED = `[...document.querySelectorAll('button, a, input, select, canvas, iframe')]
  .filter(({ ariaLabel, title, textContent, labels }) =>
    !(ariaLabel || title || textContent.trim() || [...(labels ?? [])].some((label) => label.textContent.trim())))
  .map(({ outerHTML }) => outerHTML)`;

test('a photo is dropped, painted, compared, masked, exported and downloaded', {
  skip: noChromium,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const own = await studioFolderIn(folder);
  const photo = await readFile(await drawnPhoto(join(folder, 'sea.jpg'), 320, 200, { format: 'jpeg' }));
  const studio = await openStudio({ folder: own });
  t.after(() => studio.close());
  const { page, complaints, elsewhere } = await pageAt(t, studio.url);
  await page.getByText('Drop photos or films here').waitFor();
  await drop(page, 'sea.jpg', photo, 'image/jpeg');
  await page.getByRole('button', { name: 'grey' }).click();
  assert.equal(await page.getByRole('button', { name: 'grey' }).getAttribute('aria-pressed'), 'true');
  await page.locator('.compare[aria-busy=false] .before').waitFor();

  // Before and after: with the keys, and with the pointer.
  const line = page.getByLabel('How much of the photo to show against the painting');
  await line.focus();
  await page.keyboard.press('End');
  assert.equal(await line.inputValue(), '100');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await line.inputValue(), '99');
  const box = (await page.locator('.compare-frame').boundingBox())!;
  await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.up();
  assert.equal(await line.inputValue(), '25');

  // All styles are painted, the shipped ones, too.
  const tiles = await page.locator('.tile').count();
  assert.ok(tiles > 10);
  await page
    .locator(`.tile-picture[aria-busy=false]`)
    .nth(tiles - 1)
    .waitFor();

  // Look, mask and mixture are asked for as they are set.
  await page.getByLabel('Amount').fill('0.5');
  await page.getByText('Palette').click();
  await page.getByRole('button', { name: 'Paint a mask' }).click();
  await page.locator('canvas.mask').focus();
  for (const key of ['ArrowLeft', 'ArrowUp', 'Space']) await page.keyboard.press(key);
  await page.getByLabel('Invert the mask').waitFor();
  await page.getByRole('button', { name: 'Done with the mask' }).click();
  await page.getByLabel('Mix styles').check();
  await page.getByRole('button', { name: 'dim' }).click();
  await page.getByRole('heading', { name: 'Mixture' }).waitFor();
  await page.locator('.compare[aria-busy=false] .before').waitFor();
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByLabel('Mix styles').uncheck();

  await page.getByRole('button', { name: 'Export at full size' }).click();
  const link = page.getByRole('link', { name: 'sea-grey.jpg' });
  await link.waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  const saved = join(folder, 'saved.jpg');
  await download.saveAs(saved);
  const stylizer = await Stylizer.load(join(own, 'styles', 'grey.safetensors'));
  t.after(() => stylizer.dispose());
  const wanted = await stylizer.stylize(photo, {
    ...{ amount: 0.5, stroke: 1, colors: 'histogram', format: 'jpeg', quality: 92 },
  });
  assert.deepEqual(await readFile(saved), wanted);

  // Everything that can be used has a name, and nothing is wider than a phone, in either colours.
  for (const view of ['Paint', 'Train', 'Queue']) {
    await page.getByRole('navigation').getByRole('button', { name: view }).click();
    assert.deepEqual(await page.evaluate(UNNAMED), [], view);
    assert.equal(await page.locator('h1').count(), 1);
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
      assert.ok(wide <= width, `${view}: ${wide} px in a window of ${width}`);
    }
  }
  // What was chosen is there when the page is opened again.
  await page.getByRole('navigation').getByRole('button', { name: 'Paint' }).click();
  await page.waitForResponse((response) => response.url().endsWith('/choices'));
  await page.reload();
  await page.locator('.tile[aria-pressed=true]', { hasText: 'grey' }).waitFor();
  assert.equal(await page.getByLabel('Amount').inputValue(), '0.5');
  assert.deepEqual(complaints, []);
  assert.deepEqual(elsewhere(), []);
});

test('a style is trained for 20 steps; the studio is killed, started again, and goes on', {
  skip: noChromium,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const own = await studioFolderIn(folder);
  const { data, ...settings } = await tinyTraining(folder);
  // Steps long enough to be interrupted.
  const slow = { ...settings, imageSize: 64, batch: 16 };
  await writeFile(join(folder, 'settings.json'), JSON.stringify(slow));
  const args = ['--folder', own, '--data', data!, '--config', join(folder, 'settings.json')];
  const first = await startStudio(t, args);
  const { page } = await pageAt(t, first.client.url);
  await page.getByRole('button', { name: 'Train' }).click();
  await page.getByText('Drop a painting here').waitFor();
  await drop(page, 'wave.png', await painting(folder), 'image/png');
  await page.getByText('More').click();
  await page.getByLabel('Steps').fill('20');
  await page.getByRole('button', { name: 'Start training' }).click();
  // Asked of the studio itself: a browser on a busy machine shows the first step when the last is done.
  await waitFor(
    'the first step',
    async () => ((await first.client.state()).jobs[0]?.progress?.done ?? 0) >= 1,
  );
  first.child.kill('SIGKILL');
  await first.done;
  await page.getByText('The studio has ended.').waitFor();

  const second = await startStudio(t, args);
  await page.goto(second.client.url);
  await page.getByRole('button', { name: 'Keep: Train wave' }).click();
  await page.getByText('Kept as wave').waitFor();
  const [job] = (await second.client.state()).jobs;
  assert.deepEqual([job!.state, job!.progress!.done], ['done', 20]);
  const log = await readFile(join(own, 'results', job!.id, 'run', 'log.jsonl'), 'utf8');
  assert.match(log, /"resumed"/);
  await page.getByRole('button', { name: 'Report: Train wave' }).click();
  await page.frameLocator('iframe').getByRole('heading', { name: 'wave' }).waitFor();
});
