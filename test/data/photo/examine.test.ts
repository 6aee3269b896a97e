/** What libvips passes over or objects to in a picture's file: colours, missing end marks, raw files, further frames, what stays behind. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { readHeifHead } from '../../../src/data/heif/heif-head.ts';
import { decodePicture, readPicture } from '../../../src/data/image-file.ts';
import { decodePhoto, openPhoto, photoOfBytes } from '../../../src/data/photo/read-photo.ts';
import { streamPhoto } from '../../../src/data/photo/streamed-photo.ts';
import { inBits, type Picture } from '../../../src/picture.ts';
import { ImageError } from '../../../src/system/errors.ts';
import { ffmpeg, noFfmpeg, testPicture } from '../../helpers/clips.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPicture } from '../../helpers/tiny-dataset.ts';
import { put } from '../photo-fixtures.ts';
import { type Directory, tiffFile } from '../tiff-file.ts';

const picture = drawnPicture(48, 36);
const raw = { width: 48, height: 36, channels: 3 } as const;
const from = (pixels: Uint8Array | Uint16Array) =>
  pixels instanceof Uint16Array ? sharp(pixels, { raw }).toColourspace('rgb16') : sharp(pixels, { raw });

function difference(a: Picture['pixels'], b: Picture['pixels']): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

/** Whole, in bands, and as a painting or a photo of a data set is read. */
async function everyWay(bytes: Uint8Array, name = 'a'): Promise<readonly (readonly [string, Uint8Array])[]> {
  const photo = await photoOfBytes(bytes, name);
  const bands = await streamPhoto(photo);
  try {
    const { width, height, channels } = bands;
    const rows = inBits(bands.read(0, height).slice(), 8) as Uint8Array;
    const colours = rows.filter((_, i) => i % channels < 3);
    assert.equal(rows.length, width * height * channels);
    return [
      ['whole', inBits((await decodePhoto(photo)).pixels, 8) as Uint8Array],
      ['in bands', colours],
      ['simply', (await decodePicture(bytes, name)).pixels],
    ];
  } finally {
    bands.close();
  }
}

async function looksLike(bytes: Uint8Array, wanted: Uint8Array, tolerance: number): Promise<void> {
  for (const [way, pixels] of await everyWay(bytes)) {
    const far = difference(pixels, wanted);
    assert.ok(far <= tolerance, `${way}: ${far.toFixed(2)} of 255 levels off`);
  }
}

/** A PNG with chunks of one's own before its pixels. */
async function png(
  pixels: Uint8Array | Uint16Array,
  chunks: Readonly<Record<string, Buffer>>,
): Promise<Buffer> {
  const plain = await from(pixels).png().toBuffer();
  const made = Object.entries(chunks).map(([type, data]) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  });
  // After the head's chunk; sharp writes pHYs and pixels after it.
  return Buffer.concat([plain.subarray(0, 33), ...made, plain.subarray(33)]);
}

const numbers = (...values: readonly number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(Math.round(value), 4 * i);
  return bytes;
};
const light = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

