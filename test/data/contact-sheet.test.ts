import assert from 'node:assert/strict';
import test from 'node:test';
import { contactSheet, drawSvg } from '../../src/data/contact-sheet.ts';
import type { Picture } from '../../src/picture.ts';

function plain(width: number, height: number, colour: readonly number[]): Picture {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) pixels.set(colour, i * 3);
  return { pixels, width, height };
}

const at = ({ pixels, width }: Picture, x: number, y: number) => [
  ...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

const RED = [250, 10, 10];
const BLUE = [10, 10, 250];

test('pictures are in equal cells, centred, with gaps where one is missing', async () => {
  const sheet = await contactSheet(
    [
      [
        { picture: plain(100, 50, RED), caption: 'a' },
        { picture: plain(60, 80, BLUE), caption: 'b' },
      ],
      [undefined, { picture: plain(100, 50, BLUE), caption: '<c> & d' }],
    ],
    { gap: 10, fontSize: 10 },
  );
  // Cells of 100 × 80 and captions of 16.
  assert.deepEqual([sheet.width, sheet.height], [10 + 2 * 110, 10 + 2 * (80 + 16 + 10)]);
  assert.deepEqual(at(sheet, 10 + 50, 10 + 40), RED);
  assert.deepEqual(at(sheet, 10 + 50, 10 + 5), [255, 255, 255], 'above the lower picture');
  assert.deepEqual(at(sheet, 120 + 50, 10 + 5), BLUE);
  assert.deepEqual(at(sheet, 120 + 5, 10 + 40), [255, 255, 255], 'next to the narrower picture');
  assert.deepEqual(at(sheet, 60, 10 + 106 + 40), [255, 255, 255], 'an empty cell');
  assert.deepEqual(at(sheet, 170, 10 + 106 + 40), BLUE);
});

test('larger pictures are shrunk to the given side; no picture is no sheet', async () => {
  const sheet = await contactSheet([[{ picture: plain(400, 200, RED), caption: 'a' }]], {
    side: 100,
    gap: 0,
    fontSize: 10,
  });
  assert.deepEqual([sheet.width, sheet.height], [100, 50 + 16]);
  assert.deepEqual(at(sheet, 50, 25), RED);
  await assert.rejects(contactSheet([[undefined]]), /pictures for a contact sheet/);
});

test('captions are drawn below their pictures, and a long one is shortened to its cell', async (t) => {
  const text = await drawSvg(
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text x="2" y="15">Hi</text></svg>',
  );
  if (!text.pixels.some((value) => value < 128)) return t.skip('this machine has no fonts');
  const caption = 'a caption that is far longer than its cell is wide';
  const cells = [
    { picture: plain(100, 50, RED), caption },
    { picture: plain(100, 50, RED), caption: '' },
  ];
  const sheet = await contactSheet([cells], { gap: 10, fontSize: 12 });
  const ink = (from: number, to: number) => {
    let dark = 0;
    for (let y = 61; y < sheet.height; y++)
      for (let x = from; x < to; x++) if (at(sheet, x, y)[0]! < 128) dark++;
    return dark;
  };
  assert.ok(ink(0, 115) > 30, 'letters');
  assert.equal(ink(116, sheet.width), 0, 'it stays within its cell');
});
