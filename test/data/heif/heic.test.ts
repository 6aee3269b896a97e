/** HEIC: as phones write it, turned, in tiles, with profiles and metadata; by every reader; and what is damaged. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { readHeifHead } from '../../../src/data/heif/heif-head.ts';
import { decodePicture, pictureSize, readPicture } from '../../../src/data/image-file.ts';
import { decodePhoto, openPhoto, photoOfBytes } from '../../../src/data/photo/read-photo.ts';
import { streamPhoto } from '../../../src/data/photo/streamed-photo.ts';
import { findPhotos } from '../../../src/data/photo-files.ts';
import { preparePhoto } from '../../../src/data/prepare-photo.ts';
import { photoOutput } from '../../../src/paint/photo-output.ts';
import type { LayeredPicture } from '../../../src/picture.ts';
import { ImageError } from '../../../src/system/errors.ts';
import { colour, heicFile, mirror, profile, rotation } from '../../helpers/heic-file.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { put } from '../photo-fixtures.ts';

type Colour = readonly [number, number, number];
const [RED, GREEN, BLUE, GREY]: readonly Colour[] = [
  [202, 40, 30],
  [40, 170, 50],
  [40, 50, 182],
  [120, 120, 120],
];

/** Colours in the middle of the quarters, from the top left by rows. */
function quarters({
  pixels,
  width,
  height,
}: Pick<LayeredPicture, 'pixels' | 'width' | 'height'>): number[][] {
  return [0.25, 0.75].flatMap((v) =>
    [0.25, 0.75].map((u) => {
      const at = 3 * (Math.floor(v * height) * width + Math.floor(u * width));
      return [...pixels.subarray(at, at + 3)];
    }),
  );
}

function near(seen: readonly number[][], wanted: readonly (Colour | undefined)[], tolerance = 8): void {
  seen.forEach((one, i) => {
    one.forEach((value, c) => {
      const far = Math.abs(value - wanted[i]![c]!);
      assert.ok(far <= tolerance, `quarter ${i}: ${one} in place of ${wanted[i]}`);
    });
  });
}

const decoded = async (bytes: Uint8Array) => decodePhoto(await photoOfBytes(bytes, 'a.heic'));

test('colours of every brand are right in every reader', async () => {
  for (const brands of [
    ['heic', 'mif1', 'heic'],
    ['mif1', 'mif1', 'heic'],
    ['msf1', 'msf1', 'hevc'],
    ['heix', 'mif1'],
    ['MiHE', 'mif1'],
  ]) {
    const bytes = heicFile({ brands });
    const photo = await photoOfBytes(bytes, 'a.heic');
    assert.deepEqual([photo.head.format, photo.head.width, photo.head.depth], ['heic', 64, 8], brands.join());
    near(quarters(await decodePhoto(photo)), [RED, GREEN, BLUE, GREY]);
    near(quarters(await decodePicture(bytes, 'a.heic')), [RED, GREEN, BLUE, GREY]);
    assert.deepEqual(await pictureSize(bytes, 'a.heic'), { width: 64, height: 64 });
  }
});

test('turning and mirroring are applied in order; the orientation in EXIF is ignored', async () => {
  const cases = [
    [[rotation(1)], [GREEN, GREY, RED, BLUE]],
    [[rotation(2)], [GREY, BLUE, GREEN, RED]],
    [[rotation(3)], [BLUE, RED, GREY, GREEN]],
    [[mirror(1)], [GREEN, RED, GREY, BLUE]],
    [[mirror(0)], [BLUE, GREY, RED, GREEN]],
    [
      [rotation(1), mirror(1)],
      [GREY, GREEN, BLUE, RED],
    ],
  ] as const;
  const exif = Buffer.from('II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0', 'latin1');
  for (const [properties, wanted] of cases)
    near(quarters(await decoded(heicFile({ properties, exif }))), wanted);
  const grid = { columns: 2, rows: 1, width: 100, height: 40 };
  const photo = await photoOfBytes(heicFile({ grid, properties: [rotation(3)] }), 'a.heic');
  assert.deepEqual([photo.head.width, photo.head.height, photo.head.turned], [40, 100, true]);
  const { width, height } = await decodePhoto(photo);
  assert.deepEqual([width, height], [40, 100]);
});

