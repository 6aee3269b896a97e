/** The name that somebody meant who mistyped it. */

/**
 * Insertions, deletions, replacements and swaps of neighbours that turn one word into another (optimal string alignment,
 * Damerau 1964; Wagner and Fischer 1974).
 */
export function editDistance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const above = rows[i - 1]!;
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swapped = isSwap ? rows[i - 2]![j - 2]! + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + cost, swapped));
    }
    rows.push(row);
  }
  return rows[from.length]![to.length]!;
}

/** The nearest of the names, of several equally near the first; undefined where none is near enough to be meant. */
export function nearestName(typed: string, names: Iterable<string>): string | undefined {
  // A third of the letters: `stlye` is style, and nothing of three letters is anything of another three.
  const most = Math.floor(Math.min(typed.length, 40) / 3);
  let nearest: { readonly name: string; readonly distance: number } | undefined;
  for (const name of names) {
    if (Math.abs(name.length - typed.length) > most) continue;
    const distance = editDistance(typed.toLowerCase(), name.toLowerCase());
    if (distance <= most && distance < (nearest?.distance ?? Number.POSITIVE_INFINITY))
      nearest = { name, distance };
  }
  return nearest?.name;
}
