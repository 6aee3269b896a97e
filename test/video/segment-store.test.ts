/** The folder of a film's parts: nobody's files are lost in it, and what is finished goes only when somebody says so. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { FileError } from '../../src/system/errors.ts';
import { SegmentStore } from '../../src/video/segment-store.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const KEY = { source: 'clip.mp4', codec: 'h264' };
const TIMES = { start: 0n, end: 10n, last: 9n };

const open = (folder: string, { overwrite = false, isNew = false, key = {} } = {}) =>
  SegmentStore.open(folder, 'mp4', { ...KEY, ...key }, { overwrite, isNew });

/** A folder with two finished segments, as a process that was killed leaves it. */
async function brokenOff(folder: string): Promise<void> {
  const store = await open(folder);
  for (const number of [0, 1]) {
    await writeFile(store.unfinished(number), `segment ${number}`);
    await store.keep(number, { frames: 10, ...TIMES, mark: 7 }, Buffer.from([1, 2, 3]));
  }
  store.release();
  await writeFile(join(folder, '000002.unfinished-999999.mp4'), 'half');
  await writeFile(join(folder, '000002.json.999999-0123abcd.part'), 'half');
  await writeFile(join(folder, 'list.txt'), '');
  await mkdir(join(folder, 'pictures'));
  await writeFile(join(folder, 'pictures', '0001.png'), '');
}

test('a folder with files of no film is refused and unchanged', async (t) => {
  const folder = join(await temporaryFolder(t), 'x.mp4.parts');
  await mkdir(folder);
  const strangers = {
    'letter.txt': /received letter\.txt; move it away, or choose another --out\./,
    '000000.mp4.bak': /received 000000\.mp4\.bak/,
    'film.json~': /received film\.json~/,
    '00001.png': /received 00001\.png/,
  };
  for (const overwrite of [false, true])
    for (const [name, reason] of Object.entries(strangers)) {
      await writeFile(join(folder, name), 'mine');
      await assert.rejects(open(folder, { overwrite }), (error: Error) => {
        assert.ok(error instanceof FileError);
        assert.match(error.message, reason);
        return true;
      });
      assert.equal(await readFile(join(folder, name), 'utf8'), 'mine');
      assert.deepEqual(await readdir(folder), [name]);
      await rm(join(folder, name));
    }
});

test('links are refused: of the folder, of a name in it, of a folder that is no folder', async (t) => {
  const root = await temporaryFolder(t);
  const [mine, parts] = [join(root, 'mine'), join(root, 'x.mp4.parts')];
  await brokenOff(mine);
  const before = (await readdir(mine)).sort();
  await symlink(mine, parts);
  await assert.rejects(open(parts, { overwrite: true }), /received a link; move it away/);
  assert.deepEqual((await readdir(mine)).sort(), before);

  const inner = join(root, 'y.mp4.parts');
  await mkdir(inner);
  await writeFile(join(root, 'film'), 'mine');
  await symlink(join(root, 'film'), join(inner, '000000.mp4'));
  await assert.rejects(open(inner), /received 000000\.mp4, a link/);
  const linked = join(root, 'z.mp4.parts');
  await mkdir(linked);
  await symlink(mine, join(linked, 'pictures'));
  await assert.rejects(open(linked), /received pictures, a link/);
  await writeFile(join(root, 'file.parts'), 'mine');
  await assert.rejects(open(join(root, 'file.parts')), /received a file/);
});

test('parts of a killed process are continued, cleared with --overwrite, and removed at the end', async (t) => {
  const folder = join(await temporaryFolder(t), 'x.mp4.parts');
  await brokenOff(folder);
  const again = await open(folder);
  assert.equal(again.frames, 20);
  again.release();
  const anew = await open(folder, { overwrite: true, key: { codec: 'hevc' } });
  assert.equal(anew.frames, 0);
  assert.deepEqual((await readdir(folder)).sort(), ['film.json', 'film.lock']);
  await anew.remove();
  await assert.rejects(readdir(folder), { code: 'ENOENT' });
});

test('files that appear in the folder while a film is painted stay when its parts are removed', async (t) => {
  const folder = join(await temporaryFolder(t), 'x.mp4.parts');
  const store = await open(folder);
  await writeFile(join(folder, 'letter.txt'), 'mine');
  await store.remove();
  assert.deepEqual(await readdir(folder), ['letter.txt']);
});

test('with a damaged film.json, finished segments are not removed without --overwrite', async (t) => {
  const folder = join(await temporaryFolder(t), 'x.mp4.parts');
  await brokenOff(folder);
  for (const text of ['{"source": "cl', 'null', '[]', '"film"', `${'['.repeat(1e5)}`]) {
    await writeFile(join(folder, 'film.json'), text);
    for (const isNew of [false, true])
      await assert.rejects(
        open(folder, { isNew }),
        /film\.json to say which film's finished parts .* but received none that can be read; choose another --out, or pass --overwrite/,
      );
  }
  assert.ok((await readdir(folder)).includes('000001.mp4'));
  const anew = await open(folder, { overwrite: true });
  assert.equal(anew.frames, 0);
  anew.release();
});

test('a stream replaces its own parts, not those of another film', async (t) => {
  const folder = join(await temporaryFolder(t), 'x.mp4.parts');
  await brokenOff(folder);
  const isNew = true;
  await assert.rejects(
    open(folder, { isNew, key: { source: 'Standard input' } }),
    /part of another film \(source was clip\.mp4, is Standard input\)/,
  );
  assert.ok((await readdir(folder)).includes('000001.mp4'));
  const again = await open(folder, { isNew, key: { codec: 'hevc' } });
  assert.equal(again.frames, 0);
  again.release();
});

test('a record of another kind counts as none: its segment is painted again', async (t) => {
  const folder = join(await temporaryFolder(t), 'x.mp4.parts');
  await brokenOff(folder);
  const path = join(folder, '000001.json');
  const record = JSON.parse(await readFile(path, 'utf8'));
  const wrong = [
    ...['null', '7', '"x"', '[]', '{', '['.repeat(1e5)],
    ...[
      { start: 'x' },
      { start: '1e9' },
      { frames: -1 },
      { mark: null },
      { bytes: '9' },
      { hasMemory: 1 },
    ].map((change) => JSON.stringify({ ...record, ...change })),
  ];
  for (const text of wrong) {
    await writeFile(path, text);
    const store = await open(folder);
    assert.equal(store.frames, 10, text.slice(0, 40));
    store.release();
  }
});
