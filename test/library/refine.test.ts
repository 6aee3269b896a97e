/** Refining through the library: the same pixels as `stylize --refine`. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { readPicture } from '../../src/data/image-file.ts';
import { ConfigError, type RefineOptions, refine, stylizeFiles } from '../../src/index.ts';
import { callCommand } from '../helpers/call-command.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';

test('it refines as the command does, an already painted picture or a new one, and leaks no tensor', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  const photo = await drawnPhoto(at('photo.png'), 41, 36, { seed: 1 });
  const painting = await drawnPhoto(at('wave.png'), 60, 40, { seed: 9 });
  const lossNetwork = await writeTinyLossNetwork(at('vgg.safetensors'));
  const style = await writeTinyCheckpoint(at('tiny.safetensors'));
  const paint = async (out: string, ...more: string[]) => {
    const given = ['stylize', photo, '--style', style, '--out', at(out), '--precision', 'f32', ...more];
    const { code, stderr } = await callCommand(given, { cwd: folder });
    assert.equal(code, 0, stderr);
    return new Uint8Array((await readPicture(at(out))).pixels);
  };
  const plain = await paint('plain.png');
  const named = ['--painting', painting, '--loss-network', lossNetwork];
  const typed = await paint('refined.png', '--refine', '3', ...named);
  assert.notDeepEqual(typed, plain);
  const options: RefineOptions = {
    ...{ style, photo, lossNetwork, steps: 3 },
    painting: new Blob([new Uint8Array(await readFile(painting))]),
  };
  await expectNoLeak(async () => {
    const anew = await refine(options);
    assert.deepEqual(new Uint8Array(anew.pixels), typed);
    const before = await refine({ ...options, painted: at('plain.png') });
    assert.deepEqual(before, anew);
    const files = { photo, style, lossNetwork, painting: options.painting, refine: 3 };
    await stylizeFiles({ ...files, out: at('files.png'), precision: 'f32' });
    assert.deepEqual(new Uint8Array((await readPicture(at('files.png'))).pixels), typed);
  });
  const refused: readonly (readonly [object, RegExp])[] = [
    [{ steps: 0 }, /a whole number of at least 1 for refine but received 0/],
    [{ stpes: 3 }, /perhaps you mean steps/],
    [{ painted: painting }, /a picture of 41×36 px for painted but received 60×40 px/],
  ];
  for (const [given, message] of refused)
    await assert.rejects(refine({ ...options, ...given }), (error: Error) => {
      assert.match(error.message, message);
      return error instanceof ConfigError;
    });
  const into = { photo, style, out: at('no.png') };
  await assert.rejects(stylizeFiles({ ...into, refine: 0 }), /a whole number of at least 1 for refine/);
  await assert.rejects(
    stylizeFiles({ ...into, refine: 3 }),
    /for refine but received none; name it with painting/,
  );
  const reason = new Error('gone');
  await assert.rejects(refine({ ...options, signal: AbortSignal.abort(reason) }), reason);
});
