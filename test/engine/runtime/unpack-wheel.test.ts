import assert from 'node:assert/strict';
import { existsSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { planWheels } from '../../../src/engine/runtime/pinned-wheels.ts';
import {
  isNeeded,
  projectsOfExtra,
  requireExtrasPlanned,
  unpackedFiles,
  unpackWheel,
} from '../../../src/engine/runtime/unpack-wheel.ts';
import { sharedFolder } from '../../helpers/temporary-folder.ts';
import { writeZipFile } from '../../helpers/zip-file.ts';

const METADATA = `Metadata-Version: 2.4
Name: tensorflow
Requires-Dist: absl-py>=1.0.0
Provides-Extra: and-cuda
Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"
Requires-Dist: nvidia-nccl-cu12<3.0,>=2.27.7; extra == 'and-cuda'
Requires-Dist: tensorflow-io-gcs-filesystem>=0.23.1; (sys_platform != "win32") and extra == "gcs-filesystem"
`;

const folder = sharedFolder();

const wheels = planWheels('gpu', 'linux-x64') ?? [];
const wheel = wheels[0];
assert.ok(wheel);

test('takes libraries and headers, and nothing else of 15,000 files', () => {
  for (const name of [
    'tensorflow/libtensorflow_cc.so.2',
    'tensorflow/libtensorflow_framework.2.dylib',
    'tensorflow/include/tensorflow/c/eager/c_api.h',
    'tensorflow/include/tsl/platform/ctstring_internal.h',
    'nvidia/cudnn/lib/libcudnn.so.9',
    'nvidia/cuda_nvcc/bin/ptxas',
    'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc',
  ]) {
    assert.equal(isNeeded(name), true, name);
  }
  for (const name of [
    'tensorflow/python/_pywrap_tfe.so',
    'tensorflow/include/external/llvm-project/mlir/x.h',
    'tensorflow/compiler/tf2xla/ops/_xla_ops.so',
    'nvidia/cublas/include/cublas.h',
    'nvidia/cuda_nvcc/bin/',
  ]) {
    assert.equal(isNeeded(name), false, name);
  }
});

test('trusts unpacked files only if complete and stamped', async () => {
  const path = join(folder, 'tensorflow.whl');
  writeZipFile(path, [
    { name: 'tensorflow/libtensorflow_cc.so.2', content: 'library '.repeat(1000) },
    { name: 'tensorflow/include/tensorflow/c/c_api.h', content: '#pragma once\n' },
    { name: 'tensorflow/python/module.py', content: 'pass\n' },
  ]);
  const site = join(folder, 'site');
  assert.equal(unpackedFiles(wheel, site), undefined);
  const seen: number[][] = [];
  const files = await unpackWheel(path, wheel, site, (...bytes) => seen.push(bytes));
  assert.deepEqual(seen.at(-1), [8013, 8013]);
  assert.deepEqual(unpackedFiles(wheel, site), files);
  assert.equal(existsSync(join(site, 'tensorflow/python')), false);
  assert.equal(unpackedFiles({ ...wheel, sha256: '0'.repeat(64) }, site), undefined, 'another pinned wheel');

  truncateSync(join(site, 'tensorflow/libtensorflow_cc.so.2'), 10);
  assert.equal(unpackedFiles(wheel, site), undefined, 'a cut library');
  await unpackWheel(path, wheel, site);
  assert.deepEqual(unpackedFiles(wheel, site), files);
  rmSync(join(site, 'tensorflow/include'), { recursive: true });
  assert.equal(unpackedFiles(wheel, site), undefined, 'a missing header');
});

test('reads the projects of an extra from the metadata', () => {
  assert.deepEqual(projectsOfExtra(METADATA, 'and-cuda'), ['nvidia-cublas-cu12', 'nvidia-nccl-cu12']);
  assert.deepEqual(projectsOfExtra(METADATA, 'gcs-filesystem'), ['tensorflow-io-gcs-filesystem']);
  assert.deepEqual(projectsOfExtra(METADATA, 'none'), []);
});

test('refuses a wheel whose extra names what is not pinned', async () => {
  const path = join(folder, 'metadata.whl');
  writeZipFile(path, [{ name: 'tensorflow-2.21.0.dist-info/METADATA', content: METADATA }]);
  await requireExtrasPlanned(path, wheels);
  const without = wheels.filter(({ project }) => project !== 'nvidia-nccl-cu12');
  await assert.rejects(
    requireExtrasPlanned(path, without),
    /needs nvidia-nccl-cu12, which this release does not pin/,
  );
});
