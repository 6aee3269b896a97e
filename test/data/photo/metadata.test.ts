import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { bareIptc, iptcResource, paintedMetadata } from '../../../src/data/photo/metadata.ts';
import { openPhoto } from '../../../src/data/photo/read-photo.ts';
import { tiffExif } from '../../../src/data/photo/tiff-metadata.ts';
import { encodeWhole } from '../../../src/data/photo/write-photo.ts';
import type { PhotoFormat } from '../../../src/data/picture-format.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPicture } from '../../helpers/tiny-dataset.ts';

/** EXIF by hand, in either byte order: orientation 6, a maker, size, colour space, maker's notes, and a preview after it. */
function exifBlock(little: boolean, { preview = Buffer.from('PREVIEW-OF-THE-PHOTO') } = {}): Buffer {
  const parts: Buffer[] = [];
  const u16 = (value: number) => {
    const bytes = Buffer.alloc(2);
    little ? bytes.writeUInt16LE(value) : bytes.writeUInt16BE(value);
    return bytes;
  };
  const u32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    little ? bytes.writeUInt32LE(value) : bytes.writeUInt32BE(value);
    return bytes;
  };
  const entry = (tag: number, type: number, count: number, value: Buffer) =>
    Buffer.concat([u16(tag), u16(type), u32(count), value, Buffer.alloc(4 - value.length)]);
  const notes = Buffer.from('NOTES-OF-THE-MAKER');
  const [first, exif] = [8, 8 + 2 + 3 * 12 + 4];
  const makerAt = exif + 2 + 4 * 12 + 4;
  const notesAt = makerAt + 6;
  const second = notesAt + notes.length;
  const previewAt = second + 2 + 2 * 12 + 4;
  parts.push(Buffer.from(little ? 'II' : 'MM'), u16(42), u32(first));
  parts.push(
    u16(3),
    entry(0x010f, 2, 6, u32(makerAt)),
    entry(0x0112, 3, 1, u16(6)),
    entry(0x8769, 4, 1, u32(exif)),
  );
  parts.push(u32(second));
  parts.push(u16(4), entry(0x927c, 7, notes.length, u32(notesAt)), entry(0xa001, 3, 1, u16(0xffff)));
  parts.push(
    entry(0xa002, 4, 1, u32(53)),
    entry(0xa003, 3, 1, u16(37)),
    u32(0),
    Buffer.from('Maker\0'),
    notes,
  );
  parts.push(
    u16(2),
    entry(0x0201, 4, 1, u32(previewAt)),
    entry(0x0202, 4, 1, u32(preview.length)),
    u32(0),
    preview,
  );
  return Buffer.concat(parts);
}

const XMP =
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
  '<rdf:Description tiff:Orientation="6" dc:title="Große Welle"><tiff:Orientation>8</tiff:Orientation>' +
  '<xmp:Thumbnails>SMALL</xmp:Thumbnails></rdf:Description></rdf:RDF></x:xmpmeta>';
const IPTC = Buffer.from([0x1c, 2, 0x78, 0, 5, ...Buffer.from('hello')]);
const size = { width: 37, height: 53 };

test('EXIF is turned upright in place: notes keep their place, the preview is removed', () => {
  for (const little of [true, false]) {
    const block = exifBlock(little);
    const { kept, notes } = paintedMetadata(
      { exif: Buffer.concat([Buffer.from('Exif\0\0'), block]) },
      size,
      true,
    );
    assert.deepEqual(notes, []);
    const exif = Buffer.from(kept.exif!);
    assert.equal(exif.indexOf('NOTES-OF-THE-MAKER'), block.indexOf('NOTES-OF-THE-MAKER'));
    assert.ok(!exif.includes('PREVIEW'));
    const read = (at: number, bytes: number) =>
      little ? exif.readUIntLE(at, bytes) : exif.readUIntBE(at, bytes);
    assert.equal(read(8 + 2 + 12 + 8, 2), 1, 'orientation');
    assert.equal(read(8 + 2 + 36, 4), 0, 'no second directory');
    const entries = 8 + 2 + 36 + 4 + 2;
    assert.deepEqual(
      [1, 2, 3].map((i) => read(entries + 12 * i + 8, i === 2 ? 4 : 2)),
      [1, 37, 53],
    );
    const own = paintedMetadata({ exif: block }, size, false).kept.exif!;
    assert.equal(Buffer.from(own).readUInt16LE(entries + 12 + 8), 0xffff, 'another space stays another');
  }
});

