import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pipArguments } from '../../../src/engine/runtime/download-wheel.ts';
import { planWheels, TENSORFLOW_VERSION } from '../../../src/engine/runtime/pinned-wheels.ts';

test('each platform with a wheel gets its own', () => {
  const planned = ['linux-x64', 'linux-arm64', 'darwin-arm64'].map((name) => planWheels('cpu', name)?.[0]);
  assert.deepEqual(
    planned.map((wheel) => [wheel?.project, wheel?.version, wheel?.platform]),
    [
      ['tensorflow-cpu', TENSORFLOW_VERSION, 'manylinux_2_27_x86_64'],
      ['tensorflow', TENSORFLOW_VERSION, 'manylinux_2_27_aarch64'],
      ['tensorflow', TENSORFLOW_VERSION, 'macosx_12_0_arm64'],
    ],
  );
  assert.equal(planWheels('cpu', 'win32-x64'), undefined);
  assert.equal(planWheels('cpu', 'darwin-x64'), undefined);
});

test('the GPU plan is TensorFlow and what CUDA 12 needs, on Linux x86-64 alone', () => {
  const [tensorflow, ...cuda] = planWheels('gpu', 'linux-x64') ?? [];
  assert.equal(tensorflow?.project, 'tensorflow');
  assert.equal(cuda.length, 12);
  assert.ok(cuda.every(({ project }) => /^nvidia-[a-z-]+-cu12$/.test(project)));
  assert.equal(planWheels('gpu', 'linux-arm64'), undefined);
  assert.equal(planWheels('gpu', 'darwin-arm64'), undefined);
});

test('every pinned wheel has a checksum and sizes', () => {
  const names = ['linux-x64', 'linux-arm64', 'darwin-arm64'];
  const wheels = names.flatMap((name) => [
    ...(planWheels('cpu', name) ?? []),
    ...(planWheels('gpu', name) ?? []),
  ]);
  assert.equal(wheels.length, 16);
  for (const wheel of wheels) {
    assert.match(wheel.sha256, /^[0-9a-f]{64}$/, wheel.project);
    assert.ok(wheel.bytes > 1e6 && wheel.unpackedBytes > 5e5, wheel.project);
  }
  assert.equal(new Set(wheels.map(({ sha256 }) => sha256)).size, wheels.length);
});

test('pip is asked for one wheel of a given platform, not its own', () => {
  const [wheel] = planWheels('cpu', 'linux-arm64') ?? [];
  assert.ok(wheel);
  const args = pipArguments(wheel, '/cache');
  assert.deepEqual(args.slice(0, 3), ['download', '--no-deps', '--only-binary=:all:']);
  for (const arg of [
    '--platform=manylinux_2_27_aarch64',
    '--python-version=3.11',
    '--abi=cp311',
    '--dest=/cache',
  ]) {
    assert.ok(args.includes(arg), arg);
  }
  assert.equal(args.at(-1), `tensorflow==${TENSORFLOW_VERSION}`);
});
