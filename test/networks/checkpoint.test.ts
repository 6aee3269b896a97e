import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { random } from '../../src/data/random.ts';
import { parseArchitecture } from '../../src/networks/architecture.ts';
import {
  type CheckpointDescription,
  loadCheckpoint,
  parseCheckpoint,
  readCheckpoint,
  saveCheckpoint,
} from '../../src/networks/checkpoint.ts';
import { formatSafetensors, type NamedArray, parseSafetensors } from '../../src/networks/safetensors.ts';
import { isOfStyle, transformNetParameters } from '../../src/networks/transform-net-parameters.ts';
import { CheckpointError, FileError } from '../../src/system/errors.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyStyles } from '../helpers/tiny-checkpoint.ts';
import { writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';

const description: CheckpointDescription = {
  architecture: 'c3s1-4,d5,R5,u4,c3s1-3',
  name: 'kanagawa',
  style: { file: 'wave.jpg', title: '神奈川沖浪裏', author: 'Hokusai', licence: 'public domain' },
  thumbnail: Buffer.from('a small picture').toString('base64'),
  training: { styleWeight: 5, styleLayers: { relu1_1: 0.5 }, seed: 1 },
  lossNetwork: { source: 'drawn for tests', sha256: 'ab'.repeat(32) },
  steps: 12,
  images: 48,
  losses: { total: 1.5, content: 0.5, style: 0.2, tv: 100 },
  software: { 'fast-style': '0.1.0', tensorflow: '2.21.0' },
};
const next = random(5);
const parameters: NamedArray[] = transformNetParameters(parseArchitecture(description.architecture)).map(
  ({ name, shape }) => {
    const size = shape.reduce((product, side) => product * side, 1);
    return { name, shape, values: Float32Array.from({ length: size }, () => (next() - 0.5) * 4) };
  },
);

/** The checkpoint's bytes with tensors and metadata changed. */
async function bytesWith(
  folder: string,
  change: (tensors: NamedArray[], metadata: Record<string, string>) => NamedArray[] | undefined,
): Promise<Uint8Array> {
  const path = join(folder, `${Math.random()}.safetensors`);
  await saveCheckpoint(path, description, parameters);
  const { tensors, metadata } = parseSafetensors(await readFile(path), path);
  const own = { ...metadata };
  const changed = change([...tensors.values()], own);
  return formatSafetensors(changed ?? tensors.values(), own, 'F32');
}

/** Changes what the file says of itself; undefined takes an entry away. */
function says(entries: Readonly<Record<string, string | undefined>>): Parameters<typeof bytesWith>[1] {
  return (_, metadata) => {
    for (const [key, value] of Object.entries(entries)) {
      if (value === undefined) delete metadata[key];
      else metadata[key] = value;
    }
    return undefined;
  };
}

test('what is saved is what is loaded, weights to half precision', async (t) => {
  const path = join(await temporaryFolder(t), 'deep', 'er', 'kanagawa.safetensors');
  await saveCheckpoint(path, description, parameters);
  const { parameters: loaded, layers, ...rest } = await loadCheckpoint(path);
  assert.deepEqual(rest, description);
  assert.deepEqual(layers, parseArchitecture(description.architecture));
  assert.deepEqual(
    loaded.map(({ name, shape }) => [name, shape]),
    parameters.map(({ name, shape }) => [name, [...shape]]),
  );
  loaded.forEach(({ name, values }, i) => {
    values.forEach((value, at) => {
      const wanted = parameters[i]!.values[at]!;
      // Half precision keeps eleven binary digits.
      assert.ok(Math.abs(value - wanted) <= Math.abs(wanted) * 2 ** -11 + 2 ** -25, `${name}[${at}]`);
    });
  });
  // Half precision is reached at once: saved again, the numbers are the same.
  await saveCheckpoint(path, description, loaded, { overwrite: true });
  assert.deepEqual((await loadCheckpoint(path)).parameters, loaded);
});

test('a checkpoint without a thumbnail has none', async (t) => {
  const path = join(await temporaryFolder(t), 'a.safetensors');
  const { thumbnail: _, ...bare } = description;
  await saveCheckpoint(path, bare, parameters);
  assert.equal('thumbnail' in (await loadCheckpoint(path)), false);
  await saveCheckpoint(path, { ...bare, margin: 16 }, parameters, { overwrite: true });
  assert.equal((await loadCheckpoint(path)).margin, 16);
});

test('an existing file is not overwritten by default, and nothing half-written stays', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'a.safetensors');
  await writeFile(path, 'mine');
  await assert.rejects(saveCheckpoint(path, description, parameters), FileError);
  assert.equal(await readFile(path, 'utf8'), 'mine');
  await assert.rejects(saveCheckpoint(join(path, 'b.safetensors'), description, parameters), FileError);
  assert.deepEqual(await readdir(folder), ['a.safetensors']);
});

