import type { Setting } from '../../src/system/settings.ts';

/** Values outside what a row allows, as they may be in a file or a call. */
export function outside({ bounds, choices, type }: Setting<unknown>): readonly unknown[] {
  if (choices !== undefined) return ['no-such-word', 1, null];
  if (type === 'boolean') return ['on', 1, null];
  if (bounds === undefined) return ['', 7, null, []];
  const { least, most, isWhole } = bounds;
  return [least - 1, most * 1.5, String(least), null, ...(isWhole ? [least + 0.5] : [])];
}

/** Texts outside what a row allows, as they may be typed. */
export function typedOutside({ bounds, choices, read, type }: Setting<unknown>): readonly string[] {
  if (choices !== undefined) return ['no-such-word'];
  // The parser gives nothing but true and false.
  if (type === 'boolean') return [];
  if (bounds !== undefined) return [String(bounds.least - 1), String(bounds.most * 1.5)];
  return read === undefined ? [''] : ['', 'relu1_1:spoons'];
}
