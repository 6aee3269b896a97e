import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import yargs from 'yargs';
import { optimizeCommand } from '../../src/commands/optimize/command.ts';
import { readPicture } from '../../src/data/image-file.ts';
import { documentedBlocks, optionOf } from '../../tools/documented-commands.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const commands = documentedBlocks()
  .flatMap((block) => block.commands)
  .filter(([verb]) => verb === 'optimize');

test('docs/optimization.md has a command for every published recipe, warm-up, start and method', () => {
  const all = commands.map((command) => command.join(' ')).join('\n');
  const wanted = [
    ...['default', 'pytorch', 'slim', 'coursera', 'keras'].map((name) => `--recipe ${name}`),
    ...['copy', 'content:', 'style:'].map((name) => `--warm-up ${name}`),
    ...['content', 'style', 'grey', 'noise', 'blend', 'network:'].map((name) => `--start ${name}`),
    ...[
      '--method adam',
      '--decay exponential',
      '--average',
      '--free',
      '--scales',
      '--tolerance',
      '--time-limit',
      '--line-search none',
    ],
    ...['--units gatys', '--alpha', '--beta', '--statistic gram', '--pooling max', ':power'],
    ...['--style-layers', '--mask', '--style-mask', '--content-mask', '--style-scale'],
    ...['--colors photo-luminance', '--colors histogram', '--film', '--plot'],
  ];
  for (const option of wanted) assert.ok(all.includes(option), option);
  const outs = commands.map((command) => optionOf(command, 'out'));
  assert.equal(new Set(outs).size, outs.length, 'each writes its own picture');
});

test('its pictures exist, and are small', async () => {
  const text = await readFile(join(docs, 'optimization.md'), 'utf8');
  const pictures = [...text.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path]) => path!);
  assert.ok(pictures.length >= 8);
  for (const picture of pictures) {
    const { size } = await stat(join(docs, picture));
    assert.ok(size <= 62_000, `${picture}: ${size} bytes`);
  }
});

test('every command of it runs, at a smaller size and with fewer iterations', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  for (const [i, name] of ['photo.jpg', 'wave.jpg', 'night.jpg', 'left.png', 'right.png'].entries())
    await drawnPhoto(at(name), 44, 36, { seed: i, format: name.endsWith('png') ? 'png' : 'jpeg' });
  const lossNetwork = await writeTinyLossNetwork(at('vgg.safetensors'));
  const style = await writeTinyCheckpoint(at('tiny.safetensors'));
  const stdout = process.stdout.write.bind(process.stdout);
  for (const command of commands) {
    const smaller = shortened(command).map((word) => {
      if (word === 'network:great-wave') return `network:${style}`;
      return /^[\w-]+\.(jpg|png|svg|gif)(:[\d.]+)?$/.test(word) ? at(word) : word;
    });
    const args = [...smaller, '--size', '96', '--iterations', '3', '--lossNetwork', lossNetwork];
    // What the command prints would be in the test's report.
    process.stdout.write = () => true;
    try {
      await yargs(args).command(optimizeCommand).strict().exitProcess(false).fail(false).parseAsync();
    } finally {
      process.stdout.write = stdout;
    }
    for (const option of ['out', 'film', 'plot']) {
      const path = optionOf(command, option);
      if (path !== undefined) assert.ok(existsSync(at(path)), command.join(' '));
    }
    const { width, height } = await readPicture(at(optionOf(command, 'out')!));
    assert.deepEqual([width, height], [96, 79], command.join(' '));
  }
});

/** Without the options that decide how long it takes. */
function shortened(command: readonly string[]): string[] {
  return command.filter((word, i) => {
    const slow = /^--(size|iterations|time-limit)$/;
    return !slow.test(word) && !slow.test(command[i - 1] ?? '');
  });
}
