import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bfloat16Units, type MachineFacts } from '../../src/engine/bfloat16-units.ts';
import { nativeBackend } from '../../src/engine/native-backend.ts';
import { choosePrecision } from '../../src/engine/precision.ts';
import { device } from '../../src/engine/versions.ts';
import { ConfigError } from '../../src/system/errors.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const machine = (platform: NodeJS.Platform, arch: string, facts: Partial<MachineFacts> = {}) =>
  bfloat16Units({ platform, arch, cpuinfo: () => undefined, sysctl: () => undefined, ...facts });

const cpuinfo = (flags: string) => ({
  cpuinfo: () =>
    `processor\t: 0\nmodel name\t: some processor\n${flags}\nbugs\t\t: none\n\nprocessor\t: 1\n${flags}\n`,
});

test('the flags of the processor say whether it has units for bf16', () => {
  const linux = (arch: string, flags: string) => machine('linux', arch, cpuinfo(flags));
  // Zen 3; Skylake: AVX-512, but no bfloat16; Zen 4; Sapphire Rapids.
  assert.deepEqual(linux('x64', 'flags\t\t: fpu sse2 fma avx2 vaes vpclmulqdq'), {
    present: false,
    evidence: 'neither avx512_bf16 nor amx_bf16',
  });
  assert.equal(linux('x64', 'flags\t\t: fpu avx2 avx512f avx512bw avx512_fp16').present, false);
  assert.deepEqual(linux('x64', 'flags\t\t: fpu avx512f avx512_bf16 avx512_vnni'), {
    present: true,
    evidence: 'avx512_bf16',
  });
  assert.equal(linux('x64', 'flags\t\t: avx512_bf16 amx_bf16 amx_tile').evidence, 'avx512_bf16, amx_bf16');
  assert.equal(linux('arm64', 'Features\t: fp asimd i8mm bf16 dgh').present, true);
  assert.deepEqual(linux('arm64', 'Features\t: fp asimd sve'), { present: false, evidence: 'no bf16' });
  // A word in another line is no flag.
  assert.equal(linux('x64', 'flags\t\t: fpu\nbugs\t\t: amx_bf16').present, false);
  assert.equal(machine('linux', 'x64').present, false);
});

test('on macOS sysctl says so; if nothing says so, it has none', () => {
  const asked: string[] = [];
  const sysctl = (answer: string | undefined) => ({
    sysctl: (name: string) => {
      asked.push(name);
      return answer;
    },
  });
  assert.equal(machine('darwin', 'arm64', sysctl('1\n')).present, true);
  assert.equal(machine('darwin', 'arm64', sysctl('0\n')).present, false);
  assert.equal(machine('darwin', 'arm64', sysctl(undefined)).present, false);
  assert.deepEqual([...new Set(asked)], ['hw.optional.arm.FEAT_BF16']);
  assert.equal(machine('darwin', 'x64', sysctl('1')).present, false);
  assert.match(machine('win32', 'x64').evidence, /win32 x64/);
});

test('without units auto is f32, even if bf16 was remembered, and bf16 is refused', async (t) => {
  if (device() === 'GPU') return t.skip('TensorFlow computes on a GPU here');
  const cache = await temporaryFolder(t);
  const before = process.env.FAST_STYLE_CACHE;
  process.env.FAST_STYLE_CACHE = cache;
  t.after(() => {
    if (before === undefined) delete process.env.FAST_STYLE_CACHE;
    else process.env.FAST_STYLE_CACHE = before;
  });
  const name = `${cpus()[0]?.model} · ${cpus().length} · TensorFlow ${nativeBackend().binding.TF_Version}`;
  const file = join(cache, 'precision.json');
  const remembered = JSON.stringify({ [name]: 'bf16' });
  writeFileSync(file, remembered);
  const none = { present: false, evidence: 'neither avx512_bf16 nor amx_bf16' };
  const some = { present: true, evidence: 'amx_bf16' };
  // What was remembered is really what this machine reads.
  assert.equal(await choosePrecision('auto', some), 'bf16');
  assert.equal(await choosePrecision('auto', none), 'f32');
  assert.equal(readFileSync(file, 'utf8'), remembered);
  assert.equal(await choosePrecision('f32', none), 'f32');
  await assert.rejects(
    choosePrecision('bf16', none),
    (error) =>
      error instanceof ConfigError &&
      error.message ===
        'Expected a machine that computes in bf16 for --precision bf16 but received one whose processor has no units for it (neither avx512_bf16 nor amx_bf16); leave it at auto, or choose f32.',
  );
});
