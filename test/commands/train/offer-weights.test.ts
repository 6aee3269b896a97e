/** What a first training does about weights: at a terminal it asks, elsewhere it says; unasked nothing is fetched. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { callCommand } from '../../helpers/call-command.ts';
import { freshCache } from '../../helpers/fresh-cache.ts';
import { CLI, expectUserError, PATH, runCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPhoto, tinyDataset } from '../../helpers/tiny-dataset.ts';

const hasPython = spawnSync('python3', ['-c', 'import pty']).status === 0;

/** Runs a program at a terminal of its own and types `answer` when it is asked. */
const AT_TERMINAL = `
import os, pty, sys
answer, command = sys.argv[1], sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
text, typed = b'', False
while True:
    try:
        piece = os.read(fd, 4096)
    except OSError:
        break
    if not piece:
        break
    text += piece
    if not typed and b'[y/N]' in text:
        typed = True
        os.write(fd, answer.encode())
sys.stdout.buffer.write(text)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

async function prepared(t: TestContext) {
  const folder = await temporaryFolder(t);
  const style = await drawnPhoto(join(folder, 'wave.png'), 96, 64, { seed: 9 });
  const data = await tinyDataset(folder, 4);
  const small =
    '--steps 1 --style-weight 4 --preview-every 0 --precision f32 --architecture c3s1-4,c3s1-3 --image-size 48 --style-size 64';
  const args = ['train', '--style', style, '--data', data, ...small.split(' ')];
  const closed = 'http://127.0.0.1:1';
  // No way to the internet: what is fetched unasked would fail.
  const offline = { HTTPS_PROXY: closed, https_proxy: closed, NO_PROXY: '', no_proxy: '', PIP_NO_INDEX: '1' };
  const env = { ...(await freshCache(folder)), ...offline, PIP_FIND_LINKS: folder };
  const atTerminal = async (answer: string, ...more: string[]) => {
    const words = ['-c', AT_TERMINAL, answer, process.execPath, CLI, ...args, ...more];
    const child = spawn('python3', words, { cwd: folder, env: { ...process.env, PATH, ...env } });
    let text = '';
    child.stdout.on('data', (piece) => (text += piece));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, text };
  };
  return { folder, args, env, atTerminal };
}

test('without a terminal one line says what to run, and the compact network is used', async (t) => {
  const { folder, args, env } = await prepared(t);
  const { code, stdout, stderr } = await runCli([...args, '--json'], { cwd: folder, env });
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^Loss network: compact, which is shipped; .*'fast-style weights fetch vgg16' \(60 MB\)/,
  );
  for (const line of stdout.trim().split('\n')) assert.equal(typeof JSON.parse(line), 'object', line);
  assert.ok(!existsSync(join(env.FAST_STYLE_CACHE, 'weights')));
  const absent = await callCommand([...args, '--loss-network', 'vgg16', '--name', 'b'], { cwd: folder, env });
  expectUserError(absent, /There are no weights called vgg16 in .*; run 'fast-style weights fetch vgg16' or/);
});

test('at a terminal VGG16 is offered: no continues, yes fetches or ends with the reason', async (t) => {
  if (!hasPython) return t.skip('no python3, which makes the terminal');
  const { folder, env, atTerminal } = await prepared(t);
  const no = await atTerminal('n\n');
  assert.equal(no.code, 0, no.text);
  assert.match(no.text, /better strokes with VGG16 .*\r\nFetch it now, once, 60 MB\? \[y\/N\] /);
  assert.match(no.text, /\nLoss network: compact, which is shipped/);
  assert.ok(!existsSync(join(env.FAST_STYLE_CACHE, 'weights')));
  const yes = await atTerminal('y\n', '--name', 'second');
  assert.equal(yes.code, 1, yes.text);
  assert.match(
    yes.text,
    /\nfast-style: Cannot download .* To bring it in by hand: fast-style weights import vgg16_/,
  );
  assert.ok(!existsSync(join(folder, 'checkpoints', 'second.safetensors')));
  const named = await atTerminal('y\n', '--name', 'third', '--loss-network', 'compact');
  assert.equal(named.code, 0, named.text);
  assert.doesNotMatch(named.text, /\[y\/N\]/);
});
