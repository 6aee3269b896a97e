/**
 * What convolutions in whole numbers of 8 bits gain, and what the eye sees of them: a style in ONNX Runtime, in f32 and with its
 * convolutions quantised (a scale for each channel of the weights, and for each layer's input as calibration photos have it), in turns on
 * the same photos. Prints a table and writes <out>/<method>.png: f32 on the left, int8 on the right. Installs the peers if they are not there.
 *
 *   node --import tsx bench/int8.ts --photos <folder> --calibration <folder> --out <folder> [--style great-wave] [--count 6]
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readPicture, resizePicture, writePicture } from '../src/data/image-file.ts';
import { isPhotoName } from '../src/data/photo-files.ts';
import { runProgram } from '../src/engine/runtime/run-program.ts';
import { exportStyle } from '../src/index.ts';
import { pythonEnvironment } from './python-environment.ts';

const [WIDTH, HEIGHT] = [512, 384];
const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{ photos: text, calibration: text, out: text },
    style: { ...text, default: 'great-wave' },
    count: { ...text, default: '6' },
  },
});
const { photos, calibration, out, style } = values;
if (!photos || !calibration || !out) throw new Error('Expected --photos, --calibration and --out.');
const peers = await pythonEnvironment((line) => console.error(line));
if ('missing' in peers) throw new Error(peers.missing);

const folder = await mkdtemp(join(tmpdir(), 'fast-style-int8-'));
try {
  await writeFile(join(folder, 'style.onnx'), await exportStyle(style));
  for (const [name, from, count] of [
    ['photos', photos, Number(values.count)],
    ['calibration', calibration, 12],
  ] as const) {
    const files = (await readdir(from)).filter(isPhotoName).sort();
    const pixels = [];
    for (const file of files.slice(0, count))
      pixels.push((await resizePicture(await readPicture(join(from, file)), WIDTH, HEIGHT)).pixels);
    await writeFile(join(folder, name), Buffer.concat(pixels));
  }
  const script = fileURLToPath(new URL('peers/int8.py', import.meta.url));
  const { code, stdout, stderr } = await runProgram(peers.python, [script, folder, `${WIDTH}`, `${HEIGHT}`]);
  if (code !== 0) throw new Error(stderr);
  process.stdout.write(stdout);
  await mkdir(out, { recursive: true });
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.raw'))) {
    const picture = { pixels: await readFile(join(folder, file)), width: 2 * WIDTH, height: HEIGHT };
    await writePicture(join(out, file.replace('.raw', '.png')), picture, { overwrite: true });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
