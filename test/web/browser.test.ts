/** The package and the gallery in a real Chromium, in WebAssembly. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { random } from '../../src/data/random.ts';
import { StyleNetwork } from '../../src/infer/style-network.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import type { Picture } from '../../src/picture.ts';
import { makeGallery } from '../../tools/gallery/make-gallery.ts';
import { serveFolder } from '../../tools/gallery/serve-folder.ts';
import { launchChromium, noChromium as skip, watched } from '../helpers/chromium.ts';
import { writeTinyCheckpoint, writeTinyStyles } from '../helpers/tiny-checkpoint.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const SHIPPED = at('checkpoints/wave-film.safetensors');

/** Milliseconds for whatever a page is waited for, on a machine that has more to do. */
const PATIENCE = 120_000;

let folder = '';
let styles: string[] = [];
let [server, address]: [Server | undefined, string] = [undefined, ''];
let browser: Browser;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fast-style-web-'));
  styles = [
    await writeTinyCheckpoint(join(folder, 'tiny.safetensors')),
    await writeTinyCheckpoint(join(folder, 'other.safetensors'), 'c3s1-4,d5,R5,u4,c3s1-3', {}, 2),
    await writeTinyCheckpoint(join(folder, 'even.safetensors'), 'c3s1-4,d4,u4,c3s1-3'),
  ];
  if (skip !== false) return;
  await makeGallery(join(folder, 'gallery'), [...styles.slice(0, 2), SHIPPED]);
  await copyFile(styles[2]!, join(folder, 'gallery', 'styles', 'even.safetensors'));
  await writeTinyStyles(join(folder, 'gallery', 'styles', 'pair.safetensors'), ['a', 'b']);
  // The package as a bundler takes it in; the worker is the gallery's.
  await build({
    entryPoints: [at('test/web/page/in-page.ts')],
    bundle: true,
    format: 'esm',
    keepNames: true,
    outdir: join(folder, 'gallery'),
  });
  await writeFile(join(folder, 'gallery', 'in-page.html'), '<link rel="icon" href="icon.svg">');
  ({ server, address } = await serveFolder(join(folder, 'gallery'), 0));
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

function noise(width: number, height: number): Picture {
  const next = random(width + height);
  const pixels = Uint8Array.from({ length: 3 * width * height }, (_, i) =>
    Math.floor(i / 90) % 2 === 0 ? 200 : Math.floor(next() * 256),
  );
  return { pixels, width, height };
}

async function paintedByNode(path: string, photo: Picture): Promise<Picture> {
  const network = new StyleNetwork(await loadCheckpoint(path));
  try {
    return network.stylize(photo);
  } finally {
    network.dispose();
  }
}

function largestDifference(rgba: readonly number[], picture: Picture): number {
  return picture.pixels.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - rgba[4 * Math.floor(i / 3) + (i % 3)]!)),
    0,
  );
}

/** Calls a function of in-page.ts there. */
async function inPage<Answer>(
  name: 'paintAll' | 'mistakes' | 'onGraphicsCard',
  given: readonly unknown[],
  own = browser,
) {
  const page = await own.newPage();
  page.setDefaultTimeout(PATIENCE);
  const { complaints } = watched(page);
  await page.goto(`${address}in-page.html`);
  const call = `import('/in-page.js').then((all) => all.${name}(...${JSON.stringify(given)}))`;
  const answer = await page.evaluate<Answer>(call);
  await page.close();
  return { answer, complaints };
}

/** Of `paintAll`: pictures as RGBA. */
interface PaintedInPage {
  readonly runtime: { readonly backend: string; readonly threads: number; readonly reason?: string };
  readonly tiny: Readonly<Record<string, readonly number[]>>;
  readonly clear: readonly number[];
  readonly givenIsWhole: boolean;
  readonly shares: readonly number[];
  readonly shipped: readonly number[];
  readonly author: string;
}

test('every kind of picture is painted as Node paints it, within 2 of 255', { skip }, async () => {
  const photo = noise(61, 45);
  const { answer: painted, complaints } = await inPage<PaintedInPage>('paintAll', [
    [...photo.pixels],
    photo.width,
    photo.height,
  ]);
  const tiny = await paintedByNode(styles[0]!, photo);
  for (const [kind, rgba] of Object.entries(painted.tiny)) {
    assert.equal(rgba.length, 4 * 61 * 45, kind);
    const largest = largestDifference(rgba, tiny);
    assert.ok(largest <= 2, `${kind}: ${largest} grey levels apart`);
  }
  // Transparency is kept, and the colours below it.
  assert.ok(largestDifference(painted.clear, tiny) <= 2);
  assert.deepEqual(
    painted.clear.filter((_, i) => i % 4 === 3),
    Array.from({ length: 61 * 45 }, (_, i) => (4 * i + 3) % 16),
  );
  assert.ok(painted.givenIsWhole, 'what is given stays with its owner');
  assert.ok(painted.shares.length > 20, `${painted.shares.length} bands`);
  const shipped = largestDifference(painted.shipped, await paintedByNode(SHIPPED, photo));
  assert.ok(shipped <= 2, `shipped style: ${shipped} grey levels apart`);
  assert.equal(painted.author, 'Katsushika Hokusai');
  assert.equal(painted.runtime.backend, 'wasm');
  assert.ok(painted.runtime.threads >= 1);
  assert.match(painted.runtime.reason ?? '', /./);
  assert.deepEqual(complaints, []);
});

