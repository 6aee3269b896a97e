import type { NumberBounds, Setting } from '../../src/system/settings.ts';

/** Values outside what a row allows, as they may be in a file or a call. */
export function outside({ bounds, choices, type }: Setting<unknown>): readonly unknown[] {
  if (choices !== undefined) return ['no-such-word', 1, null];
  if (type === 'boolean') return ['on', 1, null];
  if (bounds === undefined) return ['', 7, null, []];
  const { isWhole } = bounds;
  return [...numbersOutside(bounds), String(bounds.least), null, ...(isWhole ? [bounds.least + 0.5] : [])];
}

/** Texts outside what a row allows, as they may be typed. */
export function typedOutside({ bounds, choices, read, type, isList }: Setting<unknown>): readonly string[] {
  if (choices !== undefined) return ['no-such-word'];
  // Of a list, the parser takes an empty text for none.
  if (isList) return [];
  // The parser gives nothing but true and false.
  if (type === 'boolean') return [];
  if (bounds !== undefined) return numbersOutside(bounds).map(String);
  return read === undefined ? [''] : ['', 'relu1_1:spoons'];
}

/** Without a bound above, infinity is still no whole number. */
function numbersOutside({ least, most, isWhole, isAbove }: NumberBounds): readonly number[] {
  const above = Number.isFinite(most) || isWhole ? [most * 1.5] : [];
  return [least - 1, ...(isAbove ? [least] : []), ...above];
}
