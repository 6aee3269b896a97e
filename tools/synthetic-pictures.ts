/**
 * Makes the pictures of docs/synthetic-data.md:
 *
 *   node --import tsx tools/synthetic-pictures.ts [checkpoint …]
 *
 * a sheet of synthetic pictures, and samples/harbour.jpg painted by each checkpoint, two in a row (bench/synthetic-gap.ts).
 */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SheetCell } from '../src/data/contact-sheet.ts';
import { readPicture } from '../src/data/image-file.ts';
import { syntheticPicture } from '../src/data/synth/picture.ts';
import { StyleNetwork } from '../src/infer/style-network.ts';
import { writeDocsSheet } from './docs-sheet.ts';

const here = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const MOST_BYTES = 145_000;

async function write(
  name: string,
  cells: readonly SheetCell[],
  columns: number,
  side: number,
): Promise<void> {
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, i) =>
    cells.slice(i * columns, (i + 1) * columns),
  );
  await writeDocsSheet(name, rows, { side, mostBytes: MOST_BYTES });
}

const drawn = Array.from({ length: 18 }, (_, i) => ({
  picture: syntheticPicture(1, i, 320),
  caption: `${i}`,
}));
await write('synthetic.jpg', drawn, 6, 170);

const checkpoints = process.argv.slice(2);
if (checkpoints.length > 0) {
  const photo = await readPicture(here('samples/harbour.jpg'), { longSide: 480 });
  const cells: SheetCell[] = [];
  for (const file of checkpoints) {
    const stylizer = await StyleNetwork.load(file);
    cells.push({ picture: stylizer.stylize(photo), caption: basename(file, '.safetensors') });
    stylizer.dispose();
  }
  await write('synthetic-gap.jpg', cells, 2, 420);
}
