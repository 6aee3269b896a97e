/** Where an axis has its marks, and how they are written. */

export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Round numbers (1, 2 or 5 times a power of ten) from `least` to `most`, about `count` of them. */
export function linearTicks(least: number, most: number, count = 6): Tick[] {
  if (!(most > least)) return [{ value: least, label: formatNumber(least) }];
  const rough = (most - least) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const ticks: Tick[] = [];
  for (let i = Math.ceil(least / step - 1e-9); i * step <= most + step * 1e-9; i++) {
    const value = Number((i * step).toPrecision(12));
    ticks.push({ value, label: formatNumber(value) });
  }
  return ticks;
}

/** Powers of ten from `least` to `most`; where they are few, 2 and 5 times them as well; where many, every n-th. */
export function logTicks(least: number, most: number, count = 8): Tick[] {
  const [from, to] = [Math.floor(Math.log10(least) + 1e-9), Math.ceil(Math.log10(most) - 1e-9)];
  const decades = Math.log10(most / least);
  const factors = decades < 1 ? [1, 1.5, 2, 3, 5, 7] : decades < 3 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / count));
  const ticks: Tick[] = [];
  for (let power = from; power <= to; power++) {
    if (power % every !== 0) continue;
    for (const factor of factors) {
      const value = Number((factor * 10 ** power).toPrecision(12));
      if (value >= least * (1 - 1e-9) && value <= most * (1 + 1e-9))
        ticks.push({ value, label: formatNumber(value) });
    }
  }
  return ticks;
}

/** Plain from 0.001 to below 100,000, otherwise with an exponent: `2e-6`. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return '0';
  if (size >= 1e-3 && size < 1e5) return String(Number(value.toPrecision(6)));
  return value
    .toExponential()
    .replace('e+', 'e')
    .replace(/(\.\d{3})\d+/, '$1');
}
