import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CheckpointError, ConfigError, ImageError, Stylizer } from '../../src/index.ts';
import { ThreadedStyle } from '../../src/library/threaded-style.ts';
import { AS_LOADED } from '../helpers/as-loaded.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto, drawnPicture } from '../helpers/tiny-dataset.ts';
import { waitFor } from '../helpers/wait-for.ts';

const NET = 'c3s1-4,d5,R5,u4,c3s1-3';

test('a style in a thread paints the same, and leaves the event loop free', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), NET);
  const path = await drawnPhoto(join(folder, 'photo.png'), 45, 33);
  const here = await Stylizer.load(style, { precision: 'f32' });
  const there = await Stylizer.load(style, { precision: 'f32', thread: true });
  assert.deepEqual(there.description, here.description);
  const alpha = Uint8Array.from({ length: 45 * 33 }, (_, i) => i % 256);
  const picture = { ...drawnPicture(45, 33), alpha };
  const deep = { width: 45, height: 33, pixels: Uint16Array.from(picture.pixels, (value) => 257 * value) };
  for (const input of [path, picture, deep])
    assert.deepEqual(await there.stylize(input), await here.stylize(input));
  const mask = drawnPicture(20, 20);
  const options = { amount: 0.5, colors: 'photo', mask, format: 'png' } as const;
  const file = await there.stylize(path, options);
  assert.ok(Buffer.isBuffer(file));
  assert.deepEqual(file, await here.stylize(path, options));
  assert.equal(picture.pixels.length, 3 * 45 * 33, 'what is handed in stays');
  const notes: string[] = [];
  await there.stylize(picture, { format: 'jpeg', onNote: (note) => notes.push(note) });
  assert.match(notes.join(), /transparent parts become white/);

  // Many at once, in the order of calling.
  const pictures = Array.from({ length: 8 }, (_, i) => drawnPicture(20 + 7 * i, 64 - 3 * i, i));
  const wanted = [];
  for (const one of pictures) wanted.push(await here.stylize(one));
  assert.deepEqual(await Promise.all(pictures.map((one) => there.stylize(one))), wanted);
  await here.dispose();
  await there.dispose();
  await there.dispose();
  await assert.rejects(there.stylize(picture), /disposed of/);
});

test('the thread holds as many tensors after painting as before, also after failures', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), NET);
  const style = await ThreadedStyle.open(file, { precision: 'f32' });
  t.after(() => style.dispose());
  const [photo, mask] = [drawnPicture(45, 33), drawnPicture(20, 20)];
  const gone = new AbortController();
  const paintAll = async () => {
    await style.stylize(photo, {});
    await style.stylize(photo, { amount: 0.5, stroke: 2, colors: 'photo', mask, format: 'png' });
    await assert.rejects(style.stylize(drawnPicture(2, 2), {}), ImageError);
    const aborted = style.stylize(photo, { signal: gone.signal });
    gone.abort(new Error('gone'));
    await assert.rejects(aborted, /gone/);
    // In its turn after what was given up.
    await style.stylize(photo, {});
  };
  await paintAll();
  // Now the networks of both amounts are there.
  const before = await style.tensors();
  assert.ok(before > 0, 'the weights');
  await paintAll();
  assert.equal(await style.tensors(), before);
  // Given up here, still at work there: the count waits for its end, and the process for the count.
  const late = new AbortController();
  const large = style.stylize(drawnPicture(700, 700), { signal: late.signal });
  setImmediate(() => late.abort(new Error('gone')));
  await assert.rejects(large, /gone/);
  assert.equal(await style.tensors(), before);
  for (let i = 1; i <= 8; i++) await style.stylize(photo, { amount: i / 10 });
  const kept = await style.tensors();
  for (let i = 1; i <= 8; i++) await style.stylize(photo, { amount: i / 11 });
  assert.equal(await style.tensors(), kept, 'networks of other amounts are given up');
});

test('errors from the thread keep their class', async (t) => {
  const folder = await temporaryFolder(t);
  const none = Stylizer.load(join(folder, 'none.safetensors'), { thread: true });
  await assert.rejects(none, (error) => error instanceof CheckpointError && error.name === 'CheckpointError');
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), NET);
  const stylizer = await Stylizer.load(style, { precision: 'f32', thread: true });
  await assert.rejects(stylizer.stylize(Buffer.from('<svg/>')), ImageError);
  // @ts-expect-error a format that there is not
  await assert.rejects(stylizer.stylize(drawnPicture(45, 33), { format: 'bmp' }), ConfigError);
  await assert.rejects(stylizer.stylize(drawnPicture(2, 2)), ImageError);
  assert.equal(stylizer.pending, 0);
  await stylizer.dispose();
});

test('a signal takes effect at once, and dispose refuses what waits', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), 'c9s1-32,d32,R32x2,u32,c9s1-3');
  const stylizer = await Stylizer.load(style, { precision: 'f32', thread: true });
  const large = drawnPicture(1000, 1000);
  const gone = new AbortController();
  const aborted = stylizer.stylize(large, { signal: gone.signal });
  const settled = aborted.then(
    () => assert.fail('painted after all'),
    (error: Error) => error.message,
  );
  // While this thread waits, all the processor's time is the other's.
  const used = process.cpuUsage();
  await waitFor('the thread to be at work', () => process.cpuUsage(used).user > 150_000);
  gone.abort(new Error('gone'));
  // Before the event loop has turned once; the thread takes a second more.
  assert.equal(await Promise.race([settled, nextTurn('not yet')]), 'gone');
  const small = drawnPicture(45, 33);
  const never = stylizer.stylize(small, { signal: gone.signal });
  await assert.rejects(never, /gone/);
  const waiting = Array.from({ length: 6 }, () => stylizer.stylize(small));
  const all = Promise.allSettled(waiting);
  await stylizer.dispose();
  for (const one of await all) if (one.status === 'rejected') assert.match(String(one.reason), /disposed of/);
});

test('a program with an idle thread ends', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), NET);
  const library = new URL('../../src/index.ts', import.meta.url).href;
  const program = `import { Stylizer } from '${library}';
    const stylizer = await Stylizer.load(process.argv[1], { precision: 'f32', thread: true });
    const { pixels } = await stylizer.stylize({ pixels: new Uint8Array(3 * 32 * 32), width: 32, height: 32 });
    console.log(pixels.length);`;
  // Set by the TensorFlow of this process; who sets it wants to read its notices.
  const { TF_CPP_MIN_LOG_LEVEL: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...AS_LOADED, '--input-type=module', '-e', program, style],
    { encoding: 'utf8', env, timeout: 120_000 },
  );
  assert.deepEqual([status, stdout, stderr], [0, '3072\n', '']);
});
