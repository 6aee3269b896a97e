/** A fraction as ffmpeg has them: rates, time bases, pixel aspects. */
export interface Rational {
  readonly num: number;
  readonly den: number;
}

/** `30000/1001` or `4:3`; undefined where it is no fraction of positive numbers. */
export function parseRational(text: string | undefined): Rational | undefined {
  const [, num = 0, den = 0] = (/^(\d+)[/:](\d+)$/.exec(text ?? '') ?? []).map(Number);
  return num > 0 && den > 0 ? { num, den } : undefined;
}

export const showRational = ({ num, den }: Rational): string => `${num}/${den}`;

export const quotient = ({ num, den }: Rational): number => num / den;

/** Ticks of a time base in nanoseconds, rounded to the nearest. */
export function toNanoseconds(ticks: bigint, { num, den }: Rational): bigint {
  const product = ticks * BigInt(num) * 2_000_000_000n;
  return (product / BigInt(den) + 1n) / 2n;
}
