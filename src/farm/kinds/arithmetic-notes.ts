/**
 * What there is to know of what several tasks have computed: other processors and numbers of threads round other sums.
 *
 * @param each what the bits of a task's sums depend on (`arithmeticOf`).
 */
export function arithmeticNotes(each: readonly string[]): readonly string[] {
  const kinds = [...new Set(each)].sort();
  if (kinds.length === 1) return [`Computed in ${kinds[0]}.`];
  return [
    `Computed on processors, or with numbers of threads, that may differ in the last bits (${kinds.join('; ')}): one alone may make other bytes.`,
  ];
}
