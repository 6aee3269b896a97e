/** What `flicker` prints. */
import type { FlickerReport, MeasuredFilm } from '../../judge/flicker-call.ts';

/** The figures as text: first of the film's own motion, as estimated, then of motion known exactly. */
export function flickerTable({ video, style, width, height, frames, cuts, films }: FlickerReport): string {
  const scenes = cuts === 0 ? 'one scene' : `${cuts + 1} scenes`;
  const of = style === undefined ? '' : `, painted in ${style}`;
  const head = `${video}: ${frames} frames of ${width}×${height}, ${scenes}${of}\n`;
  const painted = films.slice(1);
  const plain = painted.find(({ name }) => name === 'off');
  const real = [
    ['', 'e_stab', 'of plain', 'long range', 'of plain', 'still', 'brightness', 'texture'],
    ...films.map((one) => [
      one.name,
      one.short.toFixed(4),
      share(one, plain, 'short'),
      one.long.toFixed(4),
      share(one, plain, 'long'),
      one.still.toFixed(2),
      one.brightness.toFixed(3),
      one.texture.toFixed(1),
    ]),
  ];
  const text = `${head}\n${aligned(real)}`;
  const exact = painted.filter((one) => one.exact !== undefined);
  if (exact.length === 0) return text;
  const names = exact[0]!.exact!.map(({ name }) => name);
  const rows = [
    ['', ...names],
    ...exact.map((one) => [
      one.name,
      ...one.exact!.map(({ rms, amplification }) =>
        amplification === undefined ? rms.toFixed(2) : `${rms.toFixed(2)} (×${amplification.toFixed(2)})`,
      ),
    ]),
  ];
  return `${text}\nMotion of the first frame known exactly: what does not follow it, grey levels\n${aligned(rows)}`;
}

function share(one: MeasuredFilm, plain: MeasuredFilm | undefined, pair: 'short' | 'long'): string {
  if (plain === undefined || one.name === 'film' || plain[pair] === 0) return '';
  return `${Math.round((100 * one[pair]) / plain[pair])} %`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}
