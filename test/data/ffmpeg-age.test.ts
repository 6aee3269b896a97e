import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { oldFfmpeg } from '../../src/data/ffmpeg-program.ts';
import { runCli } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const versions = (version: string, libavutil: string) =>
  `ffmpeg version ${version} Copyright (c) 2000-2018 the FFmpeg developers\nlibavutil      ${libavutil} / ${libavutil}\n`;

test('an ffmpeg before 4.4 is too old, also by the number of nightly builds', () => {
  assert.match(
    oldFfmpeg(versions('3.4.11-0ubuntu0.1', '55. 78.100')) ?? '',
    /^ffmpeg 3\.4\.11-\S+ is too old .* 4\.4/,
  );
  assert.match(
    oldFfmpeg(versions('N-90000-gabcdef', '56. 51.100')) ?? '',
    /^ffmpeg N-90000-gabcdef is too old/,
  );
  for (const [version, libavutil] of [
    ['4.4.2', '56. 70.100'],
    ['5.1.9-0+deb12u1', '57. 28.100'],
    ['n7.1', '59. 39.100'],
  ] as const)
    assert.equal(oldFfmpeg(versions(version, libavutil)), undefined, version);
  assert.equal(oldFfmpeg('not an ffmpeg'), undefined);
});

test('an old ffmpeg stops set-up at once, and doctor warns', {
  skip: process.platform === 'win32' && 'a shell script stands in for the old one',
}, async (t) => {
  const folder = await temporaryFolder(t);
  const old = join(folder, 'ffmpeg');
  await writeFile(old, `#!/bin/sh\ncat <<'END'\n${versions('4.1.9', '56. 22.100')}END\n`);
  await chmod(old, 0o755);
  const env = { FAST_STYLE_BINDING: '', FAST_STYLE_CACHE: join(folder, 'cache'), FAST_STYLE_FFMPEG: old };
  const { code, stderr } = await runCli(['setup', '--from-python', join(folder, 'no-python')], { env });
  assert.equal(code, 1);
  assert.match(stderr, /^ffmpeg 4\.1\.9 is too old for films, which need 4\.4 or newer; pictures do not\./);
  const doctor = await runCli(['doctor'], { env });
  assert.match(doctor.stdout, /^warning +ffmpeg +ffmpeg 4\.1\.9 is too old for films/m);
});
