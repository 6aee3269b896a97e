/**
 * Paints pictures to try styles on, of kinds that are hard on a style transfer: dots on a dark ground, hatching with lines,
 * a mosaic of flat stones, flat shapes over one another, ink that runs out; and two in oil whose strokes show, swirling
 * impasto after Van Gogh and soft dabs after Monet. Generated, so they are nobody's.
 *
 *   node --import tsx tools/render-paintings.ts <folder> [side]
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writePicture } from '../src/data/image-file.ts';
import { dots } from './paintings/dots.ts';
import { geometric } from './paintings/geometric.ts';
import { hatching } from './paintings/hatching.ts';
import { ink } from './paintings/ink.ts';
import { lilies } from './paintings/lilies.ts';
import { mosaic } from './paintings/mosaic.ts';
import { wheatfield } from './paintings/wheatfield.ts';

const [folder, sideText = '768'] = process.argv.slice(2);
if (!folder) throw new Error('Expected: <folder> [side]');
await mkdir(folder, { recursive: true });
const side = Number(sideText);
for (const [name, paint] of Object.entries({ dots, geometric, hatching, ink, lilies, mosaic, wheatfield })) {
  const path = join(folder, `${name}.png`);
  await writePicture(path, paint(side), { overwrite: true });
  process.stdout.write(`${path}\n`);
}
