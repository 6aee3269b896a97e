import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import {
  decodePicture,
  encodePicture,
  PICTURE_EXTENSIONS,
  pictureFormat,
  pictureSize,
  readPicture,
  squareMiddle,
  writePicture,
} from '../../src/data/image-file.ts';
import type { Picture } from '../../src/picture.ts';
import { ConfigError, FileError, ImageError } from '../../src/system/errors.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';
import { noisy, painted, put } from './photo-fixtures.ts';

const ORANGE = [200, 100, 50] as const;

function pixel({ pixels, width }: Picture, x: number, y: number): number[] {
  return [...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

function assertNear(actual: readonly number[], wanted: readonly number[], tolerance: number): void {
  const far = actual.some((value, i) => Math.abs(value - wanted[i]!) > tolerance);
  assert.ok(!far && actual.length === wanted.length, `${actual} is not ${wanted} within ${tolerance}`);
}

// The colours at the corners as stored, and in which corner each is seen, for the eight orientations of EXIF.
const RED = [255, 0, 0] as const;
const GREEN = [0, 255, 0] as const;
const BLUE = [0, 0, 255] as const;
const WHITE = [255, 255, 255] as const;
const SEEN = {
  1: [RED, GREEN, BLUE, WHITE],
  2: [GREEN, RED, WHITE, BLUE],
  3: [WHITE, BLUE, GREEN, RED],
  4: [BLUE, WHITE, RED, GREEN],
  5: [RED, BLUE, GREEN, WHITE],
  6: [BLUE, RED, WHITE, GREEN],
  7: [WHITE, GREEN, BLUE, RED],
  8: [GREEN, WHITE, RED, BLUE],
} as const;

test('what must be unpacked whole is bounded first', async () => {
  const chunk = (kind: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  /** A PNG by its head: eight bits of RGB, interlaced by Adam7, and hardly anything after it. */
  const interlaced = (side: number) => {
    const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 1]);
    head.writeUInt32BE(side);
    head.writeUInt32BE(side, 4);
    const data = deflateSync(Buffer.alloc(1000));
    const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
    return Buffer.concat([
      signature,
      chunk('IHDR', head),
      chunk('IDAT', data),
      chunk('IEND', Buffer.alloc(0)),
    ]);
  };
  const before = process.memoryUsage().rss;
  await assert.rejects(decodePicture(interlaced(16_000), 'huge.png', { shortSide: 64 }), (error: Error) => {
    assert.ok(error instanceof ImageError);
    assert.match(
      error.message,
      /^Expected a picture of 16000×16000 px that can be read in bands .* save it not interlaced\.$/,
    );
    return true;
  });
  assert.ok(process.memoryUsage().rss - before < 200e6);
  await assert.rejects(decodePicture(interlaced(600), 'cut.png'), /cut\.png is damaged or cut short/);
});

test('applies each of the eight EXIF orientations', async () => {
  const stored = painted(48, 32, (x, y) => (y < 16 ? (x < 24 ? RED : GREEN) : x < 24 ? BLUE : WHITE));
  for (const [orientation, corners] of Object.entries(SEEN)) {
    const bytes = await stored
      .clone()
      .withMetadata({ orientation: Number(orientation) })
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const seen = await decodePicture(bytes, 'photo');
    const size = Number(orientation) < 5 ? [48, 32] : [32, 48];
    assert.deepEqual([seen.width, seen.height], size, `orientation ${orientation}`);
    assert.deepEqual(Object.values(await pictureSize(bytes, 'photo')), size);
    const right = seen.width - 3;
    const bottom = seen.height - 3;
    assertNear(pixel(seen, 2, 2), corners[0], 4);
    assertNear(pixel(seen, right, 2), corners[1], 4);
    assertNear(pixel(seen, 2, bottom), corners[2], 4);
    assertNear(pixel(seen, right, bottom), corners[3], 4);
  }
});

test('brings every colour space to sRGB, RGB, 8 bit', async (t) => {
  const orange = painted(40, 20, () => ORANGE);
  const grey = [128, 128, 128] as const;
  const cases: ReadonlyArray<readonly [string, Promise<Buffer>, readonly number[], number]> = [
    ['PNG', orange.clone().png().toBuffer(), ORANGE, 0],
    ['CMYK JPEG without a profile', orange.clone().toColourspace('cmyk').jpeg().toBuffer(), ORANGE, 35],
    ['CMYK JPEG with a profile', orange.clone().withIccProfile('cmyk').jpeg().toBuffer(), ORANGE, 8],
    ['Display P3, 8 bit', orange.clone().withIccProfile('p3').png().toBuffer(), ORANGE, 2],
    [
      'Display P3, 16 bit',
      orange.clone().toColourspace('rgb16').withIccProfile('p3').png().toBuffer(),
      ORANGE,
      2,
    ],
    ['16-bit PNG', orange.clone().toColourspace('rgb16').png().toBuffer(), ORANGE, 0],
    [
      'grey JPEG',
      painted(40, 20, () => grey)
        .greyscale()
        .jpeg()
        .toBuffer(),
      grey,
      1,
    ],
    [
      '16-bit grey PNG',
      painted(40, 20, () => grey)
        .toColourspace('grey16')
        .png()
        .toBuffer(),
      grey,
      0,
    ],
    ['palette PNG', orange.clone().png({ palette: true }).toBuffer(), ORANGE, 2],
    ['half transparent PNG', orange.clone().ensureAlpha(0.5).png().toBuffer(), [227.5, 177.5, 152.5], 1],
    ['wholly transparent PNG', orange.clone().ensureAlpha(0).png().toBuffer(), WHITE, 0],
    [
      'grey with alpha',
      painted(40, 20, () => [0, 0, 0])
        .greyscale()
        .ensureAlpha(0.5)
        .png()
        .toBuffer(),
      [127.5, 127.5, 127.5],
      1,
    ],
    ['GIF', orange.clone().gif().toBuffer(), ORANGE, 2],
    ['float TIFF', orange.clone().toColourspace('scrgb').tiff({ compression: 'none' }).toBuffer(), ORANGE, 1],
  ];
  for (const [name, bytes, wanted, tolerance] of cases) {
    await t.test(name, async () => {
      const picture = await decodePicture(await bytes, name);
      assert.equal(picture.pixels.length, 40 * 20 * 3);
      assertNear(pixel(picture, 20, 10), wanted, tolerance);
    });
  }
});

test('a profile that swaps colours is applied, not only carried', async () => {
  // P3's own (200, 100, 50) is a stronger orange than sRGB's: reading it as sRGB would give the numbers unchanged.
  const p3 = await painted(8, 8, () => ORANGE)
    .withIccProfile('p3')
    .png()
    .toBuffer();
  const stored = await sharp(p3, { ignoreIcc: true }).raw().toBuffer();
  assert.notDeepEqual([...stored.subarray(0, 3)], [...ORANGE]);
});

test('resizes to a short or a long side, smaller and larger', async () => {
  const bytes = await noisy(80, 61, 128).png().toBuffer();
  const size = async (options: { shortSide?: number; longSide?: number }) => {
    const { width, height, pixels } = await decodePicture(bytes, 'photo', options);
    assert.equal(pixels.length, width * height * 3);
    return [width, height];
  };
  assert.deepEqual(await size({}), [80, 61]);
  assert.deepEqual(await size({ shortSide: 30 }), [39, 30]);
  assert.deepEqual(await size({ shortSide: 122 }), [160, 122]);
  assert.deepEqual(await size({ longSide: 40 }), [40, 31]);
  assert.deepEqual(await size({ longSide: 160 }), [160, 122]);
});

test('reads a file whose name has spaces and other scripts', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await put(join(folder, 'Große Welle 神奈川 #1.png'), noisy(20, 18, 90).png());
  assert.equal((await readPicture(path)).width, 20);
});

