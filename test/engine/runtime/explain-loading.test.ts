/** What cannot be loaded, or has no place to be kept, is a line that says what to do. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadingFault } from '../../../src/engine/runtime/explain-loading.ts';
import { expectUserError, runCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';

const CLI = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));

test('FAST_STYLE_BINDING that names no binding is reported as such', async (t) => {
  const folder = await temporaryFolder(t);
  const photo = await drawnPhoto(join(folder, 'a.jpg'), 40, 30, { format: 'jpeg' });
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  await writeFile(join(folder, 'text.node'), 'no library');
  await writeFile(join(folder, 'script.js'), 'process.stdout.write("run")');
  await mkdir(join(folder, 'folder.node'));
  const args = ['stylize', photo, '--style', style, '--out', join(folder, 'x.jpg')];
  for (const [name, reason] of [
    ['none.node', /Expected a file called \.node in FAST_STYLE_BINDING but received .*which does not exist/],
    ['script.js', /Expected a file called \.node in FAST_STYLE_BINDING but received .*script\.js/],
    ['folder.node', /Expected a file called \.node in FAST_STYLE_BINDING/],
    ['text.node', /The TensorFlow runtime cannot be loaded: .*unset FAST_STYLE_BINDING\.$/m],
  ] as const)
    expectUserError(await runCli(args, { env: { FAST_STYLE_BINDING: join(folder, name) } }), reason);
});

test('the error of the loader on a noexec mount becomes what to do', () => {
  const said = '/c/tfjs_binding.node: failed to map segment from shared object\n at Module';
  assert.match(
    loadingFault(said, '/c/tfjs_binding.node'),
    /noexec mount.*set FAST_STYLE_CACHE to another folder/,
  );
  assert.equal(loadingFault('b.node: invalid ELF header\nmore', 'b.node'), 'b.node: invalid ELF header');
});

/** Runs the program in another way than as the test's own user in the test's own folder. */
async function run(args: readonly string[], options: Parameters<typeof spawn>[2]) {
  const child = spawn(process.execPath, args as string[], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout!.on('data', (part) => out.push(part));
  child.stderr!.on('data', (part) => err.push(part));
  const [code] = (await once(child, 'close')) as [number];
  return { code, signal: null, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

const skip = process.platform !== 'linux' && 'it is of Linux';

test('a user without a home is told to name a cache', { skip }, async (t) => {
  if (process.getuid?.() !== 0) return t.skip('to run as a user who is in no list needs root');
  const { HOME: _, XDG_CACHE_HOME: __, FAST_STYLE_CACHE: ___, ...env } = process.env;
  const nobody = { uid: 54_321, gid: 54_321, env, cwd: '/' };
  // The program must be readable for it.
  const result = await run([CLI, 'weights', 'list'], nobody);
  if (/EACCES|permission denied|Cannot find module/.test(result.stderr))
    return t.skip('another user cannot read the checkout');
  expectUserError(
    result,
    /Expected a home folder .* but received a user without one; set FAST_STYLE_CACHE/,
    2,
  );
});

test('a missing working folder is reported as such', { skip }, async (t) => {
  const folder = join(await temporaryFolder(t), 'gone');
  await mkdir(folder);
  const program = `process.chdir(${JSON.stringify(folder)}); require('node:fs').rmdirSync(${JSON.stringify(folder)});
    process.exitCode = require('node:child_process').spawnSync(process.execPath, [${JSON.stringify(CLI)}, 'styles'], { stdio: 'inherit' }).status;`;
  const result = await run(['-e', program], { env: process.env });
  expectUserError(result, /Expected a working folder that is there but received one that has been removed/);
  await rm(folder, { recursive: true, force: true });
});
