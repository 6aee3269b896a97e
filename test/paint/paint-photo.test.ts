import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { srgbProfile } from '../../src/data/colour-profile.ts';
import { decodePhoto, openPhoto } from '../../src/data/photo/read-photo.ts';
import { encodeWhole } from '../../src/data/photo/write-photo.ts';
import { photoFormat } from '../../src/data/picture-format.ts';
import { StyleNetwork } from '../../src/infer/style-network.ts';
import { parseArchitecture } from '../../src/networks/architecture.ts';
import { transformNetParameters } from '../../src/networks/transform-net-parameters.ts';
import { type PaintOptions, paintPhoto } from '../../src/paint/paint-photo.ts';
import { paintPixels } from '../../src/paint/session.ts';
import { DeviceMemoryError } from '../../src/system/errors.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { tinyParameters } from '../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

const OPTIONS: PaintOptions = {
  overwrite: true,
  tiles: 'auto',
  lossless: false,
  profile: 'srgb',
  strip: false,
};
const TINY = 'c3s1-4,d5,R5,u4,c3s1-3';
const described = {
  name: 'tiny',
  style: {},
  training: {},
  lossNetwork: {},
  steps: 0,
  images: 0,
  losses: {},
  software: {},
};

function stylizerOf(architecture: string, parameters = tinyParameters(architecture)): StyleNetwork {
  return new StyleNetwork({
    ...described,
    architecture,
    layers: parseArchitecture(architecture),
    parameters,
  });
}

/** One convolution that hands each channel on, so that what comes out rises with what goes in. */
function handsOn(): StyleNetwork {
  const parameters = transformNetParameters(parseArchitecture('c3s1-3')).map(({ name, shape }) => {
    const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
    // [3, 3, 3, 3]: the middle of the kernel, from each channel to itself.
    if (name.endsWith('.kernel')) for (let c = 0; c < 3; c++) values[4 * 9 + 4 * c] = 6;
    return { name, shape, values };
  });
  return stylizerOf('c3s1-3', parameters);
}

/** Paints a file into another and answers what lies there, and what was said on stderr. */
async function paint(stylizer: StyleNetwork, from: string, to: string, options: Partial<PaintOptions> = {}) {
  const said: string[] = [];
  const write = process.stderr.write;
  process.stderr.write = ((line: string) => said.push(line) > 0) as typeof write;
  try {
    const target = { path: to, format: photoFormat(to) };
    await paintPhoto(stylizer, await openPhoto(from), target, { ...OPTIONS, ...options });
  } finally {
    process.stderr.write = write;
  }
  const photo = await openPhoto(to);
  return { ...photo, picture: await decodePhoto(photo), said: said.join('') };
}

const [WIDTH, HEIGHT] = [2048, 16];

test('a gradient of 16 bit keeps its steps through the network, in one piece and in bands', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  const pixels = new Uint16Array(3 * WIDTH * HEIGHT);
  pixels.forEach((_, i) => {
    pixels[i] = 32 * (Math.floor(i / 3) % WIDTH);
  });
  const gradient = { pixels, width: WIDTH, height: HEIGHT };
  for (const format of ['png', 'tiff'] as const) {
    await encodeWhole(gradient, { format, depth: 16, profile: 'srgb' }, at(`in.${format}`));
  }
  const stylizer = handsOn();
  t.after(() => stylizer.dispose());
  for (const [from, to, tiles] of [
    ['in.png', 'out.png', 'auto'],
    ['in.tiff', 'out.tif', 'auto'],
    ['in.png', 'bands.png', 'exact'],
  ] as const) {
    const { picture, head } = await paint(stylizer, at(from), at(to), { tiles });
    assert.equal(head.depth, 16);
    assert.deepEqual(Buffer.from(head.profile!), Buffer.from(await srgbProfile()));
    const row = Array.from({ length: WIDTH }, (_, x) => picture.pixels[3 * (7 * WIDTH + x)]!);
    assert.ok(
      row.every((value, x) => x === 0 || value >= row[x - 1]!),
      `${to} rises`,
    );
    assert.ok(new Set(row).size > 0.98 * WIDTH, `${to} has ${new Set(row).size} of ${WIDTH} steps`);
  }
  const shallow = await paint(stylizer, at('in.png'), at('eight.png'), { depth: 8 });
  assert.equal(shallow.head.depth, 8);
  assert.ok(new Set(shallow.picture.pixels).size < 256);
});

