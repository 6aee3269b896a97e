/** Numbers for people, and where axes have their marks. */

/** @param {number} value */
export function shown(value) {
  const size = Math.abs(value);
  if (value === 0) return '0';
  if (size >= 1000) return value.toLocaleString('en', { maximumFractionDigits: 0 });
  if (size >= 1e-3) return String(Number(value.toPrecision(3)));
  return value.toExponential(1).replace('e+', 'e');
}

/** @param {number} step */
export const stepText = (step) => step.toLocaleString('en');

/**
 * Round numbers (1, 2 or 5 times a power of ten) from least to most.
 *
 * @param {number} least @param {number} most @param {number} count wanted, about
 */
export function linearTicks(least, most, count) {
  if (!(most > least)) return [least];
  const rough = (most - least) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const ticks = [];
  for (let i = Math.ceil(least / step - 1e-9); i * step <= most + step * 1e-9; i++)
    ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/**
 * Powers of ten, and 2 and 5 times them where they are few. Both ends must be above 0.
 *
 * @param {number} least @param {number} most
 */
export function logTicks(least, most) {
  const decades = Math.log10(most / least);
  const factors = decades < 1 ? [1, 1.5, 2, 3, 5, 7] : decades < 4 ? [1, 2, 5] : [1];
  const ticks = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++)
    for (const factor of factors) {
      const value = Number((factor * 10 ** power).toPrecision(12));
      if (value >= least * (1 - 1e-9) && value <= most * (1 + 1e-9)) ticks.push(value);
    }
  return ticks;
}
