import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { decodePicture, readPicture } from '../../../src/data/image-file.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { expectUserError, runCli, startCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';
import { waitFor } from '../../helpers/wait-for.ts';

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** A folder of photos: two of one name, two of one stem, a faulty one, one too small, a hidden one. */
async function album(folder: string): Promise<string> {
  const photos = join(folder, 'album');
  await mkdir(join(photos, 'sea'), { recursive: true });
  for (const [i, name] of ['a.png', 'sea/a.png', 'b.png'].entries())
    await drawnPhoto(join(photos, name), 30 + i, 24, { seed: i });
  await drawnPhoto(join(photos, 'a.jpg'), 40, 20, { seed: 7, format: 'jpeg' });
  await writeFile(join(photos, 'faulty.jpg'), 'no picture');
  await drawnPhoto(join(photos, 'small.png'), 8, 8);
  await drawnPhoto(join(photos, '.hidden.png'), 30, 24);
  return photos;
}

test('a truncated photo: refused with what to do, or painted as far as it goes, with a note', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const photo = join(folder, 'photo.jpg');
  const bytes = await readFile(await drawnPhoto(photo, 60, 48, { format: 'jpeg' }));
  await writeFile(photo, bytes.subarray(0, bytes.length - 300));
  const painted = join(folder, 'painted.png');
  const command = ['stylize', photo, '--style', style, '--out', painted];
  const refused = await callCommand(command);
  expectUserError(
    refused,
    /photo\.jpg is damaged or cut short \(.+\); --damaged accept paints what can be read of it\.$/m,
  );
  for (const tiles of ['auto', 'exact']) {
    const { code, stderr } = await callCommand([
      ...command,
      '--damaged',
      'accept',
      '--tiles',
      tiles,
      '--overwrite',
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /photo\.jpg is damaged or cut short \(.+\); what can be read of it is taken\.$/m);
    assert.equal((await readPicture(painted)).width, 60);
  }
});

test('a folder: places kept, failures at the end, the rest painted; again with --skip-existing; two styles and a sheet', async (t) => {
  const folder = await temporaryFolder(t);
  const photos = await album(folder);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const out = join(folder, 'out');
  const common = ['--style', style, '--out', out, '--format', 'png'];
  const first = await runCli(['stylize', photos, ...common]);
  assert.equal(first.code, 1);
  assert.match(first.stderr, /^fast-style: 2 of 6 pictures could not be painted:$/m);
  assert.match(first.stderr, /^ {2}.*faulty\.jpg is not a picture/m);
  assert.match(first.stderr, /^ {2}.*small\.png: Expected a picture of at least 16×16/m);
  const painted = ['a-jpg-noise.png', 'a-png-noise.png', 'b-noise.png', 'sea/a-noise.png'];
  assert.deepEqual(await filesBelow(out), painted);
  assert.match(first.stderr, /a\.jpg is written to a-jpg-…\.png, as there is another a/);
  const { width, height } = await readPicture(join(out, 'a-jpg-noise.png'));
  assert.deepEqual([width, height], [40, 20]);

  await rm(join(photos, 'faulty.jpg'));
  await rm(join(photos, 'small.png'));
  await rm(join(out, 'b-noise.png'));
  const before = await stat(join(out, 'sea/a-noise.png'));
  const other = await writeTinyCheckpoint(join(folder, 'other.safetensors'), 'c3s1-4,d5,R5,u4,c3s1-3');
  const sheet = join(folder, 'sheet.png');
  const second = await callCommand([
    'stylize',
    photos,
    ...common,
    '-s',
    other,
    '--skip-existing',
    '--sheet',
    sheet,
    '--json',
  ]);
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stderr, /^3 of 8 exist already and are kept\.$/m);
  const events = second.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(events.length, 5);
  assert.ok(events.every(({ event }) => event === 'painted'));
  assert.equal(events.filter((one) => one.style === 'other').length, 4);
  assert.equal((await filesBelow(out)).length, 8);
  assert.equal((await stat(join(out, 'sea/a-noise.png'))).mtimeMs, before.mtimeMs);
  const shown = await readPicture(sheet);
  assert.ok(shown.width > 3 * 300 && shown.height > 4 * 150, `${shown.width}×${shown.height}`);
});