test('transparency is kept, in one piece and in bands, and hidden colours do not affect the painting', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  const stylizer = stylizerOf(TINY);
  t.after(() => stylizer.dispose());
  const { pixels, width, height } = drawnPicture(48, 40);
  const alpha = Uint8Array.from({ length: width * height }, (_, i) =>
    Math.hypot((i % width) - 24, Math.floor(i / width) - 20) < 15 ? 255 - (i % 3) * 20 : 0,
  );
  for (const [name, behind] of [
    ['black', 0],
    ['white', 255],
  ] as const) {
    const hidden = pixels.map((value, i) => (alpha[Math.floor(i / 3)] === 0 ? behind : value));
    await encodeWhole(
      { pixels: hidden, alpha, width, height },
      { format: 'png', depth: 8 },
      at(`${name}.png`),
    );
  }
  const black = await paint(stylizer, at('black.png'), at('black-out.png'));
  const white = await paint(stylizer, at('white.png'), at('white-out.webp'), { lossless: true });
  const bands = await paint(stylizer, at('white.png'), at('bands-out.png'), { tiles: 'exact' });
  const visible = (picture: typeof black.picture) =>
    picture.pixels.filter((_, i) => alpha[Math.floor(i / 3)]! > 0);
  for (const one of [black, white, bands]) assert.deepEqual(one.picture.alpha, alpha);
  assert.deepEqual(visible(white.picture), visible(black.picture));
  const off = visible(bands.picture).map((value, i) => Math.abs(value - visible(black.picture)[i]!));
  assert.ok(Math.max(...off) <= 1);

  const flat = await paint(stylizer, at('black.png'), at('flat.jpg'), { background: '#ff0000' });
  assert.match(flat.said, /its transparent parts become #ff0000, as jpeg has no transparency/);
  assert.deepEqual(
    [flat.picture.alpha, flat.picture.pixels[0]! > 240, flat.picture.pixels[1]! < 20],
    [undefined, true, true],
  );
});

test('an animation is painted frame by frame; a still format gets its first', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  const stylizer = stylizerOf(TINY);
  t.after(() => stylizer.dispose());
  const frames = Buffer.concat([1, 2, 3].map((seed) => drawnPicture(32, 24, seed).pixels));
  const raw = { width: 32, height: 72, channels: 3, pageHeight: 24 } as const;
  await sharp(frames, { raw })
    .webp({ lossless: true, delay: [100, 50, 70], loop: 2 })
    .toFile(at('in.webp'));
  const still = await paint(stylizer, at('in.webp'), at('still.png'));
  assert.match(still.said, /only the first of its 3 frames is painted; write GIF or WebP for all/);
  assert.deepEqual([still.picture.width, still.picture.height], [32, 24]);
  const { head } = await paint(stylizer, at('in.webp'), at('out.webp'), { lossless: true });
  assert.deepEqual(
    [head.frames, head.delays, head.loop, head.width, head.height],
    [3, [100, 50, 70], 2, 32, 24],
  );
  const painted = await sharp(at('out.webp'), { pages: -1 }).removeAlpha().raw().toBuffer();
  [1, 2, 3].forEach((seed, i) => {
    const alone = stylizer.stylize(drawnPicture(32, 24, seed)).pixels;
    assert.deepEqual(
      painted.subarray(i * alone.length, (i + 1) * alone.length),
      Buffer.from(alone),
      `frame ${i}`,
    );
  });
  assert.equal((await paint(stylizer, at('out.webp'), at('out.gif'))).head.frames, 3);
  await assert.rejects(
    paint(stylizer, at('in.webp'), at('out.gif'), { memory: 2e6 }),
    /the 3 frames of this animation/,
  );
});

