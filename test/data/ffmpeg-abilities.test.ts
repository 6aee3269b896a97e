import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ffmpegProgram, ffprobeProgram } from '../../src/data/ffmpeg.ts';
import { findAbilities } from '../../src/data/ffmpeg-abilities.ts';
import { noFfmpeg } from '../helpers/clips.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('what ffmpeg can is asked once for each program file, whoever asks', {
  skip: noFfmpeg || (process.platform === 'win32' && 'a shell script counts the starts'),
}, async (t) => {
  const folder = await temporaryFolder(t);
  const cache = join(folder, 'cache');
  const before = process.env.FAST_STYLE_CACHE;
  process.env.FAST_STYLE_CACHE = cache;
  t.after(() => {
    if (before === undefined) delete process.env.FAST_STYLE_CACHE;
    else process.env.FAST_STYLE_CACHE = before;
  });
  const [program, calls] = [join(folder, 'ffmpeg'), join(folder, 'calls')];
  const counted = (first: string) =>
    `#!/bin/sh\n${first}\necho "$2" >> ${calls}\nexec ${ffmpegProgram()} "$@"\n`;
  await writeFile(program, counted(''));
  await chmod(program, 0o755);
  const asked = async () => {
    writeFileSync(calls, '');
    const abilities = await findAbilities(program, ffprobeProgram());
    return { abilities, calls: readFileSync(calls, 'utf8').trim().split('\n').sort() };
  };
  const all = ['-decoders', '-encoders', '-filters', '-h', '-version'];
  const first = await asked();
  assert.deepEqual(first.calls, all);
  assert.ok(first.abilities.encoders.has('ffv1') && first.abilities.filters.has('scale'));
  const second = await asked();
  assert.deepEqual(second.calls, ['-version']);
  assert.deepEqual(second.abilities, first.abilities);
  // Another build in the same place, and a cache that is damaged, ask again.
  await writeFile(program, counted('# another'));
  assert.deepEqual((await asked()).calls, all);
  writeFileSync(join(cache, 'ffmpeg.json'), '{"which": 1}');
  assert.deepEqual((await asked()).calls, all);
  rmSync(join(cache, 'ffmpeg.json'));
  assert.deepEqual((await asked()).abilities, first.abilities);
});
