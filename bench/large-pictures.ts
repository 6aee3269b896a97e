/**
 * Memory and time of painting large pictures, each by the command line in a process of its own:
 * `node --import tsx bench/large-pictures.ts [--quick] [--only 3840x2160] [--write docs/large-pictures.md]`. Prints a table;
 * with `--write` it replaces the file's section of measurements.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readPicture } from '../src/data/image-file.ts';
import { StreamedWriter } from '../src/data/photo/streamed-photo.ts';
import { photoFormat } from '../src/data/picture-format.ts';
import { random } from '../src/data/random.ts';
import { FULL_WIDTH, parseArchitecture } from '../src/networks/architecture.ts';
import { saveCheckpoint } from '../src/networks/checkpoint.ts';
import { transformNetParameters } from '../src/networks/transform-net-parameters.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Run {
  readonly size: string;
  readonly network: 'half' | 'full';
  readonly options: readonly string[];
}

const inOnePiece = ['--tiles', 'off'];
const RUNS: readonly Run[] = (['half', 'full'] as const).flatMap((network) => [
  { size: '3840x2160', network, options: inOnePiece },
  { size: '3840x2160', network, options: ['--tiles', 'exact', '--memory', '1GB'] },
  { size: '3840x2160', network, options: ['--tiles', 'exact', '--memory', '800MB'] },
  { size: '7680x4320', network, options: ['--memory', '1.5GB'] },
  { size: '10000x10000', network, options: ['--memory', '2GB'] },
  { size: '10000x10000', network, options: ['--memory', '1GB'] },
]);
const QUICK: readonly Run[] = [
  { size: '1920x1080', network: 'half', options: inOnePiece },
  { size: '1920x1080', network: 'half', options: ['--tiles', 'exact', '--memory', '1GB'] },
];

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, write: { type: 'string' } },
});

/** A sample enlarged by repetition of its mirror image: no flat areas, any size, made row by row. */
async function makePicture(path: string, size: string): Promise<void> {
  const [width, height] = size.split('x').map(Number) as [number, number];
  const { pixels, width: w, height: h } = await readPicture(join(root, 'samples/valley.jpg'));
  const mirrored = (at: number, side: number) =>
    Math.floor(at / side) % 2 === 0 ? at % side : side - 1 - (at % side);
  const writer = new StreamedWriter({ width, height });
  const row = new Uint8Array(width * 3);
  for (let y = 0; y < height; y++) {
    const source = mirrored(y, h) * w;
    for (let x = 0; x < width; x++) {
      const from = (source + mirrored(x, w)) * 3;
      row.set(pixels.subarray(from, from + 3), x * 3);
    }
    writer.write(row);
  }
  await writer.encode(path, { format: photoFormat(path), depth: 8 });
  writer.close();
}

async function writeFullWidth(path: string): Promise<void> {
  const next = random(1);
  const parameters = transformNetParameters(parseArchitecture(FULL_WIDTH)).map(
    ({ name, shape, mean, deviation }) => ({
      name,
      shape,
      values: Float32Array.from(
        { length: shape.reduce((product, side) => product * side, 1) },
        () => mean + (next() * 2 - 1) * (deviation || 0.3),
      ),
    }),
  );
  const description = { architecture: FULL_WIDTH, name: 'drawn', style: {}, training: {}, lossNetwork: {} };
  await saveCheckpoint(path, { ...description, steps: 0, images: 0, losses: {}, software: {} }, parameters);
}

/** Largest resident size in bytes and processor time in seconds of a process so far, as Linux keeps them. */
function usageOf(pid: number): { readonly peak: number; readonly cpu: number } {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    // After the name in brackets; in hundredths of a second.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return { peak: Number(peak ?? 0) * 1024, cpu: (Number(stat[11]) + Number(stat[12])) / 100 };
  } catch {
    return { peak: 0, cpu: 0 };
  }
}

interface Measured {
  readonly seconds: number;
  readonly peak: number;
  readonly cpu: number;
  readonly estimate: string;
  readonly plan: string;
}

function paint(photo: string, style: string, out: string, options: readonly string[]): Promise<Measured> {
  const cli = join(root, 'src/cli.ts');
  const args = ['stylize', photo, '-s', style, '-o', out, '--overwrite', ...options];
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), cli, ...args]);
  let [peak, cpu, text] = [0, 0, ''];
  const watch = setInterval(() => {
    const now = usageOf(child.pid!);
    [peak, cpu] = [Math.max(peak, now.peak), Math.max(cpu, now.cpu)];
  }, 20);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part) => {
      text += part;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      clearInterval(watch);
      if (code !== 0) return reject(new Error(text));
      const [, plan = 'in one piece', estimate = ''] =
        /(in [^:]*): about ([\d.]+ [GM]B) of memory/.exec(text) ?? [];
      resolve({ seconds: (performance.now() - started) / 1000, peak, cpu, estimate, plan });
    });
  });
}

/** Largest difference of two pictures in grey levels, and the share of values that differ. */
async function difference(one: string, other: string): Promise<string> {
  const [a, b] = await Promise.all([readPicture(one), readPicture(other)]);
  let [most, count] = [0, 0];
  a.pixels.forEach((value, i) => {
    const far = Math.abs(value - b.pixels[i]!);
    most = Math.max(most, far);
    if (far > 0) count++;
  });
  return `${most} (${((100 * count) / a.pixels.length).toFixed(2)} %)`;
}

const folder = await mkdtemp(join(tmpdir(), 'fast-style-large-'));
const lines = [
  '| Picture | Network | Options | Plan | Estimate | Peak | Seconds | CPU seconds | Differs by |',
  '|---|---|---|---|---:|---:|---:|---:|---:|',
];
try {
  const styles = { half: 'great-wave', full: join(folder, 'drawn.safetensors') };
  await writeFullWidth(styles.full);
  const runs = (values.quick ? QUICK : RUNS).filter(
    ({ size, network }) => values.only === undefined || `${network}-${size}`.includes(values.only),
  );
  process.stdout.write(`${lines.join('\n')}\n`);
  for (const { size, network, options } of runs) {
    const photo = join(folder, `${size}.jpg`);
    await makePicture(photo, size).catch((error: Error) => {
      if (!/exists already/.test(error.message)) throw error;
    });
    const isWhole = options === inOnePiece;
    const whole = join(folder, `${network}-${size}-whole.png`);
    const out = isWhole ? whole : join(folder, 'bands.png');
    const { seconds, peak, cpu, estimate, plan } = await paint(photo, styles[network], out, options);
    const compared = isWhole ? '' : await difference(out, whole).catch(() => 'not compared');
    const line = `| ${size.replace('x', '×')} | ${network} width | \`${options.join(' ')}\` | ${plan} | ${estimate} | ${(peak / 1e6).toFixed(0)} MB | ${seconds.toFixed(1)} | ${cpu.toFixed(1)} | ${compared} |`;
    lines.push(line);
    process.stdout.write(`${line}\n`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
if (values.write !== undefined) {
  const machine = `${cpus()[0]?.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const date = new Date().toISOString().slice(0, 10);
  const [start, end] = ['<!-- measured -->', '<!-- /measured -->'];
  const text = await readFile(values.write, 'utf8');
  const before = text.slice(0, text.indexOf(start) + start.length);
  const after = text.slice(text.indexOf(end));
  await writeFile(values.write, `${before}\n${date}, ${machine}.\n\n${lines.join('\n')}\n${after}`);
}
