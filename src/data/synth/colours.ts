/** Colours of things out of doors and in, and how they go together. */
import type { Random } from '../random.ts';
import { bell, between, oneOf, weighted } from './draw.ts';

/**
 * Share of light that is sent back, red, green, blue, 0 to 1 and linear; the square root is what a picture shows. Differs
 * from sRGB's curve, as a square can be computed the same everywhere (`draw.ts`) and cameras bend theirs as well.
 */
export type Colour = readonly [red: number, green: number, blue: number];

/** By what is seen, as they appear in pictures; from knowledge of the things, not measured from photos. */
const FAMILIES = {
  leaves: ['#3f5a2a', '#55752f', '#6f8a3c', '#2f4526', '#8a9a4b', '#4a6b3a', '#1f2f1c'],
  grass: ['#7c8f45', '#94a055', '#5f7a38', '#a8a662', '#68803c'],
  dry: ['#b79d63', '#c8b27c', '#8f7a4c', '#a5824a', '#d3c294'],
  earth: ['#6b5138', '#8a6b4a', '#4c3a2a', '#9c7c58', '#5d4a3c'],
  rock: ['#8a857c', '#6f6c68', '#a39c90', '#57565a', '#b4aea4'],
  snow: ['#e9edf2', '#dbe3ec', '#f4f5f6', '#c5d2e0'],
  sand: ['#d8c4a0', '#c9b18a', '#e4d6b8', '#b59c78'],
  water: ['#47606b', '#2f4a58', '#6d8790', '#8fa6ab', '#3b5560', '#1f3540'],
  wall: ['#d9d3c6', '#c7bba8', '#e8e4dc', '#b8a68c', '#d6c2a2', '#a9a49c', '#ece9e4'],
  brick: ['#8c4f3a', '#a5624a', '#74402f', '#b5785c'],
  stone: ['#9a948a', '#7b7770', '#b6afa3', '#5e5b57'],
  wood: ['#8b6239', '#a9794a', '#6a4526', '#c19a68', '#4e3420', '#d0ab7a'],
  metal: ['#6f7478', '#9da2a6', '#45494d', '#c0c4c6', '#2c2f32'],
  skin: ['#e0b394', '#c68e6c', '#f0cbb0', '#a06a48', '#7a4c32', '#b97d5c'],
  hair: ['#2a1f18', '#4a3424', '#15110f', '#8a6a44', '#6b6460'],
  cloth: ['#2f3f63', '#20242c', '#7a2f33', '#e7e4de', '#5b6a80', '#8a8378', '#3c4a3a', '#a84a3c'],
  vivid: ['#c8322c', '#e0a020', '#2a62b0', '#d8562a', '#e8c83c', '#2f8a58', '#b03a78', '#3aa0b8', '#f0f0ec'],
  fruit: ['#c83a28', '#e08a28', '#d8b838', '#8aa838', '#6a2f38', '#e8d090'],
  dark: ['#1c1c1f', '#26221f', '#15181c', '#30302f'],
} as const;

export type Family = keyof typeof FAMILIES;

/** Families that are seen together, with the share of each. */
export type Palette = readonly (readonly [weight: number, family: Family])[];

export const PALETTES = {
  wood: [
    [6, 'leaves'],
    [3, 'earth'],
    [2, 'dry'],
    [2, 'wood'],
    [1, 'rock'],
    [0.5, 'vivid'],
  ],
  meadow: [
    [4, 'grass'],
    [3, 'leaves'],
    [3, 'dry'],
    [1, 'earth'],
    [1, 'vivid'],
  ],
  mountain: [
    [5, 'rock'],
    [2, 'snow'],
    [2, 'leaves'],
    [2, 'earth'],
  ],
  shore: [
    [4, 'sand'],
    [3, 'water'],
    [2, 'rock'],
    [1, 'vivid'],
    [1, 'cloth'],
  ],
  town: [
    [4, 'wall'],
    [3, 'stone'],
    [2, 'brick'],
    [2, 'metal'],
    [1, 'cloth'],
    [1, 'vivid'],
    [1, 'dark'],
  ],
  room: [
    [4, 'wall'],
    [4, 'wood'],
    [3, 'cloth'],
    [1, 'vivid'],
    [1, 'metal'],
    [1, 'dark'],
    [1, 'leaves'],
  ],
  people: [
    [4, 'skin'],
    [4, 'cloth'],
    [2, 'hair'],
    [1, 'vivid'],
    [1, 'wall'],
  ],
  table: [
    [4, 'fruit'],
    [3, 'wall'],
    [3, 'wood'],
    [1, 'leaves'],
    [1, 'metal'],
  ],
} satisfies Readonly<Record<string, Palette>>;

/** A colour of this family, a little lighter or darker, warmer or colder than those of the list. */
export function familyColour(family: Family, next: Random): Colour {
  const [red, green, blue] = parse(oneOf(FAMILIES[family], next));
  const bright = 1 + 0.22 * Math.max(-2.5, Math.min(3, bell(next)));
  const warm = 0.06 * bell(next);
  return [red * bright * (1 + warm), green * bright, blue * bright * (1 - warm)];
}

/** A colour of one of a palette's families. */
export function paletteColour(palette: Palette, next: Random): Colour {
  return familyColour(weighted(palette, next), next);
}

/** The same thing elsewhere on it: brighter or darker, a shade off. */
export function varied([red, green, blue]: Colour, amount: number, next: Random): Colour {
  const bright = 1 + amount * between(-1, 1, next);
  const warm = 0.3 * amount * between(-1, 1, next);
  return [red * bright * (1 + warm), green * bright, blue * bright * (1 - warm)];
}

export function mixedColour(a: Colour, b: Colour, share: number): Colour {
  const at = (i: 0 | 1 | 2) => a[i] + share * (b[i] - a[i]);
  return [at(0), at(1), at(2)];
}

export function times([red, green, blue]: Colour, factor: number): Colour {
  return [red * factor, green * factor, blue * factor];
}

/** '#8a9a4b' as shares of light. */
export function parse(text: string): Colour {
  const at = (i: number) => {
    const shown = Number.parseInt(text.slice(i, i + 2), 16) / 255;
    return shown * shown;
  };
  return [at(1), at(3), at(5)];
}
