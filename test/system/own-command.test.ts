import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Call, ownCommand } from '../../src/system/own-command.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('a command is named as the program was called', async (t) => {
  const folder = await temporaryFolder(t);
  const link = join(folder, 'fast-style');
  symlinkSync(join(root, 'src/cli.ts'), link);
  const installed = join(folder, 'node_modules');
  symlinkSync(root, installed, 'dir');
  const call = (given: Partial<Call>) =>
    ownCommand('setup --gpu', {
      script: undefined,
      nodeOptions: [],
      environment: {},
      folder: root,
      ...given,
    });
  const source = join(root, 'src/cli.ts');
  assert.equal(call({ script: source }), 'node --import tsx src/cli.ts setup --gpu');
  assert.equal(call({ script: source, folder }), `node --import tsx ${source} setup --gpu`);
  assert.equal(call({ script: join(root, 'bin/fast-style.mjs') }), 'node bin/fast-style.mjs setup --gpu');
  const script = { npm_lifecycle_event: 'fast-style' };
  assert.equal(
    call({ script: join(root, 'bin/fast-style.mjs'), environment: script }),
    'npm run fast-style -- setup --gpu',
  );
  const PATH = ['/usr/bin', folder].join(delimiter);
  assert.equal(call({ script: link, environment: { PATH } }), 'fast-style setup --gpu');
  assert.equal(call({ script: link, environment: { PATH: '/usr/bin' } }), `${link} setup --gpu`);
  assert.equal(
    call({ script: join(installed, 'bin/fast-style.mjs') }),
    'npx --no-install fast-style setup --gpu',
    'npx, or a script of the project that it is installed in',
  );
});

test('messages to users of the library name a command that works everywhere', () => {
  for (const script of [undefined, fileURLToPath(import.meta.url), join(root, 'no-such-file')])
    assert.equal(
      ownCommand('setup', { script, nodeOptions: [], environment: { PATH: '' }, folder: root }),
      'npx --no-install fast-style setup',
    );
});

test('usage of the sources is printed so that it can be typed', () => {
  const { stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'src/cli.ts', 'setpu'], {
    cwd: root,
    encoding: 'utf8',
  });
  const [fault, see] = stderr.trimEnd().split('\n');
  assert.equal(fault, 'fast-style: Unknown command; did you mean setup?');
  assert.equal(see, 'See: node --import tsx src/cli.ts --help');
  const [program, ...args] = see!.replace('See: ', '').split(' ');
  assert.equal(program, 'node');
  const help = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  assert.equal(help.status, 0);
  assert.match(help.stdout, /^ +node --import tsx src\/cli\.ts setup {2}/m);
});
