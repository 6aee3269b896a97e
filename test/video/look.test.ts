/** Strokes, amount, colours, mask and mixed styles in films: as on photos, and steady as well. */
import assert from 'node:assert/strict';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { readPicture, writePicture } from '../../src/data/image-file.ts';
import { movedPicture } from '../../src/data/motion.ts';
import { random, sensorNoise } from '../../src/data/random.ts';
import type { Look } from '../../src/infer/finish/look.ts';
import { parseArchitecture } from '../../src/networks/architecture.ts';
import type { Checkpoint } from '../../src/networks/checkpoint.ts';
import type { Picture } from '../../src/picture.ts';
import { FlickerMeter } from '../../src/quality/film-flicker.ts';
import { openSyncFilmPainter } from '../../src/video/steady/open-film-painter.ts';
import type { SteadyChoice } from '../../src/video/steady/setting.ts';
import { callCommand } from '../helpers/call-command.ts';
import { noFfmpeg } from '../helpers/clips.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { tinyParameters, writeTinyStyles } from '../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

const [WIDTH, HEIGHT] = [96, 72];
const TINY = 'c3s1-4,d6,R6,u4,c3s1-3';
const tiny: Checkpoint = {
  ...{ architecture: TINY, layers: parseArchitecture(TINY), parameters: tinyParameters(TINY) },
  ...{ name: 'tiny', style: { file: 'tiny.png' }, training: {}, lossNetwork: { source: 'none' } },
  ...{ steps: 1, images: 1, losses: {}, software: {} },
};

/** White on the left, black on the right. */
const mask: Picture = {
  ...{ width: WIDTH, height: HEIGHT },
  pixels: Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => (isLeft(i) ? 255 : 0)),
};

function isLeft(sample: number): boolean {
  return Math.floor(sample / 3) % WIDTH < WIDTH / 2;
}

/** Half of a picture, from a column on; all of it if there is none. */
function halfOf(picture: Picture, left: number | undefined): Picture {
  if (left === undefined) return picture;
  const inside = (_: number, i: number) => isLeft(i) === (left === 0);
  return { ...picture, width: WIDTH / 2, pixels: picture.pixels.filter(inside) };
}

/** A grainy pan. */
function film(frames: number): Picture[] {
  return Array.from({ length: frames }, (_, i) => {
    const { picture } = movedPicture(drawnPicture(WIDTH, HEIGHT, 3), { right: 1.3 * i, down: 0, zoom: 1 });
    const noise = sensorNoise(picture.pixels.length, 3, random(5, i));
    const pixels = Uint8ClampedArray.from(picture.pixels, (value, k) => value + noise[k]!);
    return { ...picture, pixels: new Uint8Array(pixels.buffer) };
  });
}

test('frames of a film are what stylize makes of them, to the last bit', { skip: noFfmpeg }, async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyStyles(join(folder, 'duo.safetensors'), ['a', 'b'], TINY);
  await mkdir(join(folder, 'in'));
  for (const [i, frame] of film(2).entries()) await writePicture(join(folder, `in/${i + 1}.png`), frame);
  await writePicture(join(folder, 'mask.png'), mask);
  const looks: readonly (readonly [string, readonly string[]])[] = [
    ['blend', ['--style', style, '--blend', 'a:0.7,b:0.3', '--colors', 'photo', '--amount', '0.6']],
    [
      'stroke',
      [
        '--style',
        `${style}:a`,
        '--colors',
        'histogram',
        '--stroke',
        '8',
        '--mask',
        'mask.png',
        '--invert-mask',
      ],
    ],
  ];
  for (const [name, look] of looks) {
    const args = [...look, '--precision', 'f32'];
    const [video, photos] = await Promise.all([
      callCommand(['video', 'in/%d.png', '--steady', 'off', '--out', `${name}-film/%d.png`, ...args], {
        cwd: folder,
      }),
      callCommand(['stylize', 'in', '--out', `${name}-photos`, '--format', 'png', ...args], { cwd: folder }),
    ]);
    assert.equal(video.code, 0, video.stderr);
    assert.equal(photos.code, 0, photos.stderr);
    const files = (await readdir(join(folder, `${name}-photos`))).sort();
    assert.equal(files.length, 2);
    for (const [i, file] of ['1.png', '2.png'].entries()) {
      const painted = await readPicture(join(folder, `${name}-film`, file));
      const photo = await readPicture(join(folder, `${name}-photos`, files[i]!));
      assert.deepEqual(painted, photo, `${name}, ${file}`);
      assert.notDeepEqual(painted, await readPicture(join(folder, 'in', file)));
    }
  }
});

test('each is steadier with --steady strong; what the mask leaves out is exactly the film', async () => {
  const frames = film(6);
  const looks: Readonly<Record<string, Look>> = {
    amount: { amount: 0.6, colors: 'style' },
    photo: { amount: 1, colors: 'photo' },
    histogram: { amount: 1, colors: 'histogram' },
    stroke: { amount: 1, colors: 'style', stroke: 4 },
    mask: { amount: 1, colors: 'style', mask },
    inverted: { amount: 0.8, colors: 'style', mask, invertMask: true },
  };
  await expectNoLeak(() => {
    for (const [name, look] of Object.entries(looks)) {
      const paint = (steady: SteadyChoice) => {
        const painter = openSyncFilmPainter(tiny, steady, look);
        const painted = frames.map((one) => painter.paint({ ...one, pixels: one.pixels.slice() }, 0));
        painter.dispose();
        return painted;
      };
      const [plain, strong] = [paint('off'), paint('strong')];
      const side = look.mask === undefined ? undefined : look.invertMask ? WIDTH / 2 : 0;
      const meter = new FlickerMeter();
      frames.forEach((frame, i) => {
        const [own, ...painted] = [frame, plain[i]!, strong[i]!].map((one) => halfOf(one, side));
        meter.add(own!, painted);
      });
      const [off, on] = meter.results();
      assert.ok(on!.short < 0.8 * off!.short, `${name}: ${on!.short} of ${off!.short}`);
      assert.deepEqual([strong[5]!.width, strong[5]!.height], [WIDTH, HEIGHT]);
      if (look.mask === undefined) continue;
      const isFilm = (i: number) => isLeft(i) === (look.invertMask === true);
      for (const [n, { pixels }] of strong.entries())
        assert.ok(
          pixels.every((value, i) => !isFilm(i) || value === frames[n]!.pixels[i]),
          `${name}, frame ${n}`,
        );
    }
  });
});