test('the gamma of PNG is applied, and only without anything of higher rank', async () => {
  for (const gamma of [1, 1 / 1.8]) {
    const samples = Uint16Array.from(picture.pixels, (value) => 65535 * light(value / 255) ** gamma);
    await looksLike(await png(samples, { gAMA: numbers(1e5 * gamma) }), picture.pixels, 0.6);
  }
  // As nearly every program writes it: sRGB is meant.
  const same = await png(picture.pixels, {
    gAMA: numbers(45455),
    cHRM: numbers(31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
  });
  await looksLike(same, picture.pixels, 0);
  await looksLike(
    await png(picture.pixels, { sRGB: Buffer.from([0]), gAMA: numbers(1e5) }),
    picture.pixels,
    0,
  );
  const tagged = await sharp(await png(picture.pixels, { gAMA: numbers(1e5) }))
    .withIccProfile('srgb')
    .png()
    .toBuffer();
  await looksLike(tagged, picture.pixels, 1);
  // Chunks that mean nothing.
  for (const chunks of [
    { gAMA: numbers(0) },
    { gAMA: Buffer.alloc(3) },
    { cHRM: numbers(0, 0, 0, 0, 0, 0, 0, 0) },
  ])
    await looksLike(await png(picture.pixels, chunks), picture.pixels, 0);
});

test("PNG's primaries and codes are those of the profile that says the same", async () => {
  const p3 = await from(picture.pixels).withIccProfile('p3').png().toBuffer();
  const tagged = (await sharp(p3, { ignoreIcc: true }).raw().toBuffer()).subarray(0);
  const back = (await decodePicture(p3, 'p3')).pixels;
  assert.ok(difference(tagged, back) > 3, 'the numbers differ');
  const chromaticities = numbers(31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000);
  await looksLike(await png(tagged, { cICP: Buffer.from([12, 13, 0, 1]) }), back, 1);
  await looksLike(await png(tagged, { gAMA: numbers(45455), cHRM: chromaticities }), back, 1);
  const narrow = Uint8Array.from(picture.pixels, (value) => Math.round(16 + (value * 219) / 255));
  await looksLike(await png(narrow, { cICP: Buffer.from([1, 13, 0, 0]) }), picture.pixels, 1);
});

test('colours of high dynamic range become those of sRGB, with a note', async () => {
  const pq = (value: number) => {
    const power = ((203 * value) / 10_000) ** (2610 / 16384);
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375;
  };
  const dim = picture.pixels.map((value) => value * 0.85);
  const samples = Uint16Array.from(dim, (value) => 65535 * pq(light(value / 255)));
  const bytes = await png(samples, { cICP: Buffer.from([1, 16, 0, 1]) });
  await looksLike(bytes, dim, 1);
  const { head } = await photoOfBytes(bytes, 'a');
  assert.deepEqual(head.notes, ['its colours of high dynamic range (PQ) are brought to those of sRGB']);
  // HLG: 75 % is white on paper, what is above still has steps.
  const greys = [0.25, 0.5, 0.75, 0.9, 1].map((value) => Math.round(255 * value));
  const ramp = Uint8Array.from(
    { length: raw.width * raw.height * 3 },
    (_, i) => greys[Math.floor(i / 3) % 5]!,
  );
  const hlg = await decodePhoto(
    await photoOfBytes(await png(ramp, { cICP: Buffer.from([9, 18, 0, 1]) }), 'a'),
  );
  const seen = greys.map((_, i) => hlg.pixels[3 * i]!);
  assert.ok(
    seen.every((value, i) => i === 0 || value > seen[i - 1]!),
    seen.join(),
  );
  assert.ok(seen[2]! > 235 && seen[2]! < 250, `white on paper: ${seen[2]}`);
});

/** sRGB to Lab by D50 (Bradford), as 8 or 16 bit of TIFF. */
function labSamples(
  pixels: Uint8Array,
  bits: 8 | 16,
  kind: 'cie' | 'icc',
  alpha?: readonly number[],
): Buffer {
  const step = bits / 8;
  const count = pixels.length / 3;
  const channels = alpha === undefined ? 3 : 4;
  const bytes = Buffer.alloc(count * channels * step);
  const f = (t: number) => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);
  for (let i = 0; i < count; i++) {
    const [r, g, b] = [0, 1, 2].map((c) => light(pixels[3 * i + c]! / 255)) as [number, number, number];
    const x = f((0.4360747 * r + 0.3850649 * g + 0.1430804 * b) / 0.9642);
    const y = f(0.2225045 * r + 0.7168786 * g + 0.0606169 * b);
    const z = f((0.0139322 * r + 0.0971045 * g + 0.7141733 * b) / 0.8249);
    const shift = kind === 'icc' ? 128 : 0;
    const full = kind === 'icc' ? 65280 : 65535;
    const l = 116 * y - 16;
    const values =
      bits === 8
        ? [l * 2.55, 500 * (x - y) + shift, 200 * (y - z) + shift]
        : [(l * full) / 100, (500 * (x - y) + shift) * 256, (200 * (y - z) + shift) * 256];
    if (alpha !== undefined) values.push(alpha[i]! * (bits === 8 ? 1 : 257));
    values.forEach((value, c) => {
      const whole = Math.round(value);
      if (bits === 8) bytes.writeUInt8(whole & 255, i * channels + c);
      else bytes.writeUInt16LE(whole & 65535, 2 * (i * channels + c));
    });
  }
  return bytes;
}

