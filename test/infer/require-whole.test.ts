/** A style's file says how much memory a frame takes: what there is not is refused before it is taken. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireWhole } from '../../src/infer/choose-plan.ts';
import { HALF_WIDTH, parseArchitecture } from '../../src/networks/architecture.ts';
import { ConfigError } from '../../src/system/errors.ts';
import { callCommand } from '../helpers/call-command.ts';
import { ffmpeg, H264, noFfmpeg, testPicture } from '../helpers/clips.ts';
import { expectUserError } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';

/** Few weights, and a thousand channels at twice the picture's size. */
const WIDE = 'c1s1-1,u1,c1s1-1024,c1s1-1,d1,c1s1-3';

test('the estimate is that of the widest layer at its size, margin included', () => {
  const style = (architecture: string, margin = 0) => ({
    ...{ layers: parseArchitecture(architecture), name: 'odd', margin },
  });
  const film = { width: 1920, height: 1080 };
  assert.doesNotThrow(() => requireWhole(style(HALF_WIDTH), film, 'shrink it', 8e9));
  assert.throws(
    () => requireWhole(style(WIDE), film, 'shrink it', 8e9),
    (error: Error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(
        error.message,
        /^Expected at least \d+\.\d GB of memory to paint 1920×1080 px in the style odd but received 8\.0 GB; shrink it\.$/,
      );
      return true;
    },
  );
  const small = { width: 64, height: 64 };
  assert.doesNotThrow(() => requireWhole(style(WIDE), small, 'shrink it', 2e9));
  assert.throws(() => requireWhole(style(WIDE, 1000), small, 'shrink it', 2e9), ConfigError);
});

test('video refuses frames that do not fit into memory before it paints', {
  skip: noFfmpeg,
}, async (t) => {
  const folder = await temporaryFolder(t);
  // Refused on machines of a terabyte, too.
  const style = await writeTinyCheckpoint(join(folder, 'wide.safetensors'), WIDE);
  const film = join(folder, 'film.mp4');
  ffmpeg(...testPicture(0.2), ...H264, film);
  const args = ['video', film, '--style', style, '--out', join(folder, 'x.mp4'), '--scale', '9000x9000'];
  expectUserError(
    await callCommand(args),
    /of memory to paint 9000×\d+ px in the style tiny .* choose a smaller --scale\.$/m,
    2,
  );
});
