/** What judges styles and films, through the library: the same figures as the command line's. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import {
  type CalibrateOptions,
  type CheckStyleOptions,
  type CompareOptions,
  ConfigError,
  calibrate,
  checkStyle,
  compare,
  type FlickerOptions,
  InterruptedError,
  measureFlicker,
} from '../../src/index.ts';
import { CHECK_SETTINGS } from '../../src/judge/check-call.ts';
import { COMPARE_SETTINGS } from '../../src/judge/compare-call.ts';
import { FLICKER_SETTINGS } from '../../src/judge/flicker-call.ts';
import type { SettingsTable } from '../../src/system/settings.ts';
import { CALIBRATE_SETTINGS } from '../../src/train/calibrate/call.ts';
import { callCommand } from '../helpers/call-command.ts';
import { ffmpeg, noFfmpeg, testPicture } from '../helpers/clips.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { outside } from '../helpers/outside-settings.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';

/** A style, two photos, its painting and a loss network, and options of a comparison that takes moments. */
async function workshop(t: TestContext) {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  await mkdir(at('photos'));
  await drawnPhoto(at('photos/a.png'), 60, 40, { seed: 1 });
  await drawnPhoto(at('photos/b.png'), 40, 60, { seed: 2 });
  const options: CompareOptions = {
    style: await writeTinyCheckpoint(at('tiny.safetensors'), 'c3s1-4,c3s1-3'),
    photos: at('photos'),
    painting: await drawnPhoto(at('wave.png'), 60, 40, { seed: 9 }),
    lossNetwork: await writeTinyLossNetwork(at('vgg.safetensors')),
    ...{ sizes: [32], iterations: [3, 2], lineSearch: 'none' },
  };
  return { folder, at, options };
}

interface Figures {
  readonly sizes: readonly {
    readonly networkTotal: number;
    readonly milestones: readonly { readonly total: number }[];
    readonly each: readonly { readonly name: string }[];
  }[];
}

/** What does not depend on the machine's speed. */
const totalsOf = ({ sizes }: Figures) =>
  sizes.map(({ networkTotal, milestones, each }) => [
    ...[networkTotal, ...milestones.map(({ total }) => total)],
    ...each.map(({ name }) => name),
  ]);

test('the library compares to the same figures as the command line, pictures in memory alike, and leaves nothing behind', async (t) => {
  const { folder, at, options } = await workshop(t);
  const before = await readdir(folder);
  const seen: string[] = [];
  const painting = new Blob([await readFile(at('wave.png'))]);
  const once = () =>
    compare(
      { ...options, painting },
      {
        onProgress: ({ done, total, size, photo }) => seen.push(`${done} of ${total}: ${photo} at ${size}`),
      },
    );
  const found = await once();
  assert.deepEqual(
    seen,
    ['a', 'b'].flatMap((photo, p) => [1, 2, 3].map((i) => `${3 * p + i} of 6: ${photo}.png at 32`)),
  );
  assert.deepEqual(await readdir(folder), before, 'nothing is written unless a folder is given');
  const { photo, network, milestones } = found.sizes[0]!.each[0]!;
  for (const { picture } of [photo, network, ...milestones])
    assert.deepEqual([picture.width, picture.height, picture.pixels.length], [32, 21, 3 * 32 * 21]);
  assert.deepEqual(found.at, [2, 3]);
  const words = ['--style', options.style, '--photos', options.photos, '--painting', at('wave.png')];
  const more = ['--sizes', '32', '--iterations', '2,3', '--line-search', 'none', '--out', at('typed')];
  const typed = await callCommand([
    ...['compare', ...words, '--loss-network', options.lossNetwork!],
    ...more,
  ]);
  assert.equal(typed.code, 0, typed.stderr);
  const report = JSON.parse(await readFile(at('typed/report.json'), 'utf8')) as Figures;
  assert.deepEqual(totalsOf(found), totalsOf(report));
  await expectNoLeak(async () => {
    await once();
  });
});

test('a comparison that is stopped rejects; the report has the photos that were finished', async (t) => {
  const { folder, at, options } = await workshop(t);
  const before = await readdir(folder);
  const stoppedAt = async (name: string) => {
    const [stop, reason] = [new AbortController(), new Error('enough')];
    const onProgress = ({ photo }: { readonly photo: string }) => photo === name && stop.abort(reason);
    const out = at('out');
    const error: unknown = await compare({ ...options, out }, { signal: stop.signal, onProgress }).catch(
      (one: unknown) => one,
    );
    assert.ok(error instanceof InterruptedError, String(error));
    assert.equal(error.cause, reason);
    return error.message;
  };
  assert.match(await stoppedAt('a.png'), /^Stopped before the first photo was finished\.$/);
  assert.deepEqual(await readdir(folder), before);
  assert.match(await stoppedAt('b.png'), /out.report\.md has the finished photos\.$/);
  const { sizes } = JSON.parse(await readFile(at('out/report.json'), 'utf8')) as Figures;
  assert.deepEqual(
    sizes[0]!.each.map(({ name }) => name),
    ['a.png'],
  );
});

test('the library measures the flicker that the command line does', { skip: noFfmpeg }, async (t) => {
  const film = join(await temporaryFolder(t), 'clip.gif');
  ffmpeg(...testPicture(0.4, '64x48', '10'), film);
  const seen: number[] = [];
  const found = await measureFlicker(
    { video: film, painted: film, frames: 3 },
    { onProgress: ({ frames }) => seen.push(frames) },
  );
  assert.deepEqual(seen, [1, 2, 3]);
  const { code, stdout, stderr } = await callCommand(
    ['flicker', film, '--painted', film, '--frames', '3'].concat('--json'),
  );
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), found);
  const reason = new Error('enough');
  const aborted = measureFlicker({ video: film, painted: film }, { signal: AbortSignal.abort(reason) });
  await assert.rejects(aborted, reason);
});

test('what cannot be is refused by the names of the options, before anything is read', async (t) => {
  const folder = await temporaryFolder(t);
  const nowhere = join(folder, 'nowhere');
  const style = { style: nowhere };
  const calls: readonly (readonly [SettingsTable, (options: object) => Promise<unknown>])[] = [
    [
      COMPARE_SETTINGS,
      (more) => compare({ ...style, photos: nowhere, painting: nowhere, ...more } as CompareOptions),
    ],
    [CHECK_SETTINGS, (more) => checkStyle({ ...style, ...more } as CheckStyleOptions)],
    [FLICKER_SETTINGS, (more) => measureFlicker({ video: nowhere, ...style, ...more } as FlickerOptions)],
    [CALIBRATE_SETTINGS, (more) => calibrate({ ...style, out: nowhere, ...more } as CalibrateOptions)],
  ];
  const refused = (call: Promise<unknown>, message: RegExp) =>
    assert.rejects(call, (error: Error) => {
      assert.ok(error instanceof ConfigError, error.stack);
      assert.match(error.message, message);
      return true;
    });
  for (const [rows, call] of calls) {
    for (const [name, row] of Object.entries(rows))
      for (const value of outside(row)) await refused(call({ [name]: value }), new RegExp(`for ${name} but`));
    await refused(call({ no: 1 }), /a setting of \w+ but received no/);
  }
  await refused(compare(undefined as unknown as CompareOptions), /an object of options/);
  await refused(compare({} as CompareOptions), /a text for style but received undefined/);
  await refused(measureFlicker({ video: nowhere }), /either style or painted but received neither/);
  await refused(calibrate({ style: nowhere, strength: 3 } as CalibrateOptions), /but received strength/);
  assert.ok(!existsSync(nowhere));
});
