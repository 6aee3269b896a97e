import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDataset } from '../../../src/data/dataset.ts';
import { noisy, noisyPhotos, put } from '../../data/photo-fixtures.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { runCli, startCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { waitFor } from '../../helpers/wait-for.ts';

const run = (...args: string[]) => runCli(['dataset', ...args]);
const call = (...args: string[]) => callCommand(['dataset', ...args]);

test('builds a data set and says what it holds', async (t) => {
  const folder = await temporaryFolder(t);
  const photos = await noisyPhotos(join(folder, 'photos'), 7);
  await writeFile(join(photos, 'broken.jpg'), 'no picture');
  const out = join(folder, 'datasets', 'new');
  const built = await run('build', photos, '--out', out, '--size', '64', '--shard-size', '3');
  assert.equal(built.code, 0, built.stderr);
  assert.match(built.stdout, /^8 photos in [\d.]+ s, \d+ a second\.\n/);
  assert.match(built.stdout, /7 pictures, short side 64 px, JPEG quality 92\n/);
  assert.match(built.stdout, /in 3 shards/);
  assert.match(built.stdout, /set aside: 1 \(1 unreadable\), see .*set-aside\.json\n$/);
  assert.equal(built.stderr, '');

  const again = await call('build', photos, '--out', out, '--size', '64', '--shard-size', '3');
  assert.equal(again.code, 0);
  assert.match(again.stdout, /^The data set exists already\.\n/);

  const inspected = await run('inspect', out, '--verify', '--extract', '2', '--to', join(folder, 'look'));
  assert.equal(inspected.code, 0, inspected.stderr);
  assert.match(inspected.stdout, /all 7 pictures are whole\n/);
  assert.deepEqual(await readdir(join(folder, 'look')), ['000000-0000.jpg', '000001-0001.jpg']);
});

test('bad input gets one line, a non-zero exit and leaves nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const photos = await noisyPhotos(join(folder, 'photos'), 2);
  const empty = join(folder, 'empty');
  await put(join(empty, 'read me.txt'), 'no photos here');
  const out = join(folder, 'set');
  const cases: ReadonlyArray<readonly [args: string[], code: number, message: RegExp]> = [
    [['build', join(folder, 'missing'), '--out', out], 1, /missing: no such folder/],
    [['build', empty, '--out', out], 1, /no pictures in .*empty/],
    [['build', photos, '--out', folder], 1, /contains other things than a data set/],
    [['build', photos, '--out', out, '--size', '7.5'], 2, /from 16 to 4096 for --size but received 7.5/],
    [['build', photos, '--out', out, '--quality', '0'], 2, /--quality/],
    [['build', photos, '--out', out, '--limit', '0'], 2, /--limit/],
    [
      ['build', photos, '--out', out, '--shard-size', 'big'],
      2,
      /--shard-size but received big; write for instance/,
    ],
    [['inspect', photos], 1, /a folder of photos, not a data set; run: fast-style dataset build/],
    [['inspect', out], 1, /no such folder/],
  ];
  const results = await Promise.all(cases.map(([args]) => callCommand(['dataset', ...args])));
  for (const [i, [args, code, message]] of cases.entries()) {
    const { stderr, stdout, code: got } = results[i]!;
    assert.match(stderr, message, args.join(' '));
    assert.match(stderr, /^fast-style: [^\n]+\n$/, args.join(' '));
    assert.deepEqual([got, stdout], [code, ''], args.join(' '));
  }
  await assert.rejects(access(out));
  assert.equal((await callCommand(['dataset', 'build', photos, '--out', out, '--size', '64'])).code, 0);
  const other = await callCommand(['dataset', 'build', photos, '--out', out, '--size', '72']);
  assert.equal(other.code, 2);
  assert.match(other.stderr, /^fast-style: .*other settings or photos \(--size\).*--overwrite.*\n$/);
  assert.equal(
    (await callCommand(['dataset', 'build', photos, '--out', out, '--size', '72', '--overwrite'])).code,
    0,
  );
});

test('a build killed with SIGKILL continues to the same bytes', async (t) => {
  const folder = await temporaryFolder(t);
  const photos = join(folder, 'photos');
  for (let i = 0; i < 60; i++) await put(join(photos, `${i}.png`), noisy(400, 300, 40 + i, i).png());
  const args = (name: string) => ['build', photos, '--out', join(folder, name, 'set'), '--shard-size', '6'];
  assert.equal((await call(...args('straight'))).code, 0);

  const out = join(folder, 'killed', 'set');
  const killed = startCli(['dataset', ...args('killed')]);
  await waitFor('the third shard', () => exists(join(out, 'set-00002.shard.json')), killed);
  killed.child.kill('SIGKILL');
  assert.equal((await killed.done).signal, 'SIGKILL', 'the build was under way');
  assert.ok(!(await exists(join(out, 'index.json'))));

  const resumed = await call(...args('killed'));
  assert.equal(resumed.code, 0, resumed.stderr);
  const [, kept] = /after (\d+) of an earlier run/.exec(resumed.stdout) ?? [];
  assert.ok(Number(kept) >= 18, resumed.stdout);
  assert.deepEqual(await hashes(out), await hashes(join(folder, 'straight', 'set')));
});

test("TensorFlow's own reader reads the shards", { skip: pythonLacks() }, async (t) => {
  const folder = await temporaryFolder(t);
  const photos = await noisyPhotos(join(folder, 'photos'), 5);
  await put(join(photos, 'Große Welle 神奈川.png'), noisy(90, 120, 128).png());
  const out = join(folder, 'set');
  assert.equal((await call('build', photos, '--out', out, '--size', '64', '--shard-size', '4')).code, 0);
  const script = fileURLToPath(new URL('./read-dataset.py', import.meta.url));
  const { stdout, stderr, status } = spawnSync(python(), [script, out], { encoding: 'utf8', env: quiet() });
  assert.equal(status, 0, stderr);
  const read = JSON.parse(stdout) as Record<string, unknown>[];

  const dataset = await openDataset(out);
  t.after(() => dataset.close());
  assert.equal(read.length, dataset.count);
  for (let i = 0; i < dataset.count; i++) {
    const { encoded, width, height, filename, sourceId } = await dataset.read(i);
    assert.deepEqual(read[i], {
      encoded: createHash('sha256').update(encoded).digest('hex'),
      decoded: [height, width, 3],
      width,
      height,
      filename,
      source_id: sourceId,
      format: 'jpeg',
      colorspace: 'RGB',
      channels: 3,
    });
  }
});

function python(): string {
  return process.env.FAST_STYLE_TEST_PYTHON ?? 'python3';
}

function quiet(): NodeJS.ProcessEnv {
  return { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '', PYTHONIOENCODING: 'utf8' };
}

/** The reason that Python's TensorFlow cannot be asked, or false. */
function pythonLacks(): string | false {
  const find = 'import importlib.util, sys; sys.exit(0 if importlib.util.find_spec("tensorflow") else 3)';
  const { status } = spawnSync(python(), ['-c', find]);
  return status === 0 ? false : `${python()} has no TensorFlow (set FAST_STYLE_TEST_PYTHON to one that has)`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function hashes(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of (await readdir(folder)).sort()) {
    found[name] = createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex');
  }
  return found;
}
