/** Limits beyond which a style is not fit to be shipped. Their evidence is in docs/decisions.md. */
interface Limit {
  readonly limit: number;
  readonly sense: 'at most' | 'at least';
  readonly unit: string;
  /** What is wrong beyond it. */
  readonly fault: string;
}

export const LIMITS = {
  'lattice of 2 px': {
    limit: 2,
    sense: 'at most',
    unit: 'grey levels',
    fault: 'checkerboard: even areas repeat every 2 px',
  },
  'lattice of 4 px': {
    limit: 2,
    sense: 'at most',
    unit: 'grey levels',
    fault: 'weave: even areas repeat every 4 px',
  },
  'border colour': { limit: 5, sense: 'at most', unit: 'ΔE', fault: 'frame: borders have another colour' },
  'border contrast': {
    limit: 0.3,
    sense: 'at most',
    unit: '|ln|',
    fault: 'frame: borders are smoother or rougher',
  },
  'border colour, even': {
    limit: 10,
    sense: 'at most',
    unit: 'ΔE',
    fault: 'frame around even pictures',
  },
  'clipped values': { limit: 0.05, sense: 'at most', unit: 'share', fault: 'colour is clipped at 0 or 255' },
  blobs: { limit: 0.005, sense: 'at most', unit: 'share', fault: 'blobs of pure white or black' },
  'lightness spread': { limit: 6, sense: 'at least', unit: 'L*', fault: 'blank pictures' },
  'forms kept': { limit: 0.25, sense: 'at least', unit: 'share', fault: 'the photo is gone: its forms' },
  'texture of its own': {
    limit: 0.3,
    sense: 'at least',
    unit: 'share',
    fault: "hardly painted: texture is the photos' own",
  },
  'change of colour': {
    limit: 10,
    sense: 'at least',
    unit: 'ΔE',
    fault: 'hardly painted: within reach of the photos',
  },
  'chroma kept': { limit: 0.4, sense: 'at least', unit: "× painting's", fault: 'grey pictures' },
  'hues kept': { limit: 0.3, sense: 'at least', unit: "× painting's", fault: 'pictures of a single colour' },
  'colour distance': { limit: 15, sense: 'at most', unit: 'ΔE', fault: "colours are not the painting's" },
  'colour distance kept': {
    limit: 0.75,
    sense: 'at most',
    unit: "× photos'",
    fault: "colours stay the photos' own",
  },
  /** Or as many as the painting has: stars and foam are such spots, too. */
  dots: { limit: 3, sense: 'at most', unit: 'per 10,000 px', fault: 'dots strewn over even areas' },
} as const satisfies Readonly<Record<string, Limit>>;

/** Limits of what a loss network of VGG's full width says, with maximum pooling (`StyleJudge`, medians over photos). */
export const JUDGED_LIMITS = {
  strokes: {
    limit: 0.75,
    sense: 'at most',
    unit: "× photos'",
    fault: "hardly painted: strokes are not the painting's",
  },
  'photo kept': {
    limit: 0.14,
    sense: 'at least',
    unit: 'correlation',
    fault: 'the photo is gone: what it shows',
  },
} as const satisfies Readonly<Record<string, Limit>>;

export type MeasureName = keyof typeof LIMITS | keyof typeof JUDGED_LIMITS;
