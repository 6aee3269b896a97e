import assert from 'node:assert/strict';
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { bfloat16Units } from '../../../src/engine/bfloat16-units.ts';
import type { Check } from '../../../src/machine/examine-machine.ts';
import { runCli } from '../../helpers/run-cli.ts';
import { runtimeManifest } from '../../helpers/runtime-manifest.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

function parse(stdout: string) {
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
  const check = (name: string) => {
    const found = checks.find((one) => one.name === name);
    assert.ok(found, `there is a check of ${name}`);
    return found;
  };
  return { ok, checks, check };
}

test('doctor --json describes a machine that works, with measured speed, and why without bf16', async (t) => {
  const { code, stdout, stderr } = await runCli(['doctor', '--json']);
  assert.equal(code, 0, stdout + stderr);
  const { ok, checks, check } = parse(stdout);
  assert.equal(ok, true);
  assert.match(String(check('TensorFlow').values?.tensorflow), /^2\.\d+\.\d+/);
  assert.match(check('device').text, /^[CG]PU/);
  const { f32GigaflopsPerSecond: f32, bf16GigaflopsPerSecond: bf16 } = check('convolution').values ?? {};
  assert.ok(Number(f32) > 0.1 && Number(f32) < 1e6, `f32 ${f32}`);
  assert.ok(bf16 === undefined || (Number(bf16) > 0.01 && Number(bf16) < 1e7), `bf16 ${bf16}`);
  assert.equal(check('npm packages').state, 'ok');
  for (const name of ['Node', 'C++ compiler', 'pip', 'ffmpeg', 'memory', 'disk', 'styles']) check(name);
  for (const { state, remedy, name } of checks) if (state === 'fault') assert.ok(remedy, name);
  const units = bfloat16Units();
  if (units.present) return t.diagnostic('this processor has units for bf16');
  // TensorFlow is not asked: oneDNN would complain.
  assert.equal(check('device').text, 'CPU');
  const said = check('convolution').text;
  assert.ok(said.includes(`the processor has no units for bf16 (${units.evidence})`), said);
  assert.equal(stderr, '');
});

test('where bf16 does not run, doctor says so or measures it, but does not fail', async () => {
  // Hides AVX-512 from oneDNN, but not from TensorFlow, which then asks it for a convolution that it does not have.
  const { code, stdout, stderr } = await runCli(['doctor'], { env: { ONEDNN_MAX_CPU_ISA: 'AVX2' } });
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^ok +convolution +\d+ GFLOP\/s in f32(; bf16 does not run here|; the processor has no units for bf16 \(.+\)|, \d+ in bf16 .*)$/m,
  );
});

test('a runtime that is not set up is a fault, with its fix', async (t) => {
  const env = { FAST_STYLE_BINDING: '', FAST_STYLE_CACHE: await temporaryFolder(t) };
  const { code, stdout, stderr } = await runCli(['doctor'], { env });
  assert.equal(code, 1);
  assert.match(stdout, /FAULT {4}TensorFlow +it is not set up .*\n +→ fast-style setup\n/);
  assert.equal(stderr, 'fast-style: Something is missing: TensorFlow; fix it with: fast-style setup\n');
  assert.doesNotMatch(stdout, /convolution/);
});

test('a truncated library is a fault', async (t) => {
  const cache = await temporaryFolder(t);
  const library = join(cache, 'tensorflow', 'libtensorflow_cc.so.2');
  await mkdir(join(cache, 'tensorflow'));
  writeFileSync(library, Buffer.alloc(100));
  const manifest = runtimeManifest({ path: 'libtensorflow_cc.so.2', bytes: 100, sha256: 'ab' });
  writeFileSync(join(cache, 'tensorflow', 'manifest.json'), JSON.stringify(manifest));
  truncateSync(library, 60);
  const env = { FAST_STYLE_BINDING: '', FAST_STYLE_CACHE: cache };
  const { code, stdout } = await runCli(['doctor', '--json'], { env });
  assert.equal(code, 1);
  const { ok, check } = parse(stdout);
  assert.equal(ok, false);
  assert.equal(check('TensorFlow').state, 'fault');
  assert.match(check('TensorFlow').text, /libtensorflow_cc\.so\.2 has 60 bytes instead of 100/);
  assert.equal(check('TensorFlow').remedy, 'fast-style setup --force');

  truncateSync(library, 100);
  const full = await runCli(['doctor', '--json', '--full'], { env });
  assert.match(
    parse(full.stdout).check('TensorFlow').text,
    /has changed: its SHA-256 is [0-9a-f]{64} instead of ab/,
  );
});

test('a linked library of CUDA that has gone is a fault, which set-up for the GPU mends', async (t) => {
  const cache = await temporaryFolder(t);
  const runtime = join(cache, 'tensorflow');
  await mkdir(join(runtime, 'cuda'), { recursive: true });
  writeFileSync(join(runtime, 'libtensorflow_cc.so.2'), Buffer.alloc(100));
  const target = join(cache, 'torch', 'libcufft.so.12');
  symlinkSync(target, join(runtime, 'cuda', 'libcufft.so.11'));
  const libraries = [{ path: 'cuda/libcufft.so.11', target, bytes: 10 }];
  const manifest = {
    ...runtimeManifest({ path: 'libtensorflow_cc.so.2', bytes: 100, sha256: 'ab' }),
    variant: 'gpu',
    cuda: { release: 13, owner: 'PyTorch 2.11.0', libraries },
  };
  writeFileSync(join(runtime, 'manifest.json'), JSON.stringify(manifest));
  const env = { FAST_STYLE_BINDING: '', FAST_STYLE_CACHE: cache };
  const { code, stdout, stderr } = await runCli(['doctor'], { env });
  assert.equal(code, 1);
  assert.ok(stdout.includes(`${target}, a library of the CUDA that it uses, is gone\n`), stdout);
  assert.match(stderr, /Something is missing: TensorFlow; fix it with: fast-style setup --gpu\n$/);
});
