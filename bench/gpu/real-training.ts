/** What of the step's speed a training has, with its data set, its crops and their way to the device. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../../src/engine/runtime/run-program.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

async function program(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram(process.execPath, [
    '--import',
    'tsx',
    at('src/cli.ts'),
    ...args,
  ]);
  if (code !== 0) throw new Error(stderr.trim().split('\n').at(-1));
  return stdout;
}

/** A row for each batch: `train --plan` measures steps of a run as it would be, pictures read and cropped. */
export async function realTrainingSection(
  batches: readonly number[],
  settings: readonly string[],
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fast-style-bench-'));
  try {
    const data = join(folder, 'data');
    await program('dataset', 'synth', '--out', data, '--count', '64');
    const rows: string[] = [];
    for (const batch of batches) {
      const output = await program(
        ...[
          'train',
          '--style',
          at('samples/harbour.jpg'),
          '--data',
          data,
          '--run',
          join(folder, `run-${batch}`),
        ],
        ...['--plan', '--json', '--batch', String(batch), '--style-weight', '7', ...settings],
      );
      const [seconds] = /(?<="secondsPerStep":)[\d.e-]+/.exec(output) ?? [];
      if (seconds === undefined) throw new Error(`train --plan measured no step: ${output.trim()}`);
      const step = Number(seconds);
      rows.push(`| ${batch} | ${(1000 * step).toFixed(1)} | ${(batch / step).toFixed(1)} |`);
    }
    return [
      `\`train --plan ${settings.join(' ')}\` with synthetic pictures, default network and loss network:`,
      '',
      '| Batch | ms a step | photos/s |',
      '|---:|---:|---:|',
      ...rows,
    ].join('\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