test('each kind of misfit is refused with one line that names the file', async (t) => {
  const folder = await temporaryFolder(t);
  const misfits: readonly (readonly [change: Parameters<typeof bytesWith>[1], message: RegExp])[] = [
    [says({ format: 'other' }), /a safetensors file of another kind; train one with/],
    [says({ format: undefined }), /a safetensors file of another kind/],
    [says({ version: '3' }), /version 1 or 2 .* received version 3; use a newer fast-style/],
    [says({ architecture: 'spoons' }), /cannot be used: .* received spoons/],
    [says({ architecture: undefined }), /cannot be used/],
    [says({ architecture: 'c3s1-4,c3s1-3' }), /Expected 5 tensors .* received 17/],
    [says({ training: '{"steps":' }), /JSON as training in the metadata/],
    [says({ margin: '-3' }), /Expected a count as margin/],
    [says({ margin: '1000000' }), /a margin of at most 128 px .* received 1000000/],
    [(tensors) => tensors.slice(1), /Expected 17 tensors .* received 16/],
    [
      ([first, ...others]) => [{ ...first!, name: 'layers.9.kernel' }, ...others],
      /Expected the tensor layers\.0\.kernel .* received none/,
    ],
    [
      ([first, ...others]) => [{ ...first!, shape: [3, 3, 4, 3] }, ...others],
      /layers\.0\.kernel of shape \[3,3,3,4\] .* received \[3,3,4,3\]/,
    ],
    [
      ([first, ...others]) => [{ ...first!, values: first!.values.with(7, Number.NaN) }, ...others],
      /finite numbers in layers\.0\.kernel/,
    ],
    [
      ([first, ...others]) => [{ ...first!, values: first!.values.with(0, -Infinity) }, ...others],
      /finite numbers in layers\.0\.kernel/,
    ],
  ];
  for (const [change, message] of misfits) {
    const bytes = await bytesWith(folder, change);
    assert.throws(
      () => parseCheckpoint(bytes, 'odd.safetensors'),
      (error) =>
        error instanceof CheckpointError &&
        message.test(error.message) &&
        error.message.includes('odd.safetensors') &&
        !error.message.includes('\n'),
      String(message),
    );
  }
});

test('several styles in one file: read as saved, and refused if undescribed', async (t) => {
  const path = await writeTinyStyles(join(await temporaryFolder(t), 'pair.safetensors'), ['a', 'b']);
  const whole = await readCheckpoint(path);
  assert.deepEqual(
    whole.styles?.map(({ name, style, training }) => [name, style.file, training.styleWeight]),
    [
      ['a', 'a.png', 1],
      ['b', 'b.png', 2],
    ],
  );
  for (const { name, shape } of whole.parameters) assert.equal(shape[0] === 2, isOfStyle(name), name);
  const { tensors, metadata } = parseSafetensors(await readFile(path), path);
  assert.equal(metadata.version, '2', 'older readers are told');
  const [a] = whole.styles as [object];
  for (const styles of ['', '{}', '[]', '[1, 2]', JSON.stringify([a, a]), JSON.stringify([a])]) {
    const bytes = formatSafetensors(tensors.values(), { ...metadata, styles }, 'F32');
    assert.throws(
      () => parseCheckpoint(bytes, 'pair'),
      (error) => error instanceof CheckpointError && /pair/.test(error.message),
      styles,
    );
  }
});

test('weights of a loss network are no style', async (t) => {
  const path = await writeTinyLossNetwork(join(await temporaryFolder(t), 'vgg.safetensors'));
  await assert.rejects(loadCheckpoint(path), {
    name: 'CheckpointError',
    message: /a style trained by fast-style .* received a safetensors file of another kind/,
  });
});

test('a truncated file, an empty one, one of other bytes, a folder and a missing one get one line each', async (t) => {
  const folder = await temporaryFolder(t);
  const whole = await bytesWith(folder, () => undefined);
  for (const bytes of [
    whole.subarray(0, whole.length - 1),
    whole.subarray(0, 100),
    whole.subarray(0, 4),
    new Uint8Array(),
    new TextEncoder().encode('PNG, perhaps, but no safetensors file'),
  ]) {
    assert.throws(
      () => parseCheckpoint(bytes, 'cut.safetensors'),
      (error) => error instanceof CheckpointError && /^cut\.safetensors is not a sound/.test(error.message),
    );
  }
  await assert.rejects(loadCheckpoint(folder), /Cannot read the checkpoint .*: it is a folder\./);
  await assert.rejects(loadCheckpoint(join(folder, 'none')), /no such file or folder/);
});
