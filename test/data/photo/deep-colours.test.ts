/** Photos of 16 bit in other spaces than sRGB: the same colours as libvips (Little CMS) finds in 8 bit, with all their steps. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { deepConversion } from '../../../src/data/coded-colours.ts';
import { srgbProfile } from '../../../src/data/colour-profile.ts';
import { decodePhoto, openPhoto } from '../../../src/data/photo/read-photo.ts';
import { streamPhoto } from '../../../src/data/photo/streamed-photo.ts';
import { shaperProfile } from '../../../src/data/shaper-profile.ts';
import { sharp } from '../../../src/data/sharp.ts';
import { ADOBE_RGB, matrixProfile, ROMM_RGB, type ToneCurve } from '../../helpers/matrix-profile.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const GAMMA: ToneCurve = { gamma: 2.2 };
const TABLE: ToneCurve = { table: Array.from({ length: 512 }, (_, i) => (i / 511) ** 1.8) };
const PARAMETRIC: ToneCurve = { parametric: [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045] };

/** All corners and a grid between, 8 bit. */
const LEVELS = [0, 20, 77, 128, 200, 255];
const COLOURS = Uint8Array.from(
  LEVELS.flatMap((r) => LEVELS.flatMap((g) => LEVELS.flatMap((b) => [r, g, b]))),
);
const WIDTH = 36;
const HEIGHT = COLOURS.length / 3 / WIDTH;

/** A PNG of these samples that carries a profile which says what they are. */
async function tagged(path: string, samples: Uint8Array | Uint16Array, icc: Buffer, channels: 1 | 3) {
  const deep = samples instanceof Uint16Array;
  const raw = { width: WIDTH, height: samples.length / channels / WIDTH, channels };
  const space = channels === 1 ? (deep ? 'grey16' : 'b-w') : deep ? 'rgb16' : 'srgb';
  const png = await sharp(samples, { raw }).toColourspace(space).png({ compressionLevel: 0 }).toBuffer();
  await writeFile(path, withProfile(png, icc));
}

/** Puts an iCCP chunk after a PNG's head: sharp would convert the colours. */
function withProfile(png: Buffer, icc: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from('iCCPtest\0\0', 'latin1'), deflateSync(icc)]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length - 4);
  sum.writeUInt32BE(crc32(content));
  const END_OF_HEAD = 33;
  return Buffer.concat([png.subarray(0, END_OF_HEAD), length, content, sum, png.subarray(END_OF_HEAD)]);
}

for (const [name, icc] of [
  ['Adobe RGB', matrixProfile(GAMMA, ADOBE_RGB)],
  ['ROMM RGB by a table', matrixProfile(TABLE, ROMM_RGB)],
  ["Adobe's primaries by sRGB's curve", matrixProfile(PARAMETRIC, ADOBE_RGB)],
] as const) {
  test(`${name} of 16 bit has the colours that it has in 8 bit, whole and in bands`, async (t) => {
    const folder = await temporaryFolder(t);
    const [shallow, deep] = [join(folder, '8.png'), join(folder, '16.png')];
    await tagged(shallow, COLOURS, icc, 3);
    await tagged(
      deep,
      Uint16Array.from(COLOURS, (value) => 257 * value),
      icc,
      3,
    );
    const eight = await decodePhoto(await openPhoto(shallow));
    const sixteen = await decodePhoto(await openPhoto(deep));
    assert.ok(sixteen.pixels instanceof Uint16Array);
    // The wide gamut is really one: much of it lies outside of sRGB, and much within is changed.
    assert.ok(COLOURS.filter((value, i) => Math.abs(value - eight.pixels[i]!) > 10).length > 100);
    for (const [i, value] of sixteen.pixels.entries()) {
      const apart = Math.abs(value / 257 - eight.pixels[i]!);
      assert.ok(apart <= 1.1, `${COLOURS.subarray(i - (i % 3), i - (i % 3) + 3)}: ${apart} of 255`);
    }
    const streamed = await streamPhoto(await openPhoto(deep), folder);
    t.after(() => streamed.close());
    const rows = [...streamed.read(0, 2), ...streamed.read(2, HEIGHT)];
    assert.deepEqual(Uint16Array.from(rows), sixteen.pixels);
  });
}

test('grey of 16 bit goes by its curve', async (t) => {
  const path = join(await temporaryFolder(t), 'grey.png');
  const ramp = Uint16Array.from({ length: 10 * WIDTH }, (_, i) => Math.round((65535 * i) / (10 * WIDTH - 1)));
  await tagged(path, ramp, matrixProfile({ gamma: 1.8 }), 1);
  const { pixels } = await decodePhoto(await openPhoto(path));
  for (const [i, sample] of ramp.entries()) {
    const linear = (sample / 65535) ** (461 / 256);
    const wanted = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
    for (const channel of [0, 1, 2])
      assert.ok(Math.abs(pixels[3 * i + channel]! - 65535 * wanted) <= 1, `${sample}`);
  }
});

test("sRGB's own profile changes nothing, and profiles of tables, through Lab or damaged are left to libvips", async () => {
  const srgb = await srgbProfile();
  const same = Uint16Array.from({ length: 3 * 65536 }, (_, i) => Math.floor(i / 3));
  const converted = same.slice();
  deepConversion(srgb, srgb)!(converted, 3);
  const furthest = converted.reduce((most, value, i) => Math.max(most, Math.abs(value - same[i]!)), 0);
  assert.ok(furthest <= 8, `${furthest} of 65535`);
  const adobe = matrixProfile(GAMMA, ADOBE_RGB);
  assert.ok(shaperProfile(adobe) !== undefined);
  const renamed = (from: string, to: string) => {
    const bytes = Buffer.from(adobe);
    bytes.write(to, bytes.indexOf(from), 'latin1');
    return bytes;
  };
  for (const other of [
    renamed('cprt', 'A2B0'),
    renamed('XYZ ', 'Lab '),
    renamed('gXYZ', 'xxxx'),
    renamed('curv', 'none'),
    adobe.subarray(0, 200),
    adobe.subarray(0, 130),
  ])
    assert.equal(shaperProfile(other), undefined);
});