test('malformed blocks are left out with a note', () => {
  const cut = exifBlock(true).subarray(0, 60);
  const loop = exifBlock(true);
  loop.writeUInt32LE(0xfffffff0, 8 + 2 + 24 + 8);
  for (const exif of [cut, loop, Buffer.from('Exif\0\0nonsense'), Buffer.alloc(3)]) {
    const { kept, notes } = paintedMetadata({ exif }, size, true);
    assert.deepEqual(Object.keys(kept), []);
    assert.deepEqual(notes, ['its EXIF block is malformed and left out']);
  }
  const xmp = [
    'no XML',
    `${XMP.slice(0, 150)}`,
    '\xff\xfe',
    '<rdf:RDF>\x01</rdf:RDF>',
    '<rdf:RDF '.repeat(1e5),
  ];
  for (const text of xmp) {
    const { notes } = paintedMetadata(
      { xmp: Buffer.from(text, 'latin1'), iptc: Buffer.from('8BIM') },
      size,
      true,
    );
    assert.equal(notes.length, 2, text.slice(0, 40));
  }
});

test('XMP claims nothing that is left out: films, gain maps, lists of files, under any prefix', () => {
  const painted = (attributes: string, elements: string) => {
    const xmp = `<x:xmpmeta><!-- it's > "so" --><rdf:RDF><rdf:Description xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" xmlns:gm='http://ns.adobe.com/hdr-gain-map/1.0/' xmlns:Item="http://ns.google.com/photos/1.0/container/item/" xmlns:C="http://ns.google.com/photos/1.0/container/" dc:title="a > b" ${attributes}>${elements}</rdf:Description></rdf:RDF></x:xmpmeta>`;
    const { kept, notes } = paintedMetadata({ xmp: Buffer.from(xmp) }, size, true);
    assert.deepEqual(notes, []);
    assert.match(kept.xmp!, /^<x:xmpmeta><!-- it's > "so" --><rdf:RDF><rdf:Description .*dc:title="a > b"/);
    assert.match(kept.xmp!, /<\/rdf:Description><\/rdf:RDF><\/x:xmpmeta>$/);
    return kept.xmp!;
  };
  const attributes = painted(
    `GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion='1' GCamera:MicroVideo = "1"\n GCamera:MicroVideoOffset="2653" GCamera:BurstID="7" gm:Version="1.0" xmp:Rating="4"`,
    '',
  );
  assert.doesNotMatch(attributes, /MotionPhoto|MicroVideo|gm:Version/);
  assert.match(attributes, /GCamera:BurstID="7".* xmp:Rating="4"/);
  const elements = painted(
    'xmp:Rating="4"',
    '<GCamera:MotionPhoto>1</GCamera:MotionPhoto><C:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><C:Item Item:Semantic="MotionPhoto" Item:Length="9"/></rdf:li></rdf:Seq></C:Directory><gm:Gamma/><dc:x Item:Mime="a">kept</dc:x>',
  );
  assert.doesNotMatch(elements, /MotionPhoto|Semantic|Item:Mime|<gm:|<C:/);
  assert.match(elements, /<dc:x>kept<\/dc:x>/);
  // Malformed, and written to take long.
  for (const text of [
    `<rdf:RDF>${'<hdrgm:a>'.repeat(1e5)}</rdf:RDF>`,
    `<rdf:RDF><a ${' '.repeat(1e6)}></rdf:RDF>`,
    `<rdf:RDF><a b="${'c:d=e '.repeat(1e5)}"/></rdf:RDF>`,
    `<rdf:RDF><a '</rdf:RDF>`,
  ]) {
    const started = process.cpuUsage();
    paintedMetadata({ xmp: Buffer.from(text) }, size, true);
    assert.ok(process.cpuUsage(started).user < 2e6, text.slice(0, 40));
  }
});

test('IPTC comes out of image resources and goes back', () => {
  const other = Buffer.from('8BIM\x04\x0c\0\0\0\0\0\x03abc\0', 'latin1');
  const resource = Buffer.from(iptcResource(IPTC));
  const joined = Buffer.concat([resource.subarray(0, 14), other, resource.subarray(14)]);
  for (const block of [IPTC, resource, joined, joined.subarray(14)]) {
    assert.deepEqual(Buffer.from(bareIptc(block)!), IPTC);
  }
  assert.equal(bareIptc(joined.subarray(0, 40)), undefined);
});

test('each format carries what it can, and written metadata is read again', async (t) => {
  const folder = await temporaryFolder(t);
  const exif = exifBlock(false);
  const picture = drawnPicture(37, 53);
  const { kept } = paintedMetadata({ exif, xmp: Buffer.from(XMP), iptc: IPTC, density: 300 }, size, true);
  const carries: Readonly<Record<string, readonly string[]>> = {
    jpeg: ['exif', 'xmp', 'iptc'],
    png: ['exif', 'xmp', 'density'],
    webp: ['exif', 'xmp'],
    tiff: ['exif', 'xmp', 'iptc', 'density'],
    avif: ['exif', 'xmp'],
  };
  for (const [format, blocks] of Object.entries(carries)) {
    const path = join(folder, format);
    await encodeWhole(picture, { format: format as PhotoFormat, depth: 8, metadata: kept }, path);
    const { head } = await openPhoto(path);
    const { metadata } = head;
    assert.deepEqual([head.width, head.height, head.turned], [37, 53, false], format);
    for (const block of blocks) assert.ok(block in metadata, `${block} in ${format}`);
    assert.equal('iptc' in metadata, blocks.includes('iptc'), format);
    assert.match(Buffer.from(metadata.xmp!).toString(), /tiff:Orientation="1" dc:title="Große Welle"/);
    assert.match(Buffer.from(metadata.xmp!).toString(), /<tiff:Orientation>1</);
    assert.ok(!Buffer.from(metadata.xmp!).includes('SMALL'));
    const written = Buffer.from(metadata.exif!);
    assert.ok(written.includes('NOTES-OF-THE-MAKER') && written.includes('Maker'), format);
    if (format !== 'tiff') assert.ok(written.includes(Buffer.from(kept.exif!)), `${format}: byte by byte`);
    if (blocks.includes('iptc')) assert.deepEqual(Buffer.from(bareIptc(metadata.iptc!)!), IPTC, format);
    if (blocks.includes('density')) assert.equal(Math.round(metadata.density!), 300, format);
    // Whoever reads strictly finds no fault with the file.
    await sharp(path, { failOn: 'warning' }).raw().toBuffer();
    assert.ok(!(await readFile(path)).includes('PREVIEW'), format);
  }
  for (const format of ['jpeg', 'png', 'tiff'] as const) {
    const path = join(folder, `resolved.${format}`);
    await encodeWhole(picture, { format, depth: 8, metadata: { density: 240 } }, path);
    assert.equal(Math.round((await openPhoto(path)).head.metadata.density!), 240, format);
  }
  const { metadata } = (await openPhoto(join(folder, 'tiff'))).head;
  const again = join(folder, 'again');
  await encodeWhole(picture, { format: 'tiff', depth: 8, metadata: { exif: metadata.exif! } }, again);
  assert.deepEqual(tiffExif(again), metadata.exif, 'there and back');
});
