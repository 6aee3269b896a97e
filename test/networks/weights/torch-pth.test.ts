import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { readTorchWeights } from '../../../src/networks/weights/torch-pth.ts';
import { WeightsError } from '../../../src/system/errors.ts';
import { fixture } from '../tiny-vgg.ts';

const MAGIC = '\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.';
const VERSION = '\x80\x02M\xe9\x03.';
const SYSTEM = '\x80\x02}(X\x0d\x00\x00\x00little_endian\x88u.';

/** A file of torch's older format with this pickle in the place of the state dictionary. */
function chain(pickle: string, rest = '\x80\x02].'): Buffer {
  return Buffer.from(`${MAGIC}${VERSION}${SYSTEM}\x80\x02${pickle}.${rest}`, 'latin1');
}

const text = (value: string) => `X${String.fromCharCode(value.length)}\x00\x00\x00${value}`;

/** A tensor of floats, made of storage '7' with 4 numbers. */
function tensor({
  type = 'torch\nFloatStorage',
  offset = 'K\x00',
  shape = 'K\x02',
  stride = 'K\x01',
} = {}): string {
  const storage = `(${text('storage')}c${type}\n${text('7')}${text('cpu')}K\x04NtQ`;
  return `ctorch._utils\n_rebuild_tensor_v2\n(${storage}${offset}(${shape}t(${stride}t\x89}tR`;
}

const dictionary = (value: string) => `}${text('w')}${value}s`;
const storageOf = (width: number) =>
  `\x80\x02](${text('7')}e.\x04${'\x00'.repeat(7)}${'\x00'.repeat(4 * width)}`;

async function refused(bytes: Buffer, message: RegExp): Promise<void> {
  await assert.rejects(
    readTorchWeights(bytes, 'evil.pth', () => true),
    (error: unknown) => {
      assert.ok(error instanceof WeightsError, String(error));
      assert.match(error.message, message);
      assert.match(error.message, /^evil\.pth is not a state dictionary saved by torch: .*[^.]\.$/);
      return true;
    },
  );
}

test('the pickle that the other tests start from is sound', async () => {
  const [read] = await readTorchWeights(chain(dictionary(tensor()), storageOf(4)), 'x.pth', () => true);
  assert.deepEqual(read, { name: 'w', shape: [2], values: new Float32Array(2) });
});

test('a pickle that calls a program is refused, and nothing is run', async () => {
  for (const call of [
    'os\nsystem',
    'posix\nsystem',
    'builtins\neval',
    '__builtin__\ngetattr',
    'subprocess\nPopen',
  ]) {
    const name = call.replace('\n', '.').replaceAll('.', '\\.');
    await refused(chain(`c${call}\n(${text('touch /tmp/owned')}tR`), new RegExp(`it wants to use ${name}`));
  }
  // The same after what is allowed, by the operations that make objects, and with a line break in its name.
  await refused(chain(`${dictionary(tensor())}0ctorch\nload\n`), /operation 0x30|torch\.load/);
  await refused(chain(`(${text('id')}ios\nsystem\n`), /the pickle operation 0x69/);
  await refused(chain('cos\n\x1b[31msystem\n)R'), /os\.\\u001b\[31msystem/);
});

test('the published globals may be named but not misused', async () => {
  await refused(chain(')R'), /no well-formed pickle/);
  await refused(chain(`${text('x')})R`), /no well-formed pickle/);
  await refused(
    chain('ctorch._utils\n_rebuild_tensor_v2\n)R'),
    /calls torch\._utils\._rebuild_tensor_v2 in a way/,
  );
  await refused(
    chain(`ccollections\nOrderedDict\n(${text('x')}tR`),
    /calls collections\.OrderedDict in a way/,
  );
  await refused(chain('ctorch\nFloatStorage\n(K\x10tR'), /calls torch\.FloatStorage in a way/);
  await refused(chain(`(${text('module')}K\x00tQ`), /something that is no storage/);
});

test('tensors that do not fit their storage are refused', async () => {
  const file = (options: Parameters<typeof tensor>[0], width = 4) =>
    chain(dictionary(tensor(options)), storageOf(width));
  await refused(file({ shape: 'K\x05' }), /tensor w of shape \[5\] reaches beyond its storage/);
  await refused(file({ offset: 'K\x03' }), /reaches beyond/);
  await refused(file({ offset: 'J\xff\xff\xff\xff' }), /in a way not known/);
  await refused(file({ stride: 'J\xff\xff\xff\x7f' }), /reaches beyond/);
  await refused(file({ shape: 'J\xff\xff\xff\x7f', stride: 'K\x00' }), /repeats its numbers/);
  await refused(file({ shape: 'K\x02K\x02' }), /in a way not known/);
  await refused(file({ type: 'torch\nLongStorage' }, 8), /holds torch\.LongStorage, not floating point/);
  await refused(file({ type: 'torch\nHugeStorage' }), /storage 7 is of a type not known/);
  await refused(chain(dictionary(tensor())), /lacks the storage 7/);
  await refused(
    chain(dictionary(tensor()), '\x80\x02](X\x01\x00\x00\x007e.\xff\xff\xff\xff\xff\xff\xff\x7f'),
    /cut/,
  );
});

test('pickles without tensors and truncated ones are refused', async () => {
  await refused(chain('K\x01'), /no dictionary of tensors/);
  await refused(chain('}'), /no dictionary of tensors/);
  await refused(chain(dictionary('K\x01')), /no dictionary of tensors/);
  await refused(chain('h\x05'), /no well-formed pickle/);
  await refused(chain('(((((('), /no well-formed pickle/);
  await refused(chain('X\xff\xff\xff\xff'), /it is cut/);
  await refused(Buffer.from('\x80\x04K\x01.', 'latin1'), /protocol 4/);
  await refused(Buffer.from(`${MAGIC}\x80\x02K\x01.`, 'latin1'), /its version is not known/);
  await refused(Buffer.from(`${MAGIC}${VERSION}\x80\x02}.`, 'latin1'), /byte order is not little/);
});

test('unneeded tensors are not read', async () => {
  const read = await readTorchWeights(await readFile(fixture('vgg19-zip.pth')), 'x', (name) =>
    name.endsWith('.0.bias'),
  );
  assert.deepEqual(
    read.map(({ name }) => name),
    ['features.0.bias', 'classifier.0.bias'],
  );
});

test('a zip archive that is compressed, damaged, or lacks parts is refused', async () => {
  const whole = await readFile(fixture('vgg16-zip.pth'));
  const changed = (at: number, byte: number) => {
    const copy = Buffer.from(whole);
    copy[at] = byte;
    return copy;
  };
  const directory = whole.indexOf('PK\x01\x02', 0, 'latin1');
  await refused(changed(directory + 10, 8), /is compressed/);
  await refused(changed(directory, 0), /directory is damaged/);
  await refused(
    changed(whole.indexOf('features.0.weight'), 0x46),
    /data\.pkl is damaged \(the checksum differs\)/,
  );
  await refused(changed(whole.lastIndexOf('data.pkl'), 0x44), /lacks data\.pkl/);
  await refused(whole.subarray(0, whole.length - 30), /cut/);
});
