import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { restoreDashes, withoutDashes } from '../../../src/commands/command-line.ts';
import { decodePhoto, openPhoto } from '../../../src/data/photo/read-photo.ts';
import { ABILITIES, formatOfBytes, PHOTO_EXTENSIONS, photoFormat } from '../../../src/data/picture-format.ts';
import { checkedPhotoOptions, type PhotoCall } from '../../../src/paint/photo-call.ts';
import { photoOutput, requireAbilities } from '../../../src/paint/photo-output.ts';
import { targetsOfPhotos } from '../../../src/paint/photos-and-targets.ts';
import { PHOTO_SETTINGS } from '../../../src/paint/stylize-settings.ts';
import { ConfigError, ImageError } from '../../../src/system/errors.ts';
import { typedValues } from '../../../src/system/settings.ts';
import { put } from '../../data/photo-fixtures.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';

const GIVEN: PhotoCall = { lossless: false, profile: 'srgb', strip: false, damaged: 'refuse' };

test('values that cannot be used get one line', async () => {
  for (const [given, message] of [
    [{ quality: 0 }, /from 1 to 100 for --quality but received 0/],
    [{ quality: 92.5 }, /for --quality but received 92.5/],
    [{ background: 'blurple' }, /a colour for --background but received blurple/],
    [{ maxPixels: 'many' }, /for --max-pixels but received many; as 800M/],
    [{ maxPixels: '0' }, /for --max-pixels but received 0/],
  ] as const) {
    const check = async () => checkedPhotoOptions(typedValues(PHOTO_SETTINGS, given));
    await assert.rejects(check, (error: Error) => {
      return error instanceof ConfigError && message.test(error.message);
    });
  }
  const typed = { maxPixels: '1.5G', background: 'teal', depth: 16 };
  const checked = await checkedPhotoOptions(typedValues(PHOTO_SETTINGS, typed));
  assert.deepEqual([checked.maxPixels, checked.background, checked.depth], [1.5e9, 'teal', 16]);
  for (const format of ['jpeg', 'webp', 'avif', 'gif'] as const) {
    assert.throws(() => requireAbilities(format, checked), /Expected PNG or TIFF for --depth 16/);
  }
  requireAbilities('tiff', checked);
  assert.throws(() => requireAbilities('jpeg', { ...GIVEN, lossless: true } as never), /for --lossless/);
});

test('options, names and messages of a format come from its row alone', () => {
  assert.deepEqual(PHOTO_SETTINGS.format.choices, Object.keys(ABILITIES));
  const extensions = Object.entries(ABILITIES).flatMap(([format, row]) =>
    row.extensions.map((extension) => [extension, format] as const),
  );
  assert.deepEqual(
    PHOTO_EXTENSIONS,
    extensions.map(([extension]) => extension),
  );
  for (const [extension, format] of extensions) assert.equal(photoFormat(`a.${extension}`), format);
  const deep = { ...GIVEN, depth: 16, lossless: false } as never;
  for (const [format, { depth }] of Object.entries(ABILITIES)) {
    if (depth === 16) requireAbilities(format as keyof typeof ABILITIES, deep);
    else assert.throws(() => requireAbilities(format as keyof typeof ABILITIES, deep), ConfigError);
  }
});

test('what is written where: names, folders, formats, standard output', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  await drawnPhoto(at('a.JPEG'), 20, 20, { format: 'jpeg' });
  const one = await sharp(await drawnPhoto(at('b.png'), 20, 20))
    .gif()
    .toBuffer();
  await put(at('still.gif'), one);
  const raw = { width: 8, height: 16, channels: 3, pageHeight: 8 } as const;
  await sharp(Buffer.alloc(8 * 16 * 3, 7).fill(99, 0, 192), { raw })
    .gif()
    .toFile(at('moving.gif'));
  const names = async (
    out: string,
    format?: 'png' | 'webp',
    photos = ['a.JPEG', 'still.gif', 'moving.gif'],
  ) => {
    const inputs = photos.map((name) => ({ path: at(name), name, found: false }));
    return (await targetsOfPhotos(inputs, { out, styles: ['wave'], format })).flat().map(({ path }) => path);
  };
  assert.deepEqual(
    await names('out/'),
    ['a-wave.JPEG', 'still-wave.png', 'moving-wave.gif'].map((name) => join('out', name)),
  );
  assert.deepEqual(await names('out', 'webp', ['a.JPEG', 'b.png']), ['out/a-wave.webp', 'out/b-wave.webp']);
  await assert.rejects(names('out.png'), /a folder for --out, as there are 3 photos/);
  await assert.rejects(names('out.jpg', 'png', ['a.JPEG']), /a file name that ends as png does/);
  await assert.rejects(names('-'), /one photo for standard output but received 3/);
  const inputs = [
    { path: '-', name: 'stdin', found: false },
    { path: at('b.png'), name: 'b.png', found: false },
  ];
  const piped = await targetsOfPhotos(inputs, { out: 'out', styles: ['wave'], piped: 'tiff' });
  assert.deepEqual(
    piped.flat().map(({ path }) => path),
    ['out/stdin-wave.tif', 'out/b-wave.png'],
  );
});

