/** Networks of other programs as styles: held to what ONNX Runtime and PyTorch make of the same files. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkExport, checkRuntime, type NamedPicture } from '../../../src/export/check-export.ts';
import { exportAs } from '../../../src/export/export-style.ts';
import type { ExportRuntime, PortValues } from '../../../src/export/format-writer.ts';
import { openInOnnxRuntime } from '../../../src/export/onnx/onnx-runtime.ts';
import { loadCheckpoint } from '../../../src/networks/checkpoint.ts';
import { importFile } from '../../../src/networks/imported/import-file.ts';
import { CheckpointError, ConfigError, FileError } from '../../../src/system/errors.ts';
import { findPython } from '../../helpers/find-python.ts';
import { foreignArrays, foreignOnnx, torchFile } from '../../helpers/foreign-style.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPicture } from '../../helpers/tiny-dataset.ts';

const ARCHITECTURE = 'c9s1-4,d5,d6,R6x2,U2,c3s1-5,U2,c3s1-4,c9s1-3,linear';
const arrays = foreignArrays();
const pictures: readonly NamedPicture[] = [
  [20, 36],
  [17, 33],
  [96, 64],
].map(([width, height]) => ({ name: `${width}×${height}`, ...drawnPicture(width!, height!) }));

/** Sides that are no multiples of 4 come out larger; the program that has the network shows all of it. */
function cropped(values: Float32Array, { shape: [, , height = 0, width = 0] }: PortValues): Float32Array {
  const [tall, broad] = [height, width].map((side) => 4 * Math.ceil(side / 4)) as [number, number];
  return Float32Array.from({ length: 3 * height * width }, (_, i) => {
    const [c, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    return values[(c * tall + y) * broad + x]!;
  });
}

async function requireSame(path: string, run: (image: PortValues) => Promise<Float32Array>) {
  const checkpoint = await loadCheckpoint(path);
  assert.equal(checkpoint.architecture, ARCHITECTURE);
  const runtime: Pick<ExportRuntime, 'run'> = {
    run: async ({ image }) => cropped(await run(image!), image!),
  };
  const found = await checkRuntime(runtime, checkpoint, { layout: 'nchw', hasAmount: false }, pictures);
  assert.equal(found.length, pictures.length);
  for (const { picture, largest, mean } of found)
    assert.ok(largest <= 1 && mean < 0.1, `${picture}: ${largest}, ${mean} in the mean`);
}

test('state dictionaries and ONNX files paint what ONNX Runtime paints with them', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  torchFile(at('torch.pth'), arrays);
  torchFile(
    at('parallel.model'),
    arrays.map((array) => ({ ...array, name: `module.${array.name}` })),
  );
  writeFileSync(at('old.onnx'), foreignOnnx(arrays));
  writeFileSync(at('new.onnx'), foreignOnnx(arrays, { opset: 13 }));
  const original = await openInOnnxRuntime(foreignOnnx(arrays));
  try {
    const files = ['torch.pth', 'parallel.model', 'old.onnx', 'new.onnx'];
    const paths = await Promise.all(files.map((file) => importFile(at(file), { out: folder })));
    const run = ({ shape, values }: PortValues) => original.run({ input1: { shape, values } });
    await requireSame(paths[0]!, run);
    // The others hold the same numbers.
    const [first, ...others] = await Promise.all(paths.map(loadCheckpoint));
    for (const other of others) assert.deepEqual(other.parameters, first!.parameters);
  } finally {
    await original.dispose();
  }
});

test('an imported style can be exported, with the same result', async (t) => {
  const folder = await temporaryFolder(t);
  torchFile(join(folder, 'torch.pth'), arrays);
  const checkpoint = await loadCheckpoint(await importFile(join(folder, 'torch.pth'), { out: folder }));
  for (const format of ['onnx', 'tfjs'] as const) {
    const options = { layout: 'nhwc', weights: 'float16', hasAmount: false } as const;
    const files = await exportAs(format, { checkpoint, label: 'torch' }, options);
    for (const { largest } of await checkExport(format, files, checkpoint, options, pictures))
      assert.ok(largest <= 1, `${format}: ${largest}`);
  }
});

