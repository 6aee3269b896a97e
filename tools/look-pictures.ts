/**
 * Makes the pictures of docs/look.md from samples/harbour.jpg and the shipped style:
 *
 *   node --import tsx tools/look-pictures.ts
 *
 * and prints how alike a preview and a large picture are.
 */
import { fileURLToPath } from 'node:url';
import type { SheetCell } from '../src/data/contact-sheet.ts';
import { readPicture, resizePicture } from '../src/data/image-file.ts';
import { findStyle } from '../src/infer/find-style.ts';
import { type Look, withAmount } from '../src/infer/finish/look.ts';
import { LookPainter } from '../src/infer/finish/look-painter.ts';
import { StyleNetwork } from '../src/infer/style-network.ts';
import { loadCheckpoint } from '../src/networks/checkpoint.ts';
import type { Picture } from '../src/picture.ts';
import { writeDocsSheet } from './docs-sheet.ts';
import { partOf } from './picture-part.ts';

const here = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const MOST_BYTES = 140_000;
const checkpoint = await loadCheckpoint(await findStyle('great-wave'));
const photo = await readPicture(here('samples/harbour.jpg'));
const plain: Look = { amount: 1, colors: 'style' };

function painted(picture: Picture, look: Partial<Look>): Picture {
  const whole = { ...plain, ...look };
  const painter = new LookPainter(new StyleNetwork(withAmount(checkpoint, whole.amount)), whole);
  try {
    return painter.stylize(picture);
  } finally {
    painter.dispose();
  }
}

const sheet = (name: string, rows: readonly (readonly (SheetCell | undefined)[])[], side: number) =>
  writeDocsSheet(name, rows, { side, mostBytes: MOST_BYTES });

function psnr(a: Picture, b: Picture): string {
  const squares = a.pixels.reduce((sum, value, i) => sum + (value - b.pixels[i]!) ** 2, 0);
  return `${(10 * Math.log10(255 ** 2 / (squares / a.pixels.length))).toFixed(1)} dB`;
}

const middle = await resizePicture(photo, 800, 533);
const amounts = [0, 0.25, 0.5, 0.75, 1];
const houses = [400, 150, 300, 260] as const;
const style = painted(middle, {});
await sheet(
  'amount.jpg',
  [
    amounts.map((amount) => ({
      picture: partOf(painted(middle, { amount }), houses),
      caption: `--amount ${amount}`,
    })),
    amounts.map((amount) => ({
      picture: partOf(
        {
          ...middle,
          pixels: middle.pixels.map((value, i) => value + amount * (style.pixels[i]! - value)),
        },
        houses,
      ),
      caption: `pixels mixed, ${amount}`,
    })),
  ],
  240,
);

const small = await resizePicture(photo, 400, 267);
const strokes = await Promise.all(
  [undefined, 1, 2].map(async (stroke) => {
    const look = stroke === undefined ? {} : { stroke };
    const [preview, final] = [painted(small, look), painted(photo, look)];
    const shrunk = await resizePicture(final, 400, 267);
    const name = stroke === undefined ? 'without --stroke' : `--stroke ${stroke}`;
    console.log(`${name}: preview and final ${psnr(preview, shrunk)}`);
    return [
      { picture: preview, caption: `400 px, ${name}` },
      { picture: shrunk, caption: `1200 px, ${name}` },
      { picture: partOf(final, [520, 300, 400, 267]), caption: 'a part of it, pixel by pixel' },
    ];
  }),
);
await sheet('stroke.jpg', strokes, 300);

const mask: Picture = {
  width: 300,
  height: 200,
  pixels: Uint8Array.from({ length: 300 * 200 * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % 300;
    return 255 * Math.min(1, Math.max(0, 0.5 + (150 - x) / 40));
  }),
};
await sheet(
  'colors.jpg',
  [
    [
      { picture: style, caption: '--colors style' },
      { picture: painted(middle, { colors: 'photo' }), caption: '--colors photo' },
      { picture: painted(middle, { colors: 'histogram' }), caption: '--colors histogram' },
      { picture: painted(middle, { mask }), caption: '--mask left.png' },
    ],
  ],
  300,
);
