import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ConfigError, ImageError, Stylizer } from '../../src/index.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto, drawnPicture } from '../helpers/tiny-dataset.ts';

const NET = 'c3s1-4,d5,R5,u4,c3s1-3';
const [WIDTH, HEIGHT] = [45, 33];

async function workshop(t: TestContext) {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), NET);
  const path = await drawnPhoto(join(folder, 'photo.png'), WIDTH, HEIGHT);
  return { folder, style, path };
}

function rgbaOfPicture(pixels: Uint8Array, alpha: (i: number) => number): Uint8ClampedArray {
  return Uint8ClampedArray.from({ length: (4 * pixels.length) / 3 }, (_, i) =>
    i % 4 === 3 ? alpha(i >> 2) : pixels[3 * (i >> 2) + (i % 4)]!,
  );
}

test('a photo may come as a file, bytes, a Blob, a stream, a URL or RGBA, and is painted the same', async (t) => {
  const { style, path } = await workshop(t);
  const bytes = await readFile(path);
  const server = createServer((request, response) => {
    if (request.url === '/photo.png?key=secret') response.end(bytes);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expectNoLeak(async () => {
    const stylizer = await Stylizer.load(style, { precision: 'f32' });
    const wanted = await stylizer.stylize(path);
    const picture = drawnPicture(WIDTH, HEIGHT);
    const inputs = [
      new Uint8Array(bytes).buffer,
      new Blob([new Uint8Array(bytes)]),
      createReadStream(path, { highWaterMark: 100 }),
      Readable.toWeb(createReadStream(path)) as AsyncIterable<Uint8Array>,
      pathToFileURL(path),
      new URL(`data:image/png;base64,${bytes.toString('base64')}`),
      new URL(`${site}/photo.png?key=secret`),
      { data: rgbaOfPicture(picture.pixels, () => 255), width: WIDTH, height: HEIGHT, colorSpace: 'srgb' },
    ];
    for (const input of inputs) assert.deepEqual(await stylizer.stylize(input), wanted);
    const white = picture.pixels.map(() => 255);
    const mask = { data: rgbaOfPicture(white, () => 255), width: WIDTH, height: HEIGHT };
    assert.deepEqual(await stylizer.stylize(path, { mask, amount: 1 }), wanted);
    await assert.rejects(stylizer.stylize(new URL(`${site}/none.png?key=secret`)), (error: Error) => {
      assert.ok(error instanceof ImageError);
      assert.equal(error.message, `Expected a picture at ${site}/none.png but received status 404.`);
      return true;
    });
    await assert.rejects(stylizer.stylize(new URL('ftp://host/photo.png')), /file:, data:, http: or https:/);
    await assert.rejects(stylizer.stylize(Readable.from(['text'])), /bytes in the stream/);
    await assert.rejects(
      stylizer.stylize({ data: new Uint8Array(5), width: 2, height: 2 }),
      /width × height × 4 samples/,
    );
    const p3 = { data: new Uint8Array(16), width: 2, height: 2, colorSpace: 'display-p3' };
    await assert.rejects(stylizer.stylize(p3), /RGBA in srgb but received display-p3/);
    assert.equal(stylizer.pending, 0);
    await stylizer.dispose();
  });
});

test('the signal abandons and ends a stream that never ends', async (t) => {
  const { style } = await workshop(t);
  const stylizer = await Stylizer.load(style, { precision: 'f32' });
  t.after(() => stylizer.dispose());
  const stream = new Readable({ read() {} });
  const gone = new AbortController();
  const painting = stylizer.stylize(stream, { signal: gone.signal });
  gone.abort(new Error('enough'));
  await assert.rejects(painting, /enough/);
  assert.ok(stream.destroyed);
});

test('the result is RGBA with rgba: true', async (t) => {
  const { style } = await workshop(t);
  const stylizer = await Stylizer.load(style, { precision: 'f32' });
  t.after(() => stylizer.dispose());
  const { pixels } = drawnPicture(WIDTH, HEIGHT);
  const alpha = (i: number) => (7 * i) % 256;
  const input = { data: rgbaOfPicture(pixels, alpha), width: WIDTH, height: HEIGHT };
  const plain = await stylizer.stylize(input);
  const painted = await stylizer.stylize(input, { rgba: true });
  assert.deepEqual([painted.width, painted.height, painted.colorSpace], [WIDTH, HEIGHT, 'srgb']);
  assert.deepEqual(painted.data, rgbaOfPicture(plain.pixels, alpha));
  const opaque = await stylizer.stylize(drawnPicture(WIDTH, HEIGHT), { rgba: true });
  assert.ok(opaque.data.every((value, i) => i % 4 !== 3 || value === 255));
  // @ts-expect-error one of both
  await assert.rejects(stylizer.stylize(input, { rgba: true, format: 'png' }), ConfigError);
});

test('styles are mixed as --blend mixes them', async (t) => {
  const { folder, style, path } = await workshop(t);
  const other = await writeTinyCheckpoint(join(folder, 'other.safetensors'), NET, {}, 5);
  const paint = async (opening: Promise<Stylizer>) => {
    const stylizer = await opening;
    const painted = await stylizer.stylize(path);
    await stylizer.dispose();
    return painted.pixels;
  };
  const f32 = { precision: 'f32' } as const;
  const [one, two] = [await paint(Stylizer.load(style, f32)), await paint(Stylizer.load(other, f32))];
  const whole = await paint(Stylizer.blend([style, { style: other, weight: 0 }], f32));
  assert.deepEqual(whole, one);
  const half = await paint(Stylizer.blend([style, other], f32));
  assert.notDeepEqual(half, one);
  assert.notDeepEqual(half, two);
  assert.deepEqual(
    await paint(
      Stylizer.blend(
        [
          { style, weight: 3 },
          { style: other, weight: 3 },
        ],
        f32,
      ),
    ),
    half,
  );
  for (const wrong of [[], [style, style], [{ style, weight: -1 }], [{ style, weight: Number.NaN }]])
    await assert.rejects(Stylizer.blend(wrong), (error: Error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, / for blend /);
      return true;
    });
});