test('TIFF in Lab has its colours, in 8 and 16 bit, with alpha and without', async () => {
  const soft = picture.pixels.map((value) => 60 + value / 2);
  const alphas = Array.from({ length: 48 * 36 }, (_, i) => (i % 48) * 5);
  for (const kind of ['cie', 'icc'] as const) {
    for (const bits of [8, 16] as const) {
      for (const alpha of [undefined, alphas]) {
        const channels = alpha === undefined ? 3 : 4;
        const data = labSamples(soft, bits, kind, alpha);
        const bytes = tiffFile([
          { width: 48, height: 36, bits, channels, photometric: kind === 'cie' ? 8 : 9, data },
        ]);
        const photo = await photoOfBytes(bytes, 'lab');
        const decoded = await decodePhoto(photo);
        assert.deepEqual([photo.head.depth, photo.head.alpha], [bits, alpha !== undefined]);
        const far = difference(inBits(decoded.pixels, 8) as Uint8Array, soft);
        assert.ok(far < (bits === 8 ? 1.5 : 0.5), `${kind} ${bits} ${channels}: ${far}`);
        if (alpha === undefined) await looksLike(bytes, soft, bits === 8 ? 1.5 : 0.5);
        else assert.deepEqual([...inBits(decoded.alpha!, 8)], alpha);
      }
    }
  }
});

test('raw files of cameras are refused by kind, under any file name', async (t) => {
  const folder = await temporaryFolder(t);
  const preview: Directory = {
    width: 48,
    height: 36,
    bits: 8,
    channels: 3,
    photometric: 2,
    data: Buffer.from(picture.pixels),
  };
  const sensor: Directory = {
    width: 64,
    height: 48,
    bits: 16,
    channels: 1,
    photometric: 32803,
    data: Buffer.alloc(6144, 7),
  };
  const begun = (text: string) => Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(200)]);
  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    ['a.dng', tiffFile([{ ...preview, further: [[50706, 1, [1, 4, 0, 0]]] }]), /\(DNG\)/],
    ['b.jpg', tiffFile([{ ...preview, further: [[50706, 1, [1, 4, 0, 0]]], within: [sensor] }]), /\(DNG\)/],
    ['c.tif', tiffFile([{ ...preview, make: 'NIKON CORPORATION', within: [sensor] }]), /\(Nikon NEF\)/],
    [
      'd.arw',
      tiffFile([{ ...preview, make: 'SONY', within: [{ ...sensor, compression: 32767 }] }]),
      /\(Sony ARW\)/,
    ],
    ['e.jpg', tiffFile([{ ...preview, make: 'PENTAX' }, sensor]), /\(Pentax PEF\)/],
    ['f.nef', tiffFile([preview]), /\(Nikon NEF\)/],
    [
      'g.jpg',
      tiffFile([{ ...preview, make: 'Nobody', within: [sensor] }]),
      /is a raw file of a camera, which/,
    ],
    ['h.tif', begun('II*\0\x10\0\0\0CR\x02\0'), /\(Canon CR2\)/],
    ['i.heic', begun('\0\0\0\x18ftypcrx \0\0\0\x01crx isom'), /\(Canon CR3\)/],
    ['j.jpg', begun('FUJIFILMCCD-RAW 0201'), /\(Fujifilm RAF\)/],
    ['k.jpg', begun('IIRO\x08\0\0\0'), /\(Olympus ORF\)/],
    ['l.jpg', begun('IIU\0\x18\0\0\0'), /\(Panasonic RW2\)/],
  ];
  for (const [name, bytes, kind] of cases) {
    const path = await put(join(folder, name), bytes);
    for (const read of [openPhoto, readPicture]) {
      await assert.rejects(read(path), (error: Error) => {
        assert.ok(error instanceof ImageError, error.stack);
        assert.match(error.message, kind);
        assert.match(
          error.message,
          /raw file of a camera.*which is not read; develop it to JPEG, TIFF or PNG/,
        );
        return true;
      });
    }
  }
  // A scan with two pages, or a picture from a camera's maker, is none.
  const scan = tiffFile([{ ...preview, make: 'NIKON CORPORATION' }, preview]);
  assert.equal((await photoOfBytes(scan, 'scan.tif')).head.furtherPages, 1);
});

