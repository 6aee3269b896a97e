/** Folders that cannot be read or written: said in the words of permission, and one of many stops nothing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { StylizeReport } from '../../src/commands/stylize/report.ts';
import { encodeWhole } from '../../src/data/photo/write-photo.ts';
import { findPhotos } from '../../src/data/photo-files.ts';
import { findInputs } from '../../src/paint/photos-and-targets.ts';
import { replaceFileAtomically } from '../../src/system/atomic-file.ts';
import { FastStyleError, FileError } from '../../src/system/errors.ts';
import { asNobody } from '../helpers/as-nobody.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';

const skip = process.platform === 'win32' && 'Windows has other permissions';

test('a folder that cannot be written to is reported as such, by every command', { skip }, async (t) => {
  const folder = await temporaryFolder(t);
  await chmod(folder, 0o555);
  const picture = { width: 16, height: 16, pixels: new Uint8Array(768) };
  const write = (path: string) => encodeWhole(picture as never, { format: 'png', depth: 8 } as never, path);
  await asNobody(() =>
    assert.rejects(replaceFileAtomically(join(folder, 'x.png'), write), (error: Error) => {
      assert.ok(error instanceof FileError, error.stack);
      assert.match(error.message, /^Cannot write .*x\.png: permission denied\.$/);
      return true;
    }),
  );
  await chmod(folder, 0o755);
  assert.deepEqual(await readdir(folder), []);
});

test('a subfolder that cannot be read is skipped with a note; the folder itself must be readable', {
  skip,
}, async (t) => {
  const folder = await temporaryFolder(t);
  await chmod(folder, 0o755);
  const secret = join(folder, 'secret');
  await mkdir(secret);
  await drawnPhoto(join(folder, 'a.jpg'), 40, 30, { format: 'jpeg' });
  await drawnPhoto(join(secret, 'b.jpg'), 40, 30, { format: 'jpeg' });
  await chmod(secret, 0);
  const said: string[] = [];
  const note = (line: string) => void said.push(line);
  const wanted = `Cannot read the folder ${secret}: permission denied; the photos in it are skipped.`;
  await asNobody(async () => {
    assert.deepEqual(
      (await findPhotos([folder], note)).map(({ name }) => name),
      ['a.jpg'],
    );
    assert.deepEqual(
      (await findInputs([folder], 'out', note)).map(({ name }) => name),
      ['a.jpg'],
    );
    assert.deepEqual(said, [wanted, wanted]);
    said.length = 0;
    const inputs = await findInputs([join(folder, '**/*.jpg')], 'out', note);
    assert.deepEqual([inputs.map(({ name }) => name), said], [['a.jpg'], [wanted]]);
    await assert.rejects(findPhotos([secret], note), /Cannot read the folder .*secret: permission denied\.$/);
  });
  await chmod(secret, 0o755);
});

test('a folder that could not be read makes the exit code 1, when everything else is painted', () => {
  const report = new StylizeReport({ json: false, atOnce: false });
  report.finish(3);
  assert.throws(
    () => report.finish(3, 1),
    (error: Error) =>
      error instanceof FastStyleError &&
      error.exitCode === 1 &&
      error.message === 'A folder could not be read (above); the photos in it are not painted.',
  );
  const outcome = {
    photo: 'a.jpg',
    target: { path: 'b.jpg', format: 'jpeg' },
    style: 0,
    styleName: 'wave',
    width: 0,
    height: 0,
    seconds: 0,
  } as const;
  report.add({ ...outcome, error: new FileError('a.jpg is damaged.') }, 0);
  assert.throws(
    () => report.finish(3, 2),
    /^PhotosFailedError: 1 of 3 pictures could not be painted: a\.jpg is damaged\.\n2 folders could not be read/,
  );
});

const DROPPED = '-dac_override,-dac_read_search';
/** As root without its rights over others' files; somebody else has none to drop. */
const withoutRights =
  process.getuid?.() === 0
    ? ['setpriv', `--bounding-set=${DROPPED}`, `--inh-caps=${DROPPED}`, process.execPath]
    : [process.execPath];
const noSetpriv =
  process.getuid?.() === 0 &&
  spawnSync('setpriv', ['--version']).status !== 0 &&
  'root has all rights, and there is no setpriv';

test('stylize paints the rest of a folder, says so, and ends with 1', {
  skip: skip || noSetpriv,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const secret = join(folder, 'in', 'secret');
  await mkdir(secret, { recursive: true });
  await drawnPhoto(join(folder, 'in', 'a.jpg'), 40, 30, { format: 'jpeg' });
  await chmod(secret, 0);
  const [program, ...before] = withoutRights as [string, ...string[]];
  const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
  const { status, stderr } = spawnSync(
    program,
    [...before, cli, 'stylize', join(folder, 'in'), '-s', style, '-o', join(folder, 'out')],
    { encoding: 'utf8' },
  );
  await chmod(secret, 0o755);
  assert.match(stderr, /Cannot read the folder .*secret: permission denied; the photos in it are skipped\./);
  assert.match(stderr, /fast-style: A folder could not be read \(above\)/);
  assert.equal(status, 1);
  assert.deepEqual(await readdir(join(folder, 'out')), ['a-noise.jpg']);
});
