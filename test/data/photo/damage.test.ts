import assert from 'node:assert/strict';
import test from 'node:test';
import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { decodeFrames } from '../../../src/data/photo/animation.ts';
import { decodePhoto, photoOfBytes } from '../../../src/data/photo/read-photo.ts';
import { streamPhoto } from '../../../src/data/photo/streamed-photo.ts';
import { random } from '../../../src/data/random.ts';
import { DamagedImageError, ImageError } from '../../../src/system/errors.ts';

// Large enough for several chunks of PNG: of one that is cut nothing is read.
const [width, height] = [192, 160];
const next = random(1);
const pixels = Buffer.from(Uint8Array.from({ length: 3 * width * height }, () => 256 * next()));
const whole = () => sharp(pixels, { raw: { width, height, channels: 3 } });
const half = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2));

const KINDS: Readonly<Record<string, () => Sharp>> = {
  'baseline.jpg': () => whole().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }),
  'progressive.jpg': () => whole().jpeg({ quality: 95, progressive: true }),
  'plain.png': () => whole().png(),
  'deep.png': () => whole().toColourspace('rgb16').png(),
};

for (const [name, made] of Object.entries(KINDS)) {
  test(`${name}: half of its bytes are refused, or accepted with a note, at once and in bands`, async () => {
    const bytes = await made().toBuffer();
    const full = await decodePhoto(await photoOfBytes(bytes, name));
    await assert.rejects(
      async () => decodePhoto(await photoOfBytes(half(bytes), name)),
      (error) => error instanceof DamagedImageError && error.message.startsWith(`${name} is `),
    );
    const heard: string[] = [];
    const onDamage = (line: string) => heard.push(line);
    const open = () => photoOfBytes(half(bytes), name, { onDamage });
    const rest = await decodePhoto(await open());
    assert.deepEqual([rest.width, rest.height], [width, height]);
    // What lies in the first half is there; of a progressive file it is coarse.
    const rows = 3 * width * 20;
    const scale = rest.pixels instanceof Uint16Array ? 257 : 1;
    let off = 0;
    for (let i = 0; i < rows; i++) off += Math.abs(full.pixels[i]! - rest.pixels[i]!);
    assert.ok(off / rows / scale < (name === 'progressive.jpg' ? 60 : 0.01), `${off / rows / scale}`);
    const streamed = await streamPhoto(await open());
    assert.deepEqual(new Uint8Array(streamed.read(0, 20)), new Uint8Array(rest.pixels.subarray(0, rows)));
    streamed.close();
    assert.equal(heard.length, 2);
    for (const line of heard)
      assert.match(line, new RegExp(`^${name} is .*; what can be read of it is taken\\.$`));
  });
}

test('whole files are accepted without a note, and unreadable ones are refused even so', async () => {
  const onDamage = (line: string) => assert.fail(line);
  const bytes = await whole().png().toBuffer();
  await decodePhoto(await photoOfBytes(bytes, 'a.png', { onDamage }));
  for (const length of [20, 40])
    await assert.rejects(
      async () => decodePhoto(await photoOfBytes(bytes.subarray(0, length), 'a.png', { onDamage })),
      (error) => error instanceof ImageError && !(error instanceof DamagedImageError),
    );
});

test('an animation that ends early gives the frames it has', async () => {
  const frames = 4;
  const input = { raw: { width, height: height * frames, channels: 3, pageHeight: height } } as const;
  const gif = await sharp(Buffer.concat(Array(frames).fill(pixels)), input)
    .gif({ effort: 1 })
    .toBuffer();
  const cut = gif.subarray(0, gif.length - 1500);
  await assert.rejects(photoOfBytes(cut, 'a.gif'), DamagedImageError);
  const heard: string[] = [];
  const frame = await decodeFrames(
    await photoOfBytes(cut, 'a.gif', { onDamage: (line) => heard.push(line) }),
  );
  assert.equal(heard.length, 1);
  assert.equal(frame.samples.length, 4 * width * height * frame.count);
});
