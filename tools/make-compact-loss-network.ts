/**
 * Makes weights/compact.safetensors in one go (docs/compact-loss-network.md): a first student, styles trained with it, whose
 * pictures show where it is wrong, and the student taught on with those. Half an hour; what is there already in the folder is kept.
 *
 *   node --import tsx tools/make-compact-loss-network.ts --teacher <name or file> --data <data set> --held-out <data set>
 *     --painting <picture> [--painting …] --folder <for what comes in between> --out <file>
 *
 * Further options: --first, --style-steps, --second: steps of the three stages; --size of crops, px; --batch and --pictures of the distillation.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { basename, join, parse, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ConfigError, expected } from '../src/system/errors.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{ teacher: text, data: text, 'held-out': text, folder: text, out: text },
    painting: { type: 'string', multiple: true },
    first: { ...text, default: '240' },
    'style-steps': { ...text, default: '300' },
    second: { ...text, default: '120' },
    size: { ...text, default: '96' },
    batch: { ...text, default: '8' },
    pictures: { ...text, default: '90' },
  },
});
const needed = (name: 'teacher' | 'data' | 'held-out' | 'folder' | 'out'): string => {
  const value = values[name];
  if (value === undefined) throw new ConfigError(expected(`--${name}`, 'none'));
  return value;
};
const paintings = (values.painting ?? []).map((path) => resolve(path));
if (paintings.length === 0) throw new ConfigError(expected('--painting', 'none'));
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(needed('folder'));
const at = (name: string) => join(folder, name);
const run = (program: string, words: readonly string[]) =>
  execFileSync(process.execPath, ['--import', 'tsx', join(root, program), ...words], {
    cwd: root,
    stdio: 'inherit',
  });
const option = (name: string, all: readonly string[]) => all.flatMap((value) => [`--${name}`, value]);

await mkdir(at('paintings'), { recursive: true });
for (const path of paintings) await copyFile(path, join(at('paintings'), basename(path)));
const shipped = (await readdir(join(root, 'checkpoints'))).filter((file) => file.endsWith('.safetensors'));
const [data, size] = [resolve(needed('data')), values.size];
const distil = (out: string, words: readonly string[]) =>
  run('tools/distill-loss-network.ts', [
    ...['--teacher', needed('teacher'), '--data', data, '--held-out', resolve(needed('held-out'))],
    ...option(
      'styles',
      shipped.map((file) => join(root, 'checkpoints', file)),
    ),
    ...['--paintings', at('paintings'), '--size', size, '--batch', values.batch],
    ...['--pictures', values.pictures, '--out', out, ...words],
  ]);

const student = at('first.safetensors');
if (!existsSync(student)) distil(student, ['--steps', values.first]);

const styles = paintings.map((path) => join(at('styles'), `${parse(path).name}.safetensors`));
for (const [i, path] of paintings.entries()) {
  if (existsSync(styles[i]!)) continue;
  run('src/cli.ts', [
    ...['train', '--style', path, '--data', data, '--loss-network', student],
    ...['--steps', values['style-steps'], '--image-size', size, '--style-size', '512', '--style-weight', '4'],
    ...['--learning-rate', '2e-3', '--warmup', '50', '--averaging', '0.98', '--preview-every', '0'],
    ...['--out', at('styles'), '--run', at(`runs/${parse(path).name}`), '--overwrite'],
  ]);
}
distil(resolve(needed('out')), [
  ...['--from', student, '--rate', '0.0001', '--steps', values.second],
  ...option('own', styles),
]);