test('tiles are joined and cropped', async () => {
  const { pixels, width, height } = await decoded(
    heicFile({ grid: { columns: 2, rows: 2, width: 112, height: 100 } }),
  );
  assert.deepEqual([width, height], [112, 100]);
  const at = (x: number, y: number) => [...pixels.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
  near([at(16, 16), at(48, 80), at(80, 16), at(100, 70)], [RED, GREEN, RED, GREEN]);
  near([at(16, 48), at(110, 98)], [BLUE, GREY], 24);
});

test('10 bit keep their steps; transparency is alpha', async () => {
  const deep = await decoded(heicFile({ stream: 'quarters-10-bit' }));
  assert.ok(deep.pixels instanceof Uint16Array);
  near(
    quarters(deep).map((one) => one.map((value) => value / 257)),
    [RED, GREEN, BLUE, GREY],
  );
  const { alpha } = await decoded(heicFile({ alpha: true }));
  for (const y of [5, 30, 60])
    assert.ok(Math.abs(alpha![64 * y + 9]! - 4 * y) < 6, `${alpha![64 * y + 9]} in row ${y}`);
  // What paintings and data sets are read by lays it on white.
  const onWhite = await decodePicture(heicFile({ alpha: true }), 'a.heic');
  assert.ok(onWhite.pixels[0]! > 245 && onWhite.pixels[1]! > 245);
});

test('a profile is applied, and so are codes in its place, whole and in bands', async () => {
  const icc = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } })
    .withIccProfile('p3')
    .png()
    .toBuffer();
  const p3 = (await sharp(icc).metadata()).icc!;
  const photo = await photoOfBytes(heicFile({ properties: [profile(p3)] }), 'a.heic');
  assert.deepEqual(Buffer.from(photo.head.profile!), p3);
  const byProfile = quarters(await decodePhoto(photo));
  assert.ok(
    byProfile[0]![0]! > 210 && byProfile[0]![1]! < 30,
    `more red, less green than in P3: ${byProfile[0]}`,
  );
  const byCodes = await photoOfBytes(heicFile({ properties: [colour(12, 13)] }), 'a.heic');
  near(quarters(await decodePhoto(byCodes)), byProfile as unknown as Colour[], 3);
  near(
    quarters(await decodePicture(heicFile({ properties: [colour(12, 13)] }), 'a')),
    byProfile as unknown as Colour[],
    3,
  );
  const bands = await streamPhoto(byCodes);
  try {
    near(quarters({ width: 64, height: 64, pixels: bands.read(0, 64) }), byProfile as unknown as Colour[], 3);
  } finally {
    bands.close();
  }
  const bright = await photoOfBytes(
    heicFile({ stream: 'quarters-10-bit', properties: [colour(9, 18)] }),
    'a.heic',
  );
  assert.deepEqual(bright.head.notes, [
    'its colours of high dynamic range (HLG) are brought to those of sRGB',
  ]);
});

test('EXIF and XMP are kept; gain maps are reported', async () => {
  const exif = Buffer.from('II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0', 'latin1');
  const xmp = '<x:xmpmeta><rdf:RDF><rdf:Description dc:title="Welle"/></rdf:RDF></x:xmpmeta>';
  const { head } = await photoOfBytes(heicFile({ exif, xmp, gainMap: true }), 'a.heic');
  const { output, notes } = photoOutput(head, 'jpeg', { lossless: false, profile: 'srgb', strip: false });
  assert.deepEqual(notes, ['its gain map, for screens of high dynamic range, is left out']);
  assert.equal(output.metadata?.xmp, xmp);
  assert.equal(Buffer.from(output.metadata!.exif!).readUInt16LE(18), 1, 'upright');
});

test('folders, data sets and files of any name', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'in'));
  for (const name of ['a.heic', 'b.HEIC', 'c.heif', 'd.hif']) await put(join(folder, 'in', name), heicFile());
  const found = await findPhotos([join(folder, 'in')]);
  assert.deepEqual(
    found.map(({ name }) => name),
    ['a.heic', 'b.HEIC', 'c.heif', 'd.hif'],
  );
  const prepared = await preparePhoto(found[0]!, { size: 32, quality: 90 });
  assert.ok('record' in prepared, JSON.stringify(prepared));
  const named = await put(join(folder, 'really [1].jpg'), heicFile());
  near(quarters(await readPicture(named)), [RED, GREEN, BLUE, GREY]);
  assert.equal((await openPhoto(named)).head.format, 'heic');
});

test('what is damaged, too large or coded otherwise gets one line, before anything is decoded', async () => {
  const whole = heicFile();
  const refused: readonly (readonly [Uint8Array, RegExp])[] = [
    [whole.subarray(0, 30), /its head cannot be read/],
    [whole.subarray(0, 300), /its head cannot be read/],
    [heicFile({ itemType: 'avc1' }), /is a HEIF picture coded in H\.264, of which only HEVC/],
    [heicFile({ itemType: 'vvc1' }), /coded in VVC/],
    [
      heicFile({ promised: [40_000, 40_000] }),
      /at most 500,000,000 pixels in a\.heic but received 40000×40000/,
    ],
    [heicFile({ promised: [0, 64] }), /a picture with pixels/],
    [
      Buffer.from('\0\0\0\x18ftypmsf1\0\0\0\0msf1hevc\0\0\0\x08moov', 'latin1'),
      /sequence of pictures .* without a still one/,
    ],
    [
      Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42', 'latin1'),
      /is a film, not a picture; paint it by fast-style video/,
    ],
  ];
  const oneLine = (message: RegExp) => (error: Error) =>
    error instanceof ImageError && message.test(error.message) && !error.message.includes('\n');
  for (const [bytes, message] of refused)
    await assert.rejects(photoOfBytes(bytes, 'a.heic'), oneLine(message), `${message}`);
  await assert.rejects(
    decodePicture(heicFile({ promised: [20_000, 20_000] }), 'a.heic'),
    oneLine(/too large: more than 268 million/),
  );
  const undecodable: readonly (readonly [Uint8Array, RegExp])[] = [
    [whole.subarray(0, whole.length - 60), /^a\.heic is damaged or cut short \(.+\)\.$/],
    [heicFile({ promised: [64, 48] }), /^a\.heic is damaged/],
  ];
  for (const [bytes, message] of undecodable)
    await assert.rejects(decoded(bytes), oneLine(message), `${message}`);
  assert.throws(() => readHeifHead(Buffer.alloc(0)), RangeError);
});