test('a JPEG that lacks only its end marker is whole, with a note; one that lacks more is truncated', async () => {
  const note = 'its end marker is missing; its picture is whole';
  const kinds = {
    baseline: from(picture.pixels).jpeg({ quality: 90 }),
    halved: from(picture.pixels).jpeg({ chromaSubsampling: '4:2:0' }),
    progressive: from(picture.pixels).jpeg({ progressive: true }),
    grey: from(picture.pixels).greyscale().jpeg(),
    tagged: from(picture.pixels)
      .withExif({ IFD0: { Make: 'Maker' } })
      .withIccProfile('p3')
      .jpeg(),
  };
  for (const [kind, made] of Object.entries(kinds)) {
    const bytes = await made.toBuffer();
    const wanted = (await decodePicture(bytes, kind)).pixels;
    assert.deepEqual((await photoOfBytes(bytes, kind)).head.notes, []);
    for (const missing of [1, 2]) {
      const cut = bytes.subarray(0, bytes.length - missing);
      await looksLike(cut, wanted, 0);
      assert.deepEqual((await photoOfBytes(cut, kind)).head.notes, [note], kind);
    }
    for (const missing of [40, Math.floor(bytes.length / 4)]) {
      const cut = bytes.subarray(0, bytes.length - missing);
      const oneLine = (error: Error) =>
        error instanceof ImageError && /^a .*cut short[^\n]*$/.test(error.message);
      await assert.rejects(
        async () => decodePhoto(await photoOfBytes(cut, 'a')),
        oneLine,
        `${kind} − ${missing}`,
      );
      await assert.rejects(decodePicture(cut, 'a'), oneLine);
    }
  }
  // Bytes after the end, as some phones write them, are no fault and no news.
  const followed = Buffer.concat([await kinds.baseline.toBuffer(), Buffer.from('rest of something')]);
  assert.deepEqual((await photoOfBytes(followed, 'a')).head.notes, []);
});

test('further frames and sequences: the first is painted, with a note', async () => {
  const note = 'only the first of its 3 frames is painted; save it as GIF or WebP for all';
  const animated = await png(picture.pixels, { acTL: numbers(3, 0) });
  assert.deepEqual((await photoOfBytes(animated, 'a')).head.notes, [note]);
  await looksLike(animated, picture.pixels, 0);
  const avif = await from(picture.pixels).avif({ quality: 95, effort: 0 }).toBuffer();
  const wanted = (await decodePicture(avif, 'a')).pixels;
  for (const brand of ['avis', 'mif1', 'msf1', 'miaf']) {
    const branded = Buffer.from(avif);
    branded.write(brand, 8, 'latin1');
    const photo = await photoOfBytes(branded, 'a');
    assert.deepEqual([photo.head.format, photo.head.notes], ['avif', []], brand);
    await looksLike(branded, wanted, 0);
  }
  // A list of three pictures after it, as sequences have them.
  const box = (type: string, ...parts: readonly Uint8Array[]) => {
    const inside = Buffer.concat(parts);
    return Buffer.concat([numbers(inside.length + 8), Buffer.from(type), inside]);
  };
  const handler = box('hdlr', numbers(0, 0), Buffer.from('pict'), Buffer.alloc(13));
  const table = box('minf', box('stbl', box('stsz', numbers(0, 100, 3))));
  const sequence = Buffer.concat([avif, box('moov', box('trak', box('mdia', handler, table)))]);
  sequence.write('avis', 8, 'latin1');
  assert.equal(readHeifHead(sequence)?.frames, 3);
});

