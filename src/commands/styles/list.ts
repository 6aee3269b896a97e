/** The available styles, as `styles` lists them. */
import type { ListedStyle } from '../../infer/list-styles.ts';
import { printableLine } from '../../system/printable.ts';

/** Name, painting, painter, licence and file of each: in columns for a reader, between tabs for a program. */
export function styleTable(styles: readonly ListedStyle[], isTerminal: boolean): string {
  const rows = styles.map(({ name, style, path }) => {
    const { title, file = '', author = '', licence = '' } = style;
    return [name, title ?? file, author, licence, path].map(printableLine);
  });
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(0, ...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    isTerminal
      ? row
          .map((text, i) => text.padEnd(widths[i]!))
          .join('  ')
          .trimEnd()
      : row.join('\t');
  return rows.map((row) => `${line(row)}\n`).join('');
}
