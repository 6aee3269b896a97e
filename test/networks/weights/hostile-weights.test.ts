/** Weights that claim more than they hold, or lead their reader in circles, end in a line, and soon. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { File, FS, type Group, ready } from 'h5wasm';
import { readLossNetworkWeights } from '../../../src/networks/loss-network-weights.ts';
import { FileError, WeightsError } from '../../../src/system/errors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** The bytes of an HDF5 file. */
async function hdf5(fill: (root: Group) => void): Promise<Uint8Array> {
  await ready;
  const path = `/${randomUUID()}.h5`;
  const file = new File(path, 'w');
  fill(file);
  file.close();
  const bytes = FS!.readFile(path) as Uint8Array;
  FS!.unlink(path);
  return bytes;
}

async function refused(path: string, reason: RegExp): Promise<void> {
  await assert.rejects(readLossNetworkWeights(path), (error: Error) => {
    assert.ok(error instanceof WeightsError, error.stack);
    assert.match(error.message, reason);
    return !error.message.includes('\n');
  });
}

test('an HDF5 file that unpacks to a thousand times its size is refused before it is unpacked', async (t) => {
  const path = join(await temporaryFolder(t), 'vgg.h5');
  const noughts = new Float32Array(3 * 3 * 512 * 512);
  const bytes = await hdf5((root) => {
    for (const layer of ['block5_conv1', 'block5_conv2']) {
      const shape = [3, 3, 512, 512];
      const chunks = [3, 3, 64, 64];
      root
        .create_group(layer)
        .create_dataset({ name: 'kernel', data: noughts, shape, chunks, compression: 9 });
    }
  });
  assert.ok(bytes.length < 200_000, `${bytes.length} bytes`);
  await writeFile(path, bytes);
  const before = process.memoryUsage().rss;
  await refused(path, /claims more numbers than it can hold/);
  assert.ok(process.memoryUsage().rss - before < 300e6);
});

test('an HDF5 file whose groups form a circle does not block its reader', {
  timeout: 120_000,
}, async (t) => {
  const path = join(await temporaryFolder(t), 'vgg.h5');
  const bytes = await hdf5((root) => {
    const group = root.create_group('block1_conv1');
    for (const name of ['a', 'b']) {
      root.create_group(`block1_conv1/${name}`);
      root.create_hard_link('/block1_conv1', `/block1_conv1/${name}/up`);
    }
    assert.ok(group.keys().length === 2);
  });
  await writeFile(path, bytes);
  await refused(path, /./);
});

const hang = new URL('../../../../shared/faults/weights/hang-6350.h5', import.meta.url);
test('nor does one whose attributes are damaged', { timeout: 120_000 }, async (t) => {
  const bytes = await readFile(process.env.FAST_STYLE_HANGING_H5 ?? hang).catch(() => undefined);
  if (bytes === undefined) return t.skip('the damaged file is not next to the checkout');
  const path = join(await temporaryFolder(t), 'vgg.h5');
  await writeFile(path, bytes);
  await refused(path, /is a damaged HDF5 file: it cannot be read within \d+ seconds/);
  // The next file gets a reader of its own.
  const sound = new URL('../../fixtures/weights/vgg19-published.h5', import.meta.url);
  await writeFile(path, await readFile(sound));
  assert.equal((await readLossNetworkWeights(path)).kind, 'vgg19');
});

/** A zip archive of stored files; files of the same bytes lie at one place. */
function zip(files: readonly (readonly [string, Buffer])[]): Buffer {
  const parts: Buffer[] = [];
  const places = new Map<Buffer, number>();
  let length = 0;
  const header = (signature: number, size: number) => {
    const bytes = Buffer.alloc(size);
    bytes.writeUInt32LE(signature);
    return bytes;
  };
  for (const [name, bytes] of files) {
    if (places.has(bytes)) continue;
    places.set(bytes, length);
    const local = header(0x04034b50, 30);
    local.writeUInt16LE(name.length, 26);
    parts.push(local, Buffer.from(name), bytes);
    length += 30 + name.length + bytes.length;
  }
  const start = length;
  for (const [name, bytes] of files) {
    const entry = header(0x02014b50, 46);
    entry.writeUInt32LE(crc32(bytes), 16);
    entry.writeUInt32LE(bytes.length, 20);
    entry.writeUInt32LE(bytes.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(places.get(bytes)!, 42);
    parts.push(entry, Buffer.from(name));
    length += 46 + name.length;
  }
  const end = header(0x06054b50, 22);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(start, 16);
  return Buffer.concat([...parts, end]);
}

/** A pickle of tensors of so many numbers, each of the storage that `key` names. */
function pickle(count: number, numbers: number, key: (i: number) => string): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([Buffer.from('X'), length, bytes]);
  };
  const integer = (value: number) => {
    const bytes = Buffer.alloc(5);
    bytes.write('J');
    bytes.writeInt32LE(value, 1);
    return bytes;
  };
  const parts = [Buffer.from('\x80\x02}(', 'latin1')];
  for (let i = 0; i < count; i++) {
    parts.push(
      text(`features.${i}.weight`),
      Buffer.from('ctorch._utils\n_rebuild_tensor_v2\n(('),
      ...[
        text('storage'),
        Buffer.from('ctorch\nFloatStorage\n'),
        text(key(i)),
        text('cpu'),
        integer(numbers),
      ],
      Buffer.from('tQ'),
      ...[
        integer(0),
        integer(numbers),
        Buffer.from('\x85', 'latin1'),
        integer(1),
        Buffer.from('\x85', 'latin1'),
      ],
      Buffer.from('\x89}tR', 'latin1'),
    );
  }
  return Buffer.concat([...parts, Buffer.from('u.')]);
}

test('tensors that share their numbers are not multiplied', async (t) => {
  const path = join(await temporaryFolder(t), 'vgg.pth');
  const storage = Buffer.alloc(4 * 250_000);
  const count = 3000;
  const one = [
    ['a/data.pkl', pickle(count, 250_000, () => '0')],
    ['a/data/0', storage],
  ] as const;
  // The directory of the archive may name one place many times as well.
  const many = [
    ['a/data.pkl', pickle(count, 250_000, String)],
    ...Array.from({ length: count }, (_, i) => [`a/data/${i}`, storage] as const),
  ] as const;
  for (const files of [one, many]) {
    await writeFile(path, zip(files));
    const before = process.memoryUsage().rss;
    await refused(path, /its tensors are larger than the file, as they share their numbers/);
    assert.ok(process.memoryUsage().rss - before < 300e6);
  }
  // As many as the file holds are read: what is wrong with them then is another thing.
  await writeFile(
    path,
    zip([
      ['a/data.pkl', pickle(1, 250_000, () => '0')],
      ['a/data/0', storage],
    ]),
  );
  await refused(path, /kernel of layer conv1_1|lacks its bias/);
});

test('only plain files are accepted where weights are read', {
  skip: process.platform === 'win32',
}, async (t) => {
  const folder = await temporaryFolder(t);
  await symlink('/dev/zero', join(folder, 'zero.h5'));
  await mkdir(join(folder, 'folder.h5'));
  for (const name of ['zero.h5', 'folder.h5'])
    await assert.rejects(readLossNetworkWeights(join(folder, name)), FileError);
});
