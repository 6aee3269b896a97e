/**
 * Runs the commands of docs/optimization.md and makes its pictures: one contact sheet per block.
 *
 *   node --import tsx tools/optimization-pictures.ts <wave.jpg> <night.jpg> <loss network> [picture …]
 *
 * Works in a folder of the system's temporary one, and leaves out what is there from an earlier call.
 */

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contactSheet, type SheetCell } from '../src/data/contact-sheet.ts';
import { encodePicture, readPicture, writePicture } from '../src/data/image-file.ts';
import type { Picture } from '../src/picture.ts';
import { writeFileAtomically } from '../src/system/atomic-file.ts';
import { documentedBlocks, optionOf } from './documented-commands.ts';

/** Longest side of a picture on a sheet, px, and most bytes of a sheet. */
const [SIDE, MOST_BYTES] = [180, 60_000];

const here = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const [wave, night, lossNetwork, ...only] = process.argv
  .slice(2)
  .map((arg) => (/[\\/]/.test(arg) ? resolve(arg) : arg));
if (wave === undefined || night === undefined || lossNetwork === undefined) {
  console.error(
    'Expected two paintings and a loss network: tools/optimization-pictures.ts wave.jpg night.jpg vgg19',
  );
  process.exit(2);
}
const folder = join(tmpdir(), 'fast-style-optimization-pictures');
mkdirSync(folder, { recursive: true });
copyFileSync(here('samples/harbour.jpg'), join(folder, 'photo.jpg'));
copyFileSync(wave, join(folder, 'wave.jpg'));
copyFileSync(night, join(folder, 'night.jpg'));
for (const side of ['left', 'right'] as const)
  await writePicture(join(folder, `${side}.png`), mask(side), { overwrite: true });

for (const { commands, picture, plot } of documentedBlocks()) {
  if (picture === undefined || (only.length > 0 && !only.includes(picture))) continue;
  const cells: SheetCell[] = [];
  for (const command of commands) {
    if (command[0] !== 'optimize') continue;
    const out = optionOf(command, 'out')!;
    if (!existsSync(join(folder, out))) {
      const cli = ['--import', import.meta.resolve('tsx'), here('src/cli.ts'), ...command];
      const more = ['--loss-network', lossNetwork, '--overwrite'];
      execFileSync(process.execPath, [...cli, ...more], { cwd: folder, stdio: 'inherit' });
    }
    const caption = basename(out, extname(out));
    cells.push({ picture: await readPicture(join(folder, out)), caption });
  }
  if (cells.length === 0) continue;
  const columns = cells.length > 4 ? Math.ceil(cells.length / Math.ceil(cells.length / 4)) : cells.length;
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, i) =>
    cells.slice(i * columns, (i + 1) * columns),
  );
  const target = here(`docs/pictures/${picture}`);
  const sheet = await contactSheet(rows, {
    side: cells.length === 1 ? 2 * SIDE : SIDE,
    fontSize: 12,
    gap: 6,
  });
  await writeFileAtomically(target, await smallJpeg(sheet), { overwrite: true });
  console.log(target);
  const plotted = commands.map((command) => optionOf(command, 'plot')).find((path) => path !== undefined);
  if (plot !== undefined && plotted !== undefined)
    copyFileSync(join(folder, plotted), here(`docs/pictures/${plot}`));
}

/** As good as fits into the size. */
async function smallJpeg(picture: Picture): Promise<Uint8Array> {
  for (let quality = 85; ; quality -= 5) {
    const bytes = await encodePicture(picture, 'jpeg', quality);
    if (bytes.length <= MOST_BYTES || quality <= 20) return bytes;
  }
}

/** A half in white, with a soft edge in the middle. */
function mask(side: 'left' | 'right'): Picture {
  const [width, height] = [256, 171];
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const share = Math.min(1, Math.max(0, 0.5 + ((i % width) - width / 2) / 32));
    pixels.fill(255 * (side === 'right' ? share : 1 - share), i * 3, i * 3 + 3);
  }
  return { pixels, width, height };
}
