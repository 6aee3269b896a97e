/**
 * The picture of the gallery in docs/web.md, from the gallery itself in Chromium.
 *
 *     node --import tsx tools/gallery/screenshot.ts [<file.jpg> [<width> [light|dark]]]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { sharp } from '../../src/data/sharp.ts';
import { makeGallery } from './make-gallery.ts';
import { serveFolder } from './serve-folder.ts';

const [
  file = fileURLToPath(new URL('../../docs/pictures/gallery.jpg', import.meta.url)),
  width = '1280',
  scheme = 'light',
] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'fast-style-gallery-'));
await makeGallery(folder);
const { server, address } = await serveFolder(folder, 0);
const browser = await chromium.launch({
  executablePath: process.env.FAST_STYLE_CHROMIUM ?? '/usr/bin/chromium',
});
try {
  const viewport = { width: Number(width), height: 860 };
  const page = await browser.newPage({ viewport, colorScheme: scheme === 'dark' ? 'dark' : 'light' });
  page.setDefaultTimeout(600_000);
  await page.goto(address);
  await page.locator('body[data-cards=painted]').waitFor();
  await page
    .locator('#status')
    .filter({ hasText: / px in / })
    .waitFor();
  // A machine that does other things as well says nothing about speed.
  await page.evaluate(`document.getElementById('status').textContent = ''`);
  const shot = await page.screenshot({ fullPage: true });
  await sharp(shot)
    .resize({ width: 960, withoutEnlargement: true })
    .jpeg({ quality: 76, mozjpeg: true })
    .toFile(file);
} finally {
  await browser.close();
  server.close();
  await rm(folder, { recursive: true });
}
