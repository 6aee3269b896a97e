/** Options of how a style is to look on a photo. */
import type { LookCall } from '../../paint/open-look.ts';

/** As the command line has them. */
export interface LookArguments extends LookCall {
  readonly mask?: string | undefined;
}

export const lookOptions = {
  stroke: {
    type: 'number',
    describe: 'Size of strokes relative to the picture: 1 as on a picture of 512 px',
    defaultDescription: 'strokes keep their size in pixels',
  },
  amount: { type: 'number', default: 1, describe: 'How much of the style: 0 is the photo, 1 the style' },
  colors: {
    choices: ['style', 'photo', 'histogram'] as const,
    default: 'style' as const,
    describe: "Whose colours: the style's, the photo's, or the photo's palette",
  },
  mask: {
    type: 'string',
    describe: 'Where to paint: white is painted, black stays the photo',
  },
  'invert-mask': { type: 'boolean', default: false, describe: 'Paint what is black in --mask' },
} as const;