test('mistakes and aborted paintings end with their reason, and the worker goes on', { skip }, async () => {
  const { answer: answers } = await inPage<Record<string, string>>('mistakes', []);
  assert.match(answers.aborted!, /^AbortError/);
  assert.equal(answers.widthAfter, '20');
  assert.match(answers.small!, /^ImageError: Expected a picture of at least 16×16 pixels but received 8×40/);
  assert.match(answers.amount!, /^ConfigError: Expected a number from 0/);
  assert.match(answers.text!, /^InvalidStateError/);
  assert.match(
    answers.missing!,
    /^FileError: Expected a style at \/styles\/none.safetensors but received 404/,
  );
  assert.match(answers.page!, /^CheckpointError: .*index\.html is not a sound safetensors file/);
  assert.match(answers.several!, /one of the 2 styles in .*pair\.safetensors \(a, b\)/);
  assert.equal(answers.one, 'b');
  assert.match(answers.gpu!, /^ConfigError: Expected WebGPU but received none/);
  assert.match(answers.lost!, /The worker that paints has failed/);
  assert.match(answers.disposed!, /^AbortError/);
});

/** WebGPU on the processor. */
const SOFTWARE_CARD = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--enable-unsafe-swiftshader',
];

test('WebGPU paints as Node does; what it would paint otherwise is painted in WebAssembly', {
  skip,
}, async (t) => {
  const own = await launchChromium(SOFTWARE_CARD);
  try {
    const photo = noise(33, 26);
    const { answer } = await inPage<{
      readonly backend: string;
      readonly styles: readonly { backend: string; reason?: string; painted: readonly number[] }[];
    }>('onGraphicsCard', [['even', 'tiny'], [...photo.pixels], photo.width], own);
    if (answer.backend !== 'webgpu') return t.skip('this Chromium has no adapter for WebGPU');
    for (const [i, { painted }] of answer.styles.entries())
      assert.ok(largestDifference(painted, await paintedByNode(styles[i === 0 ? 2 : 0]!, photo)) <= 2);
    const [even] = answer.styles;
    assert.equal(even!.backend, 'webgpu', even!.reason);
  } finally {
    await own.close();
  }
});

test('the gallery: styles by keyboard, sliders, a photo of one’s own, download, camera; nothing from elsewhere', {
  skip,
}, async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
  const { complaints, requests } = watched(page);
  page.setDefaultTimeout(PATIENCE);
  // Looks within the page, which allows no text to be run as a function of its own.
  const until = (condition: string) =>
    page.evaluate(
      `new Promise((holds) => { const look = () => (${condition} ? holds() : setTimeout(look, 250)); look(); })`,
    );
  const colours = () => page.evaluate<string>(`document.getElementById('painted').toDataURL()`);
  const settled = () =>
    page
      .locator('#status')
      .filter({ hasText: / px in / })
      .waitFor();
  const changed = async (last: string) => {
    await until(
      `document.getElementById('painted').toDataURL() !== ${JSON.stringify(last)} && / px in /.test(document.getElementById('status').textContent)`,
    );
    return colours();
  };
  await page.goto(address);
  const download = page.getByRole('button', { name: 'Download' });
  await settled();
  await until(`document.body.dataset.cards === 'painted'`);
  assert.equal(await page.locator('.card.painted').count(), 3);
  const first = await colours();

  // As without a mouse.
  await page.getByRole('radio', { name: /Noise/ }).first().focus();
  await page.keyboard.press('ArrowRight');
  assert.ok(await page.getByRole('radio').nth(1).isChecked());
  const second = await changed(first);
  await page.getByRole('slider', { name: 'Amount' }).fill('50');
  const half = await changed(second);
  await page.getByRole('slider', { name: 'Brush' }).press('ArrowRight');
  await changed(half);
  const compare = page.getByRole('slider', { name: /Compare/ });
  await compare.fill('40');
  assert.equal(await compare.getAttribute('aria-valuetext'), '40 % photo');

  // A photo of one's own.
  const own = await readFile(at('samples/paintings/ink.jpg'));
  await page
    .getByLabel('Open a photo')
    .setInputFiles({ name: 'mine.jpg', mimeType: 'image/jpeg', buffer: own });
  await page.locator('.sample[aria-pressed=true]').waitFor({ state: 'detached' });
  await settled();
  const [saved] = await Promise.all([page.waitForEvent('download'), download.click()]);
  assert.match(saved.suggestedFilename(), /^mine-\w+\.jpg$/);
  const file = await readFile(await saved.path());
  assert.deepEqual([...file.subarray(0, 2)], [0xff, 0xd8]);
  await page
    .getByLabel('Open a photo')
    .setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no photo') });
  await page
    .getByRole('alert')
    .filter({ hasText: /received notes\.txt/ })
    .waitFor();

  // The camera, live; a picture of it becomes the photo.
  await page.getByRole('button', { name: 'Camera' }).click();
  await page.locator('#status').filter({ hasText: 'pictures per second' }).waitFor();
  await page.getByRole('button', { name: 'Take this picture' }).click();
  await settled();
  assert.ok(await download.isVisible());

  for (const [width, colorScheme] of [
    [390, 'dark'],
    [820, 'light'],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    const wide = await page.evaluate<number>(`document.documentElement.scrollWidth`);
    assert.ok(wide <= width, `${wide} px wide in a window of ${width}`);
  }
  const elsewhere = requests.filter((url) => !/^(data:|blob:)/.test(url) && !url.startsWith(address));
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(complaints, []);
  await page.close();
});

test('opened as a file, the gallery says that it needs a server', { skip }, async () => {
  const page = await browser.newPage();
  await page.goto(`file://${join(folder, 'gallery', 'index.html')}`);
  await page.getByRole('alert').filter({ hasText: 'npm run gallery -- --serve' }).waitFor();
  await page.close();
});