test('contents decide what a file is, and what is no plain picture is refused', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  await drawnPhoto(at('mislabelled.jpg'), 20, 20, { format: 'png' });
  assert.equal((await openPhoto(at('mislabelled.jpg'))).head.format, 'png');
  await symlink('mislabelled.jpg', at('link.tif'));
  assert.equal((await openPhoto(at('link.tif'))).head.width, 20);
  await mkdir(at('folder.jpg'));
  await put(at('empty.jpg'), '');
  await put(at('drawing.png'), '<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>');
  await put(at('phone.jpg'), Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'));
  const refused: readonly (readonly [string, RegExp])[] = [
    [at('none.jpg'), /none\.jpg: no such file or folder/],
    [at('folder.jpg'), /folder\.jpg: it is a folder/],
    [at('empty.jpg'), /empty\.jpg is empty/],
    [at('drawing.png'), /is a drawing or text in XML, not a picture/],
    [at('phone.jpg'), /phone\.jpg is damaged or cut short \(its head cannot be read\)\.$/],
    ...(process.platform === 'win32' ? [] : ([['/dev/zero', /which is a pipe or a device/]] as const)),
  ];
  for (const [path, message] of refused) {
    await assert.rejects(
      openPhoto(path),
      (error: Error) => error instanceof ImageError && message.test(error.message),
      path,
    );
  }
  await assert.rejects(
    openPhoto(at('mislabelled.jpg'), { maxPixels: 399 }),
    /at most 399 pixels .* raise --max-pixels to 1M/,
  );
  assert.equal(formatOfBytes(Buffer.from('BM')), undefined);
});

test('a picture that must be unpacked whole says how much memory that takes', async (t) => {
  const folder = await temporaryFolder(t);
  const photo = await drawnPhoto(join(folder, 'a.png'), 40, 30);
  await sharp(photo).jpeg({ progressive: true }).toFile(join(folder, 'progressive.jpg'));
  await sharp(photo).png({ progressive: true }).toFile(join(folder, 'interlaced.png'));
  assert.equal((await openPhoto(photo)).head.unpacked, 0);
  assert.equal((await openPhoto(join(folder, 'progressive.jpg'))).head.unpacked, 6 * 1200);
  assert.equal((await openPhoto(join(folder, 'interlaced.png'))).head.unpacked, 8 * 1200);
});

test('what is not kept is reported', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await drawnPhoto(join(folder, 'a.png'), 20, 20);
  const { head } = await openPhoto(path);
  const rich = {
    ...head,
    furtherPages: 2,
    metadata: { iptc: Buffer.from([0x1c, 2, 0, 0, 0]), exif: Buffer.alloc(9) },
  };
  const { notes, output } = photoOutput(rich, 'png', await checkedPhotoOptions(GIVEN));
  assert.deepEqual(notes, [
    'only the first of its 3 pages is painted',
    'its EXIF block is malformed and left out',
    'its IPTC cannot be stored in png and is left out',
  ]);
  assert.deepEqual([output.depth, output.metadata], [8, {}]);
  const tagged = await sharp(path).withIccProfile('p3').png({ compressionLevel: 0 }).toBuffer();
  const tiff = await sharp(tagged).keepIccProfile().tiff({ compression: 'none' }).toBuffer();
  const odd = await openPhoto(
    await put(join(folder, 'odd.tif'), tiff.fill('XXXX', tiff.indexOf('acsp'), tiff.indexOf('acsp') + 4)),
  );
  assert.equal((await decodePhoto(odd)).width, 20);
  assert.match(photoOutput(odd.head, 'png', GIVEN as never).notes.join(), /its colour profile is malformed/);
});

test('a lone dash passes the parser', () => {
  const hidden = withoutDashes(['stylize', '-', '--out', '-', '-s', 'a-b']);
  assert.ok(!hidden.includes('-'));
  const values = { photo: [hidden[1], 'x'], out: hidden[3], quality: 3 };
  restoreDashes(values);
  assert.deepEqual(values, { photo: ['-', 'x'], out: '-', quality: 3 });
});
