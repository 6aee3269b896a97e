/** What `styles check` prints. */
import type { JudgedStyle, StyleCheck } from '../../judge/check-call.ts';
import type { Measure } from '../../quality/faults.ts';
import type { Steadiness } from '../../quality/steadiness.ts';

/** The figures as text: those with limits, what a loss network says, and how the style behaves in a film. */
export function checkTable({ measures, judged, steadiness }: StyleCheck): string {
  return `${table(measures)}\n${judged ? `${judgedTable(judged)}\n` : ''}${steadinessTable(steadiness)}`;
}

function table(measures: readonly Measure[]): string {
  const rows = measures.map(({ name, value, sense, limit, unit, ok }) => [
    ok ? 'ok' : 'FAULT',
    name,
    value.toFixed(4),
    `${sense} ${Number(limit.toPrecision(4))}`,
    unit,
  ]);
  return aligned(rows);
}

/** How the style behaves in a film: figures to compare styles by, without limits. */
function steadinessTable({ texture, changes }: Steadiness): string {
  const rows = changes.map(({ name, rms, relative }) => [
    '  ',
    name,
    rms.toFixed(2),
    'grey levels',
    `${relative.toFixed(3)} of texture`,
  ]);
  return `Steadiness in film: what does not follow a change (texture ${texture.toFixed(1)} grey levels; no limits)\n${aligned(rows)}`;
}

function judgedTable(judged: JudgedStyle): string {
  return judgedTitle(judged) + aligned(judgedRows(judged));
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Lines about a loss network's figures: all where none has a limit, otherwise the one that has none. */
function judgedRows({
  strokes,
  photoKept,
  contentLost,
  limits,
}: JudgedStyle): readonly (readonly string[])[] {
  const withLimits = [
    ['  ', 'strokes', strokes.toFixed(4), "× photos'"],
    ['  ', 'photo kept', photoKept.toFixed(4), 'correlation'],
  ];
  return [...(limits ? [] : withLimits), ['  ', 'content lost', contentLost.toFixed(4), 'share']];
}

function judgedTitle({ lossNetwork, photos, shortSide, limits }: JudgedStyle): string {
  const without = limits
    ? 'no limit'
    : 'no limits: the loss network is narrower than those they were found with';
  return `By ${lossNetwork.source}, medians over ${photos} photos of ${shortSide} px (${without})\n`;
}
