/** The command's options: what cannot be is said before anything is started. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { studioFolder } from '../../src/commands/studio/studio-folder.ts';
import { callCommand } from '../helpers/call-command.ts';
import { expectUserError } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('ports, folders and settings that cannot be used are refused in a line', async (t) => {
  const folder = await temporaryFolder(t);
  const own = join(folder, 'studio');
  const call = (...args: string[]) => callCommand(['studio', '--no-open', '--folder', own, ...args]);
  for (const port of ['-1', '65536', '1.5'])
    expectUserError(await call(`--port=${port}`), /Expected a whole number from 0 to 65535 for --port/, 2);
  expectUserError(await call('--port=x'), /Expected a number for --port but received x/, 2);
  assert.ok(!existsSync(own));

  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  expectUserError(
    await call('--port', String(port)),
    /Expected a free port but received \d+, which is in use/,
    2,
  );

  const config = join(folder, 'settings.json');
  expectUserError(await call('--config', config), /Cannot read the configuration .*no such file/);
  await writeFile(config, '{"strngth": 3}');
  expectUserError(await call('--config', config), /strngth/, 2);
  await writeFile(join(folder, 'file'), '');
  const within = await callCommand(['studio', '--no-open', '--folder', join(folder, 'file', 'studio')]);
  expectUserError(within, /Cannot use .*a part of the path is not a folder/);
  assert.ok(!existsSync(join(own, 'studio.lock')));
});

test('the folder is where the system keeps data of its users', () => {
  const home = join('/', 'home', 'vincent');
  assert.equal(studioFolder({}, 'linux', home), join(home, '.local', 'share', 'fast-style', 'studio'));
  assert.equal(
    studioFolder({ XDG_DATA_HOME: '/data' }, 'linux', home),
    join('/data', 'fast-style', 'studio'),
  );
  assert.equal(
    studioFolder({ XDG_DATA_HOME: '/data' }, 'darwin', home),
    join(home, 'Library', 'Application Support', 'fast-style', 'studio'),
  );
  assert.equal(studioFolder({ LOCALAPPDATA: 'L' }, 'win32', home), join('L', 'fast-style', 'studio'));
});
