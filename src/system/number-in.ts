import { numberWithin } from './setting-kinds.ts';

/** A number as it was typed or parsed, whole where asked for, within bounds. @throws {ConfigError} it is not. */
export function numberIn(
  option: string,
  value: string | number,
  least: number,
  most: number,
  isWhole = false,
): number {
  const number = value === '' ? Number.NaN : Number(value);
  return numberWithin({ least, most, isWhole }, number, option, value);
}