test('a sequence in AVIF as ffmpeg writes it', { skip: noFfmpeg }, async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'a.avif');
  ffmpeg(...testPicture(0.2, '64x48', '15'), '-c:v', 'libaom-av1', '-cpu-used', '8', '-crf', '10', path);
  const { head, source } = await openPhoto(path);
  assert.deepEqual([head.format, head.width, head.height], ['avif', 64, 48]);
  assert.deepEqual(source.notes, [
    'only the first of its 3 frames is painted; save it as GIF or WebP for all',
  ]);
  const first = join(folder, 'first.png');
  ffmpeg(...testPicture(0.2, '64x48', '15'), '-frames:v', '1', first);
  assert.ok(difference((await readPicture(path)).pixels, (await readPicture(first)).pixels) < 12);
});

const NAMESPACES =
  'xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"';

test('a film or a gain map within a JPEG is reported, in every notation', async () => {
  const film = 'the film in it (a motion photo) is left out';
  const gainMap = 'its gain map, for screens of high dynamic range, is left out';
  const jpeg = async (attributes: string) =>
    from(picture.pixels)
      .withXmp(`<x:xmpmeta><rdf:RDF><rdf:Description ${NAMESPACES} ${attributes}/></rdf:RDF></x:xmpmeta>`)
      .jpeg()
      .toBuffer();
  const notes = async (bytes: Uint8Array) => (await photoOfBytes(bytes, 'a')).head.notes;
  assert.deepEqual(await notes(await jpeg('GCamera:MotionPhoto="1"')), [film]);
  assert.deepEqual(await notes(await jpeg('GCamera:MicroVideo="1"')), [film]);
  assert.deepEqual(await notes(await jpeg('GCamera:MotionPhoto="0"')), []);
  assert.deepEqual(await notes(await jpeg('hdrgm:Version="1.0"')), [gainMap]);
  const plain = await jpeg('dc:title="x"');
  assert.deepEqual(await notes(plain), []);
  assert.deepEqual(await notes(Buffer.concat([plain, Buffer.from('MotionPhoto_Data....ftypmp42SEFT')])), [
    film,
  ]);
  // Apple's: a list of pictures (MPF), of which the second says what it is.
  const second = await from(picture.pixels)
    .withXmp('<x:xmpmeta><rdf:RDF HDRGainMap:HDRGainMapVersion="65536"/></x:xmpmeta>')
    .jpeg()
    .toBuffer();
  const index = Buffer.alloc(4 + 8 + 2 + 12 + 4 + 32);
  index.write('MPF\0MM\0*', 'latin1');
  index.writeUInt32BE(8, 8);
  index.writeUInt16BE(1, 12);
  index.writeUInt16BE(0xb002, 14);
  index.writeUInt16BE(7, 16);
  index.writeUInt32BE(32, 18);
  index.writeUInt32BE(8 + 2 + 12 + 4, 22);
  const head = Buffer.from([0xff, 0xe2, 0, index.length + 2]);
  index.writeUInt32BE(plain.length - 2 + index.length - 4, 4 + 26 + 16 + 8);
  const listed = Buffer.concat([plain.subarray(0, 2), head, index, plain.subarray(2), second]);
  assert.deepEqual(await notes(listed), [gainMap]);
  await looksLike(listed, (await decodePicture(plain, 'a')).pixels, 0);
});
