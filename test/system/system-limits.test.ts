/** What the system does not allow, or has in use, is reported in one line. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeFileAtomically } from '../../src/system/atomic-file.ts';
import { FileError } from '../../src/system/errors.ts';
import { CLI } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/fast-style.mjs', import.meta.url));
const skip = process.platform === 'win32' && 'Windows has no ulimit';

/** Runs a program under a limit of the shell's. */
function limited(limit: string, args: readonly string[]): Promise<{ code: number; stderr: string }> {
  const line = `ulimit ${limit}; exec "$@"`;
  return new Promise((resolve) => {
    // As startCli: a process that has loaded TensorFlow has set it, and would have the child say more.
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: undefined };
    execFile('sh', ['-c', line, 'sh', process.execPath, ...args], { env }, (error, _, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stderr }),
    );
  });
}

test('a limit on file size: one line, nothing half-written', { skip }, async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const photo = await drawnPhoto(join(folder, 'photo.png'), 400, 300);
  const painted = join(folder, 'painted.tif');
  // 64 to 128 KiB, as shells count otherwise; the picture has 352.
  const { code, stderr } = await limited('-f 128', [CLI, 'stylize', photo, '-s', style, '-o', painted]);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /^fast-style: Cannot write .+: the file would be too large\.\n$/);
  assert.deepEqual((await readdir(folder)).sort(), ['noise.safetensors', 'photo.png']);
});

test('a limit on open files: one line, whichever part cannot be loaded', { skip }, async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const photo = await drawnPhoto(join(folder, 'photo.png'), 40, 30);
  for (const files of [24, 25, 32, 40, 48]) {
    const args = [PROGRAM, 'stylize', photo, '-s', style, '-o', join(folder, `${files}.png`)];
    const { code, stderr } = await limited(`-n ${files}`, args);
    if (code === 0) continue; // it was enough
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^fast-style: [^\n]*(ulimit -n 1024|too many open files)[^\n]*\n$/, `${files}`);
  }
});

test('a file that is mounted cannot be replaced: one line', async (t) => {
  const folder = await temporaryFolder(t);
  const [path, other] = [join(folder, 'a.txt'), join(folder, 'b.txt')];
  await writeFile(path, 'old');
  await writeFile(other, 'mounted');
  try {
    execFileSync('mount', ['--bind', other, path], { stdio: 'ignore' });
  } catch {
    t.skip('mounting a file needs Linux and the right to do so');
    return;
  }
  try {
    await assert.rejects(
      writeFileAtomically(path, 'new', { overwrite: true }),
      (error) => error instanceof FileError && /^Cannot write .+a\.txt: it is in use\.$/.test(error.message),
    );
    assert.deepEqual((await readdir(folder)).sort(), ['a.txt', 'b.txt']);
  } finally {
    execFileSync('umount', [path]);
  }
});