test('other networks and other files are refused with a reason, and nothing is written', async (t) => {
  const folder = await temporaryFolder(t);
  const refused = async (name: string, bytes: Buffer, reason: RegExp) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    await assert.rejects(importFile(path, { out: join(folder, 'out') }), (error: unknown) => {
      assert.ok(error instanceof CheckpointError, String(error));
      assert.match(error.message, reason);
      return true;
    });
  };
  const pth = (changed: typeof arrays) => torchFile(join(folder, 'written.pth'), changed);
  const renamed = (from: string, to: string) =>
    arrays.map((array) => ({ ...array, name: array.name.replace(from, to) }));
  const changed = (name: string, change: (value: number) => number) =>
    arrays.map((array) => (array.name === name ? { ...array, values: array.values.map(change) } : array));
  await refused('other.pth', pth(renamed('deconv1', 'up1')), /it lacks deconv1\.conv2d\.bias/);
  await refused('more.pth', pth(renamed('res2', 'skip2')), /has no skip2\.conv1\.conv2d\.weight/);
  await refused(
    'swapped.pth',
    pth(renamed('in2.weight', 'in9.weight').concat({ ...arrays[2]!, name: 'in2.weight' })),
    /in9|layers\.1\.scale should have the shape \[5\] .* but has \[4\]/,
  );
  await refused('huge.pth', pth(changed('in3.weight', () => 1e6)), /layers\.2\.scale holds numbers beyond/);
  await refused('nan.pth', pth(changed('in3.bias', () => Number.NaN)), /or NaN/);
  const onnx = (options: Parameters<typeof foreignOnnx>[1]) => foreignOnnx(arrays, options);
  const cases: readonly (readonly [Parameters<typeof foreignOnnx>[1], RegExp])[] = [
    [{ end: 'Tanh' }, /operation Tanh .* is not known here/],
    [{ changed: ['Pad', 0, { mode: 'edge' }] }, /Pad .* does not reflect 4 pixels/],
    [{ changed: ['Pad', 1, { pads: [0, 0, 2, 2, 0, 0, 2, 2] }] }, /Pad .* does not reflect 1 pixels/],
    [{ changed: ['Conv', 3, { pads: [1, 1, 1, 1] }] }, /Conv .* has strides, padding/],
    [{ changed: ['Conv', 3, { strides: [2, 2] }] }, /Conv .* has strides, padding/],
    [{ changed: ['Upsample', 0, { mode: 'linear' }] }, /Upsample .* does not repeat each pixel twice/],
    [{ changed: ['InstanceNormalization', 2, { epsilon: { float: 1e-3 } }] }, /an epsilon of 0\.001/],
  ];
  for (const [options, reason] of cases) await refused('other.onnx', onnx(options), reason);
  await refused('cut.onnx', onnx({}).subarray(0, 900), /it is cut/);
  await refused('picture.pth', Buffer.from('GIF89a'), /a file of another kind/);
  await assert.rejects(importFile(join(folder, 'none.pth')), FileError);
  await assert.rejects(importFile(join(folder, 'other.onnx'), { name: 'a/b' }), ConfigError);
  assert.ok(!readdirSync(folder).includes('out'));
});

/** The same network in PyTorch: saves it in both formats, and what it makes of a picture. */
const PROGRAM = `import sys, numpy as np, torch
from torch import nn
from torch.nn import functional as F
folder, height, width = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.manual_seed(5)
net = nn.Module()
def place(owner, number, normalization, source, target, side, stride=1, name="conv"):
    layer = nn.Module()
    layer.conv2d = nn.Conv2d(source, target, side, stride)
    owner.add_module(f"{name}{number}", layer)
    if normalization:
        norm = nn.InstanceNorm2d(target, affine=True)
        nn.init.uniform_(norm.weight, 0.6, 1.4)
        nn.init.uniform_(norm.bias, -0.4, 0.4)
        owner.add_module(f"in{normalization}", norm)
def convolve(layer, x):
    by = layer.conv2d.kernel_size[0] // 2
    return layer.conv2d(F.pad(x, (by, by, by, by), mode="reflect"))
place(net, 1, 1, 3, 4, 9); place(net, 2, 2, 4, 5, 3, 2); place(net, 3, 3, 5, 6, 3, 2)
for i in (1, 2):
    block = nn.Module(); net.add_module(f"res{i}", block)
    place(block, 1, 1, 6, 6, 3); place(block, 2, 2, 6, 6, 3)
place(net, 1, 4, 6, 5, 3, name="deconv"); place(net, 2, 5, 5, 4, 3, name="deconv"); place(net, 3, 0, 4, 3, 9, name="deconv")
with torch.no_grad():
    net.deconv3.conv2d.weight.mul_(60); net.deconv3.conv2d.bias.fill_(120)
    x = torch.from_numpy(np.fromfile(f"{folder}/photo", np.float32).reshape(1, 3, height, width))
    for i in (1, 2, 3): x = F.relu(net.get_submodule(f"in{i}")(convolve(net.get_submodule(f"conv{i}"), x)))
    for i in (1, 2):
        b = net.get_submodule(f"res{i}")
        x = x + b.in2(convolve(b.conv2, F.relu(b.in1(convolve(b.conv1, x)))))
    for i in (1, 2):
        x = F.interpolate(x, scale_factor=2, mode="nearest")
        x = F.relu(net.get_submodule(f"in{i + 3}")(convolve(net.get_submodule(f"deconv{i}"), x)))
    convolve(net.deconv3, x).numpy().tofile(f"{folder}/painted")
torch.save(net.state_dict(), f"{folder}/zip.pth")
torch.save(net.state_dict(), f"{folder}/chain.pth", _use_new_zipfile_serialization=False)`;

test('files that PyTorch writes paint what PyTorch paints', async (t) => {
  const python = findPython('torch');
  if (python === undefined) return t.skip('no Python with PyTorch; FAST_STYLE_TORCH_PYTHON can name one');
  const folder = await temporaryFolder(t);
  const paths: string[] = [];
  const run = async ({ shape, values }: PortValues): Promise<Float32Array> => {
    writeFileSync(join(folder, 'photo'), values);
    const sides = [shape[2], shape[3]].map(String);
    execFileSync(python, ['-c', PROGRAM, folder, ...sides], { stdio: 'pipe' });
    return new Float32Array(Uint8Array.from(readFileSync(join(folder, 'painted'))).buffer);
  };
  await run({ shape: [1, 3, 20, 20], values: new Float32Array(1200) });
  for (const name of ['zip.pth', 'chain.pth'])
    paths.push(await importFile(join(folder, name), { out: folder }));
  const [zip, chain] = await Promise.all(paths.map(loadCheckpoint));
  assert.deepEqual(zip!.parameters, chain!.parameters);
  await requireSame(paths[0]!, run);
});
