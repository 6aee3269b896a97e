/**
 * docs/pictures/studio.jpg: the studio with the sample photo, as Chromium shows it. After `npm run build`.
 *
 *     node --import tsx tools/studio-picture.ts
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { SAMPLE } from '../src/data/sample-photos.ts';
import { shrinkPhoto } from '../src/index.ts';
import { openStudio } from '../src/studio/server.ts';

const OUT = fileURLToPath(new URL('../docs/pictures/studio.jpg', import.meta.url));
const [WIDTH, HEIGHT] = [1180, 860];
const QUALITY = 58;
/** Milliseconds for all styles on a slow machine. */
const PATIENCE = 600_000;

const folder = await mkdtemp(join(tmpdir(), 'fast-style-studio-'));
const studio = await openStudio({ folder, sample: SAMPLE });
const executablePath = process.env.FAST_STYLE_CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } });
  page.setDefaultTimeout(PATIENCE);
  await page.goto(studio.url);
  await page.getByRole('button', { name: 'Try the sample photo' }).click();
  await page.getByRole('button', { name: 'starry-night' }).click();
  await page.locator('.compare[aria-busy=false] .before').waitFor();
  await page.locator('.tile').first().waitFor();
  const tiles = await page.locator('.tile').count();
  await page
    .locator('.tile-picture[aria-busy=false]')
    .nth(tiles - 1)
    .waitFor();
  // Choosing a style has scrolled to it.
  await page.evaluate('scrollTo(0, 0)');
  const picture = await page.screenshot();
  const { bytes } = await shrinkPhoto(picture, { side: WIDTH, quality: QUALITY });
  await writeFile(OUT, bytes);
  process.stdout.write(`${OUT}: ${(await readFile(OUT)).length} bytes\n`);
} finally {
  await browser.close();
  await studio.close();
  await rm(folder, { recursive: true, force: true });
}
