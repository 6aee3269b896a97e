import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { bfloat16Units } from '../../../src/engine/bfloat16-units.ts';
import { expectUserError, runCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';

test('bf16 on a machine that cannot compute in it gets one line that says what to do', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const photo = await drawnPhoto(join(folder, 'photo.jpg'), 40, 30, { format: 'jpeg' });
  // Hides AVX-512 from oneDNN, so that it has no bf16 convolution.
  const env = { ONEDNN_MAX_CPU_ISA: 'AVX2' };
  const probe = `const { convolvesInBfloat16 } = await import(${JSON.stringify(
    new URL('../../../src/engine/measure-convolution.ts', import.meta.url).href,
  )}); console.log(convolvesInBfloat16());`;
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', probe];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  if (stdout.trim() !== 'false' && bfloat16Units().present)
    return t.skip('bf16 cannot be hidden on this machine');
  const paint = (precision: string) =>
    runCli(
      ['stylize', photo, '--style', style, '--out', join(folder, 'painted.png'), '--precision', precision],
      { env },
    );
  expectUserError(
    await paint('bf16'),
    /Expected a machine that computes in bf16 for --precision bf16 but received one (that cannot|whose processor has no units for it \(.+\)); leave it at auto/,
    2,
  );
  assert.deepEqual((await readdir(folder)).sort(), ['noise.safetensors', 'photo.jpg']);
  assert.equal((await paint('f32')).code, 0);
});
