import { meanAndDeviation } from '../data/luminance.ts';
import type { LabPicture } from './lab.ts';

/** How much of tone and colour a picture has. */
export interface ColourSpread {
  /** Standard deviation of L*: near 0 is blank. */
  readonly lightness: number;
  /** Mean chroma C* = √(a*² + b*²): near 0 is grey. */
  readonly chroma: number;
  /** √(σ²(a*) + σ²(b*)): near 0 is of one hue and chroma, however strong. */
  readonly hues: number;
}

/** Blank, grey and single-coloured pictures, told by the spread of their colours in CIELAB. */
export function colourSpread({ lightness, a, b }: LabPicture): ColourSpread {
  let chroma = 0;
  for (let i = 0; i < a.length; i++) chroma += Math.hypot(a[i]!, b[i]!);
  return {
    lightness: meanAndDeviation(lightness).deviation,
    chroma: chroma / a.length,
    hues: Math.hypot(meanAndDeviation(a).deviation, meanAndDeviation(b).deviation),
  };
}
