/**
 * Measures how much memory training takes over a grid of settings, each in a process of its own, and fits the model of
 * src/train/plan/memory-model.ts. `node --import tsx bench/training-memory.ts results.jsonl` measures what the file lacks,
 * then prints the coefficients and how far each point is off.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FULL_WIDTH, HALF_WIDTH } from '../src/networks/architecture.ts';
import type { MemoryFeatures } from '../src/train/plan/memory-model.ts';
import { jsonLines } from './json-lines.ts';

export interface MemoryPoint {
  readonly imageSize: number;
  readonly batch: number;
  readonly styleSize: number;
  readonly vggWidths: readonly number[];
  readonly architecture: string;
  readonly precision: 'f32' | 'bf16';
  readonly steps: number;
  readonly stabilityWeight?: number;
}

const QUARTER = [16, 32, 64, 128, 128];
const FULL = [64, 128, 256, 512, 512];
const point = (
  imageSize: number,
  batch: number,
  vggWidths: readonly number[],
  architecture: string,
  styleSize: number,
  precision: 'f32' | 'bf16' = 'f32',
): MemoryPoint => ({ imageSize, batch, vggWidths, architecture, styleSize, precision, steps: 6 });

const NARROW = 'c9s1-8,d16,d32,R32x5,u16,u8,c9s1-3';
const GRID: readonly MemoryPoint[] = (['f32', 'bf16'] as const).flatMap((precision) => [
  ...[128, 256, 384].flatMap((size) =>
    [1, 2, 4, 8].map((batch) => point(size, batch, QUARTER, HALF_WIDTH, 256, precision)),
  ),
  ...[128, 256].flatMap((size) =>
    [1, 4].map((batch) => point(size, batch, QUARTER, FULL_WIDTH, 256, precision)),
  ),
  ...[1, 4].map((batch) => point(256, batch, QUARTER, NARROW, 256, precision)),
  ...[128, 256].flatMap((size) =>
    [1, 4].map((batch) => point(size, batch, FULL, HALF_WIDTH, 256, precision)),
  ),
  ...[1, 2].map((batch) => point(256, batch, FULL, FULL_WIDTH, 256, precision)),
  point(512, 1, QUARTER, HALF_WIDTH, 256, precision),
  point(512, 2, QUARTER, HALF_WIDTH, 256, precision),
  ...[128, 256].flatMap((size) =>
    [1, 4].map((batch) => ({
      ...point(size, batch, QUARTER, HALF_WIDTH, 256, precision),
      stabilityWeight: 10,
    })),
  ),
  ...(precision === 'f32' ? [512, 768, 1536] : []).map((style) => point(128, 1, QUARTER, HALF_WIDTH, style)),
  ...(precision === 'f32' ? [512, 768, 1024] : []).map((style) => point(128, 1, FULL, HALF_WIDTH, style)),
  ...(precision === 'f32' ? [768, 1024] : []).map((style) => point(256, 1, FULL, HALF_WIDTH, style)),
]);

const file = process.argv[2] ?? 'training-memory.jsonl';
const keyOf = ({ imageSize, batch, styleSize, vggWidths, architecture, precision, ...rest }: MemoryPoint) =>
  JSON.stringify([
    imageSize,
    batch,
    styleSize,
    vggWidths,
    architecture,
    precision,
    rest.stabilityWeight ?? 0,
  ]);
/** A point as its process has measured it, in bytes. */
type Measured = MemoryPoint & MemoryFeatures & { readonly created: number; readonly stepped: number };

const read = (): Measured[] => jsonLines<Measured>(file);

/** What memory is a sum of; coefficients are not negative. */
const TERMS: Readonly<Record<string, (of: MemoryFeatures) => number>> = {
  base: () => 1e6,
  transform: (of) => of.transform,
  loss: (of) => of.loss,
  style: (of) => of.style,
  weights: (of) => of.weights,
  state: (of) => of.state,
  painting: (of) => 1e6 * of.paintings,
  transformBatch: (of) => of.transform * of.batch,
  lossBatch: (of) => of.loss * of.batch,
  weightsBatch: (of) => of.weights * of.batch,
};

/**
 * Least squares of relative errors under coefficients ≥ 0, by coordinate descent.
 *
 * @param rows each point's terms, as shares of what was measured there.
 */
export function leastSquares(rows: readonly (readonly number[])[]): number[] {
  const coefficients = rows[0]!.map(() => 0);
  for (let round = 0; round < 100_000; round++) {
    coefficients.forEach((old, j) => {
      let [up, down] = [0, 0];
      for (const row of rows) {
        const rest = 1 - row.reduce((sum, value, k) => sum + value * coefficients[k]!, 0) + row[j]! * old;
        up += row[j]! * rest;
        down += row[j]! ** 2;
      }
      coefficients[j] = Math.max(0, up / down);
    });
  }
  return coefficients;
}

function report(points: readonly Measured[]): void {
  const rows = points.map((one) => Object.values(TERMS).map((term) => term(one) / one.stepped));
  const coefficients = leastSquares(rows);
  const said = Object.keys(TERMS).map((name, j) => `${name} ${coefficients[j]!.toPrecision(3)}`);
  process.stdout.write(`${said.join(', ')}\n`);
  for (const one of points) {
    const estimate = Object.values(TERMS).reduce((sum, term, j) => sum + coefficients[j]! * term(one), 0);
    const off = 100 * (estimate / one.stepped - 1);
    const { precision, architecture, vggWidths, imageSize, batch, styleSize } = one;
    const steady = one.stabilityWeight === undefined ? '' : ', stability';
    const of = `${precision} ${architecture.split(',')[0]} VGG ${vggWidths[0]} ${imageSize} px × ${batch}, painting ${styleSize}${steady}`;
    process.stdout.write(
      `${of}: ${(one.stepped / 1e6).toFixed(0)} MB, estimate ${off > 0 ? '+' : ''}${off.toFixed(0)} %\n`,
    );
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const known = new Set(read().map(keyOf));
  const child = fileURLToPath(new URL('training-memory-process.ts', import.meta.url));
  const missing = process.argv.includes('--fit') ? [] : GRID.filter((each) => !known.has(keyOf(each)));
  for (const one of missing) {
    const words = ['--import', 'tsx', child, JSON.stringify(one)];
    appendFileSync(file, execFileSync(process.execPath, words, { encoding: 'utf8' }));
  }
  report(read());
}