test('profiles: sRGB is written where the photo had one, or its own is kept; --strip removes metadata', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  const stylizer = stylizerOf(TINY);
  t.after(() => stylizer.dispose());
  const { pixels, width, height } = drawnPicture(40, 32);
  const picture = () => sharp(pixels, { raw: { width, height, channels: 3 } });
  const tagged = picture().withMetadata({ density: 300, orientation: 6 });
  await tagged
    .withExifMerge({ IFD0: { Make: 'Maker' } })
    .withIccProfile('p3')
    .jpeg({ quality: 100 })
    .toFile(at('p3.jpg'));
  await picture().toColourspace('cmyk').withIccProfile('cmyk').tiff().toFile(at('cmyk.tif'));
  await picture().greyscale().png().toFile(at('grey.png'));
  const srgb = await paint(stylizer, at('p3.jpg'), at('srgb.png'));
  const kept = await paint(stylizer, at('p3.jpg'), at('kept.png'), { profile: 'keep' });
  assert.deepEqual(Buffer.from(srgb.head.profile!), Buffer.from(await srgbProfile()));
  assert.deepEqual(kept.head.profile, (await openPhoto(at('p3.jpg'))).head.profile);
  assert.deepEqual([srgb.head.width, srgb.head.height, srgb.head.turned], [32, 40, false]);
  const off = kept.picture.pixels.map((value, i) => Math.abs(value - srgb.picture.pixels[i]!));
  assert.ok(Math.max(...off) <= 3, `seen alike: ${Math.max(...off)}`);
  const stored = await sharp(at('kept.png'), { ignoreIcc: true }).raw().toBuffer();
  assert.notDeepEqual(stored, Buffer.from(srgb.picture.pixels), 'in other numbers');
  assert.ok(srgb.head.metadata.exif);
  const stripped = await paint(stylizer, at('p3.jpg'), at('stripped.png'), { strip: true });
  assert.deepEqual(Object.keys(stripped.head.metadata), ['density']);
  const press = await paint(stylizer, at('cmyk.tif'), at('press.tif'), { profile: 'keep' });
  assert.match(press.said, /its colour profile is not for RGB/);
  assert.equal(press.head.colours, 'rgb');
  const grey = await paint(stylizer, at('grey.png'), at('from-grey.png'));
  assert.equal(grey.head.colours, 'rgb');
  assert.equal((await readdir(folder)).length, 8, 'nothing half-written');
});

test('a style that gives NaN says so, and nothing is written', async (t) => {
  const folder = await temporaryFolder(t);
  const [from, to] = [join(folder, 'in.png'), join(folder, 'out.png')];
  await encodeWhole(drawnPicture(24, 20), { format: 'png', depth: 8 }, from);
  const large = tinyParameters(TINY).map((one) => ({
    ...one,
    values: one.name.endsWith('.bias') ? one.values.map(() => Number.NaN) : one.values,
  }));
  const stylizer = stylizerOf(TINY, large);
  t.after(() => stylizer.dispose());
  for (const tiles of ['off', 'exact'] as const) {
    await assert.rejects(paint(stylizer, from, to, { tiles }), /The style answers no colours but NaN/);
  }
  assert.deepEqual(await readdir(folder), ['in.png']);
});

/** What paints on a card too small for a picture in one piece. */
class OnSmallCard extends StyleNetwork {
  override stylize(): never {
    throw new DeviceMemoryError('Expected memory of the GPU but received none.');
  }
}

test('a picture that the device has no room for in one piece is painted in bands, and that is said', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  const drawn = drawnPicture(150, 97);
  await sharp(drawn.pixels, { raw: { ...drawn, channels: 3 } })
    .png()
    .toFile(at('photo.png'));
  const whole = stylizerOf(TINY);
  const small = new OnSmallCard({ ...whole.checkpoint, parameters: tinyParameters(TINY) });
  const wanted = await paint(whole, at('photo.png'), at('whole.png'), { tiles: 'exact' });
  const found = await paint(small, at('photo.png'), at('small.png'));
  assert.match(
    found.said,
    /^\S+photo\.png, 150×97, too large for the CPU in one piece; in bands, in memory: .*\n$/,
  );
  assert.deepEqual(found.picture.pixels, wanted.picture.pixels);
  await assert.rejects(
    paint(small, at('photo.png'), at('off.png'), { tiles: 'off' }),
    DeviceMemoryError,
    'who wants one piece hears that there is no room',
  );
  const { pixels } = await paintPixels(small, await openPhoto(at('photo.png')), undefined, {});
  assert.deepEqual(pixels, new Uint8Array(wanted.picture.pixels));
  whole.dispose();
  small.dispose();
});