test('names what is wrong with a file that is no picture, in one line', async (t) => {
  const folder = await temporaryFolder(t);
  const whole = await noisy(200, 200, 128).jpeg().toBuffer();
  const png = await noisy(200, 200, 128).png().toBuffer();
  await mkdir(join(folder, 'folder.jpg'));
  await put(join(folder, 'text.jpg'), 'this is a text and not a picture');
  await put(join(folder, 'empty.jpg'), '');
  await put(join(folder, 'cut.jpg'), whole.subarray(0, whole.length / 2));
  await put(join(folder, 'last-bytes-lost.jpg'), whole.subarray(0, -40));
  await put(join(folder, 'cut.png'), png.subarray(0, png.length / 2));
  await put(
    join(folder, 'huge.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"/>',
  );
  const faults = {
    'missing.jpg': /no such file/,
    'folder.jpg': /it is a folder/,
    'text.jpg': /is not a picture/,
    'empty.jpg': /is empty/,
    'cut.jpg': /damaged or cut short/,
    'last-bytes-lost.jpg': /damaged or cut short/,
    'cut.png': /damaged or cut short/,
    'huge.svg': /is a drawing or text in XML/,
  };
  for (const [name, fault] of Object.entries(faults)) {
    await assert.rejects(readPicture(join(folder, name)), (error: Error) => {
      assert.ok(error instanceof ImageError, `${name}: ${error.stack}`);
      assert.match(error.message, fault);
      assert.ok(error.message.includes(name), error.message);
      assert.ok(!error.message.includes('\n'), error.message);
      return true;
    });
  }
});

test('writes each format, exactly as large, and reads it back', async (t) => {
  const folder = await temporaryFolder(t);
  // Smooth colour, so that lossy formats must come close in every channel.
  const source = await painted(37, 23, (x, y) => [40 + 4 * x, 200 - 5 * y, 90 + x + y])
    .png()
    .toBuffer();
  const picture = await decodePicture(source, 'source');
  const names = [...PICTURE_EXTENSIONS.map((extension) => `painted.${extension}`), 'UPPER.JPG'];
  for (const name of names) {
    const path = join(folder, 'new', name);
    await writePicture(path, picture);
    const back = await readPicture(path);
    assert.deepEqual([back.width, back.height], [37, 23], name);
    const worst = back.pixels.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - picture.pixels[i]!)),
      0,
    );
    const lossless = ['png', 'tiff'].includes(pictureFormat(path));
    assert.ok(worst <= (lossless ? 0 : 24), `${name} is off by ${worst}`);
    assert.equal((await sharp(await readFile(path)).metadata()).channels, 3);
  }
  assert.deepEqual((await readdir(join(folder, 'new'))).sort(), [...names].sort(), 'nothing else is left');
});

