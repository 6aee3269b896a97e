/**
 * Names in the order in which people count: `f_2.png` before `f_10.png`. What is no number goes by code unit, so that every machine
 * has the same order. For `sort`.
 */
export function naturalOrder(a: string, b: string): number {
  const [first, second] = [parts(a), parts(b)];
  for (let i = 0; i < Math.min(first.length, second.length); i++) {
    const [one, other] = [first[i]!, second[i]!];
    const difference = isNumber(one) && isNumber(other) ? byValue(one, other) : byCode(one, other);
    if (difference !== 0) return difference;
  }
  // Of one value `01` comes before `1`, as by code.
  return first.length - second.length || byCode(a, b);
}

const parts = (name: string): string[] => name.match(/\d+|\D+/g) ?? [];
const isNumber = (part: string): boolean => /^\d/.test(part);
const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Of any number of digits. */
function byValue(a: string, b: string): number {
  const [one, other] = [a, b].map((digits) => digits.replace(/^0+(?=\d)/, '')) as [string, string];
  return one.length - other.length || byCode(one, other);
}
