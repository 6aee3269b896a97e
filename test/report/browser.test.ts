/** The report in a real Chromium. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import { PreviewPictures } from '../../src/report/preview-pictures.ts';
import { gatherReport } from '../../src/report/report-data.ts';
import { reportPage } from '../../src/report/report-page.ts';
import { writeReport } from '../../src/report/run-report.ts';
import { Browser, findBrowser } from '../helpers/browser.ts';
import { sharedFolder } from '../helpers/temporary-folder.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { HOSTILE, writeRun } from './run-in-folder.ts';

const program = findBrowser();
const skip = program === undefined ? 'no Chromium on this machine (FAST_STYLE_CHROMIUM names one)' : false;
const folder = sharedFolder();
let browser: Browser;

before(async () => {
  if (program !== undefined) browser = await Browser.start(program);
});
after(() => browser?.close());

const text = (selector: string) =>
  browser.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).textContent`);
const slide = (value: number) =>
  browser.evaluate(
    `(() => { const s = document.getElementById('slider'); s.value = ${value}; for (const e of ['input', 'change']) s.dispatchEvent(new Event(e)); })()`,
  );
const source = () => browser.evaluate<string>(`document.getElementById('painted-1').src`);
const curves = () =>
  browser.evaluate<number>(`document.querySelectorAll('#chart-terms .plot .curve').length`);

test('slider, legend, scale, pointer and keys work, names are text, and nothing is fetched', {
  skip,
}, async () => {
  await writeRun(folder);
  const url = pathToFileURL(await writeReport(folder)).href;
  await browser.view(1400, 1000, 'light');
  await browser.open(url);

  assert.equal(await text('h1'), `wave ${HOSTILE}`);
  assert.equal(await browser.evaluate(`document.querySelectorAll('script:not([type])').length`), 1);
  assert.equal(await browser.evaluate(`document.querySelectorAll('img[onerror]').length`), 0);
  assert.match(await text('#chart-style-layers .legend'), /<script>alert/);

  // The slider changes all pictures.
  const newest = await source();
  assert.match(newest, /^data:image\/webp;base64,.{100}/);
  assert.equal(await text('#slider-step'), 'step 400');
  await slide(0);
  assert.equal(await text('#slider-step'), 'step 100');
  assert.notEqual(await source(), newest);
  assert.equal(await browser.evaluate(`document.getElementById('painted-1').naturalWidth`), 90);
  await browser.evaluate(`document.getElementById('play').click()`);
  await waitFor('it to play to the end', async () => (await source()) === newest);

  // The legend hides a curve.
  const all = await curves();
  await browser.evaluate(`document.querySelector('#chart-terms .key').click()`);
  assert.equal(await curves(), all - 1);
  assert.equal(
    await browser.evaluate(`document.querySelector('#chart-terms .key').getAttribute('aria-pressed')`),
    'false',
  );
  await browser.evaluate(`document.querySelector('#chart-terms .key').click()`);

  // Pointer and arrow keys read values, in all charts at once.
  assert.equal(await text('#chart-terms .readout'), 'Last: step 400');
  await browser.evaluate(`document.getElementById('plot-terms').scrollIntoView({ block: 'center' })`);
  const box = await browser.evaluate<{ x: number; y: number; width: number }>(
    `(({ x, y, width }) => ({ x, y, width }))(document.getElementById('plot-terms').getBoundingClientRect())`,
  );
  await browser.move(box.x + 56 + (box.width - 68) / 2, box.y + 100);
  assert.equal(await text('#chart-terms .readout'), 'Step 200');
  assert.equal(await text('#chart-terms .key .value'), '1.04');
  assert.equal(await text('#chart-style-layers .readout'), 'Step 200');
  await browser.move(2, 2);
  await browser.evaluate(`document.getElementById('plot-terms').focus()`);
  await browser.press('Home');
  await browser.press('ArrowRight');
  assert.equal(await text('#chart-terms .readout'), 'Step 100');
  await browser.press('Escape');
  assert.equal(await text('#chart-terms .readout'), 'Last: step 400');

  // The scale.
  const path = () =>
    browser.evaluate<string>(`document.querySelector('#chart-terms .curve').getAttribute('d')`);
  const logarithmic = await path();
  await browser.evaluate(`document.getElementById('log-scale').click()`);
  assert.notEqual(await path(), logarithmic);
  assert.equal(await browser.evaluate(`document.querySelectorAll('#chart-terms .mark').length`), 3);

  for (const width of [400, 1400]) {
    await browser.view(width, 900, 'dark');
    await browser.evaluate(
      'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))',
    );
    const wide = await browser.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(wide <= width, `${wide} px wide in a window of ${width}`);
  }
  assert.deepEqual(browser.complaints, []);
  assert.deepEqual(browser.requests, [url]);
});

test('during the run the page reloads itself and keeps what was chosen', { skip }, async () => {
  await writeRun(folder);
  const path = join(folder, 'live.html');
  const live = { step: 400, memory: 1e9 };
  const data = await gatherReport(folder, new PreviewPictures(), live);
  await writeFile(path, reportPage(data, true, 3));
  await browser.view(1400, 1000, 'light');
  await browser.open(pathToFileURL(path).href);
  // As while something is played: it waits till all is chosen, however slow the machine is.
  await browser.evaluate(`document.body.classList.add('busy')`);
  await slide(1);
  await browser.evaluate(`document.getElementById('log-scale').click()`);
  await browser.evaluate(`document.querySelector('#chart-terms .key').click()`);
  await browser.evaluate(`document.getElementById('play').focus()`);
  await browser.evaluate(`scrollTo(0, 300)`);
  await browser.move(2, 2);
  const later = { ...data, progress: { ...data.progress, step: 777 } };
  await writeFile(path, reportPage(later, true, 1000));
  await browser.loaded(() => browser.evaluate(`document.body.classList.remove('busy')`));
  assert.match(await text('.figures'), /777 of 1,000/);
  assert.equal(await text('#slider-step'), 'step 200');
  assert.equal(await browser.evaluate(`document.getElementById('log-scale').checked`), false);
  assert.equal(
    await browser.evaluate(`document.querySelector('#chart-terms .key').getAttribute('aria-pressed')`),
    'false',
  );
  assert.equal(await browser.evaluate(`document.activeElement.id`), 'play');
  assert.equal(await browser.evaluate(`document.getElementById('age').hidden`), true);
  const old = { ...data, progress: { ...data.progress, updated: '2026-01-01T00:00:00Z' } };
  await writeFile(path, reportPage(old, true, 1000));
  await browser.open('about:blank');
  await browser.open(pathToFileURL(path).href);
  assert.match(await text('#age'), /^Nothing new for \d+ hours/);
  assert.deepEqual(browser.complaints, []);
});
