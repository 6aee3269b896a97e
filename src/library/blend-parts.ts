import { type BlendPart, blendOf } from '../infer/blend.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { BlendStyle } from './options.ts';

/** Styles to mix, each with its share. @throws {ConfigError} no array, a weight that is no number of at least 0, or a style twice. */
export function blendParts(styles: readonly (string | BlendStyle)[]): readonly BlendPart[] {
  if (!Array.isArray(styles)) throw new ConfigError(expected('an array of styles for blend', styles));
  const weighted = styles.map((one) => {
    const { style, weight = 1 }: BlendStyle = typeof one === 'string' ? { style: one } : one;
    return { style, weight };
  });
  return blendOf(weighted, styles);
}