test('quality decides the size of a lossy file', async () => {
  const picture = await decodePicture(await noisy(64, 64, 128).png().toBuffer(), 'source');
  for (const format of ['jpeg', 'webp', 'avif'] as const) {
    const low = await encodePicture(picture, format, 30);
    const high = await encodePicture(picture, format, 95);
    assert.ok(low.length < high.length * 0.7, `${format}: ${low.length} and ${high.length} bytes`);
  }
});

test('overwrites nothing by default and leaves nothing half-written', async (t) => {
  const folder = await temporaryFolder(t);
  const picture = await decodePicture(await noisy(20, 20, 128).png().toBuffer(), 'source');
  const path = join(folder, 'there.png');
  await writeFile(path, 'mine');
  await assert.rejects(writePicture(path, picture), FileError);
  assert.equal(await readFile(path, 'utf8'), 'mine');
  await writePicture(path, picture, { overwrite: true });
  assert.deepEqual((await readPicture(path)).pixels, picture.pixels);

  const wide = { pixels: new Uint8Array(17_000 * 3), width: 17_000, height: 1 };
  await assert.rejects(writePicture(join(folder, 'wide.webp'), wide), ImageError);
  for (const name of ['painted.bmp', 'painted', 'painted.jpg.txt']) {
    await assert.rejects(writePicture(join(folder, name), picture), (error: Error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /\.jpg .*\.avif/);
      return true;
    });
  }
  assert.deepEqual(await readdir(folder), ['there.png']);
});

test('the middle square of a picture: its own pixels, or brought to another size', async () => {
  for (const [width, height] of [
    [50, 20],
    [20, 51],
  ] as const) {
    const picture = drawnPicture(width, height, 3);
    const cut = await squareMiddle(picture, 20);
    const [left, top] = [(width - 20) >> 1, (height - 20) >> 1];
    const at = (x: number, y: number) => picture.pixels[((top + y) * width + left + x) * 3 + 1];
    for (const [x, y] of [
      [0, 0],
      [19, 0],
      [7, 19],
    ] as const)
      assert.equal(cut.pixels[(y * 20 + x) * 3 + 1], at(x, y));
  }
  const flags = new Uint8Array(60 * 20 * 3).map((_, i) =>
    Math.floor(i / 3) % 60 < 20 ? 250 : i % 3 === 1 ? 90 : 10,
  );
  const { pixels, ...size } = await squareMiddle({ pixels: flags, width: 60, height: 20 }, 8);
  assert.deepEqual(size, { width: 8, height: 8 });
  assert.ok(
    pixels.every((value, i) => value === (i % 3 === 1 ? 90 : 10)),
    'nothing of what is left and right',
  );
});
