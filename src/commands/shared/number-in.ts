import { ConfigError, expected } from '../../system/errors.ts';

/** A number, whole where asked for, within bounds. @throws {ConfigError} it is not. */
export function numberIn(
  option: string,
  value: string | number,
  least: number,
  most: number,
  whole = false,
): number {
  const number = value === '' ? Number.NaN : Number(value);
  if (!(number >= least && number <= most) || (whole && !Number.isInteger(number)))
    throw new ConfigError(
      expected(`a ${whole ? 'whole ' : ''}number from ${least} to ${most} for ${option}`, value),
    );
  return number;
}