test("into the photos' own folder, by a pattern: paintings are not painted again, hidden files are left", async (t) => {
  const folder = await temporaryFolder(t);
  const photos = await album(folder);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const args = ['stylize', join(photos, '**/[ab].{png,gif}'), '--style', style, '--out', photos];
  const first = await callCommand(args);
  assert.equal(first.code, 0, first.stderr);
  const all = await filesBelow(photos);
  // Both are a.png: each in a folder of its own name.
  const paintings = ['album/a-noise.png', 'b-noise.png', 'sea/a-noise.png'];
  for (const name of paintings) assert.ok(all.includes(name), `${name} in ${all}`);
  assert.equal(all.length, 7 + 3);
  const again = await callCommand(['stylize', photos, '--style', style, '--out', photos, '--skip-existing']);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /2 of \d pictures could not be painted/);
  assert.ok((await filesBelow(photos)).every((name) => !name.includes('noise-noise')));
  const named = await callCommand([
    'stylize',
    join(photos, 'b.png'),
    join(photos, 'b-noise.png'),
    '-s',
    style,
    '-o',
    photos,
    '--overwrite',
  ]);
  expectUserError(named, /photos alone but received .*b-noise\.png, which .*b\.png would be written to/, 2);
});

test('Ctrl-C finishes the current picture, says how to continue, and leaves nothing half-written', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const photos = join(folder, 'photos');
  const out = join(folder, 'out');
  await mkdir(photos);
  const bytes = await readFile(await drawnPhoto(join(folder, 'photo.png'), 500, 400));
  for (let i = 0; i < 60; i++) await writeFile(join(photos, `${i}.png`), bytes);
  const { child, done } = startCli(['stylize', photos, '--style', style, '--out', out]);
  child.stdout!.once('data', () => child.kill('SIGINT'));
  const { code, stdout, stderr } = await done;
  assert.equal(code, 130, stderr);
  const files = await readdir(out);
  assert.ok(files.length >= 1 && files.length < 30, `${files.length} painted`);
  assert.ok(files.every((name) => name.endsWith('-noise.png')));
  assert.equal(stdout.trimEnd().split('\n').length, files.length);
  assert.match(
    stderr,
    new RegExp(`Stopped: ${files.length} of 60 painted; the same command with --skip-existing`),
  );
  for (const name of files) assert.equal((await readPicture(join(out, name))).width, 500);
});

// One that arrives in pieces: test/library/stylize-files.test.ts.
test('--watch: existing photos, new ones, damaged ones, changed ones; until Ctrl-C', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const inbox = join(folder, 'inbox');
  await mkdir(inbox);
  await drawnPhoto(join(inbox, 'first.png'), 32, 24);
  const out = join(inbox, 'painted');
  const running = startCli(['stylize', '--watch', inbox, '--style', style, '--out', out]);
  const { child, done, stderr } = running;
  t.after(() => child.kill('SIGKILL'));
  const until = (what: string, check: () => Promise<boolean> | boolean) => waitFor(what, check, running);
  const isThere = async (name: string) => (await stat(join(out, name)).catch(() => undefined)) !== undefined;
  await until('first', () => isThere('first-noise.png'));
  const whole = await readFile(await drawnPhoto(join(folder, 'photo.png'), 60, 50));
  await mkdir(join(inbox, 'sub'));
  await writeFile(join(inbox, 'faulty.png'), 'no picture');
  await writeFile(join(inbox, 'sub/new.png'), whole);
  await until('new', () => isThere('sub/new-noise.png'));
  assert.equal((await readPicture(join(out, 'sub/new-noise.png'))).width, 60);
  await until('faulty', () => /faulty\.png is not a picture/.test(stderr()));
  await drawnPhoto(join(inbox, 'first.png'), 48, 24);
  // Its bytes at once: libvips opens a path for the header and again for the pixels, and the file is replaced meanwhile.
  await until('changed', async () => {
    const bytes = await readFile(join(out, 'first-noise.png'));
    return (await decodePicture(bytes, 'first-noise.png')).width === 48;
  });
  child.kill('SIGINT');
  const result = await done;
  assert.equal(result.code, 1, result.stderr);
  assert.match(result.stderr, /fast-style: 1 of 4 pictures could not be painted: .*faulty\.png/);
  assert.deepEqual(await filesBelow(out), ['first-noise.png', 'sub/new-noise.png']);
});
