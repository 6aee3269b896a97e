import type { Picture } from '../picture.ts';
import { borderDifference } from './border.ts';
import { blobShare, clippedShare } from './clipping.ts';
import { colourDistance, colourSpread } from './colour-distance.ts';
import { dotDensity } from './dots.ts';
import { meanDifference, toLab } from './lab.ts';
import { latticeEnergy } from './lattice.ts';
import { JUDGED_LIMITS, LIMITS, type MeasureName } from './limits.ts';
import { ownTexture } from './local-texture.ts';
import { paintInTurns } from './steadiness.ts';
import { structureKept } from './structure.ts';
import { evenPictures, randomWindows, withoutMargin } from './test-pictures.ts';

export interface FaultOptions {
  /** Paints a picture, exactly as large as it came. */
  readonly stylize: (picture: Picture) => Picture;
  /** Photos to paint; two will do, more make the figures surer. */
  readonly photos: readonly Picture[];
  /** The painting, or a small picture of it. Without one there is nothing to compare colours with. */
  readonly painting?: Picture | undefined;
  /** Side of crops and drawn pictures, px. Defaults to 256. */
  readonly side?: number;
  /** Crops of photos that are painted. Defaults to 16. */
  readonly crops?: number;
  /** Called after each painted picture. */
  readonly progress?: (done: number, total: number) => void;
}

/** By how much the larger picture exceeds the crop on each side, px. */
const MARGIN = 32;

/** One measured quantity with its limit. */
export interface Measure {
  readonly name: MeasureName;
  readonly value: number;
  readonly limit: number;
  readonly sense: 'at most' | 'at least';
  readonly unit: string;
  /** What is wrong beyond the limit. */
  readonly fault: string;
  readonly ok: boolean;
}

/**
 * Measures what a trained style does wrong: paints drawn even pictures and crops of photos, and looks for checkerboards,
 * borders, clipped colour, blobs, blank, grey and single-coloured pictures, dots, and colours that are not the
 * painting's.
 *
 * @returns all measures, with limits (`limits.ts`), in the order in which they are there.
 */
export async function measureFaults(options: FaultOptions): Promise<readonly Measure[]> {
  const { stylize, photos, painting, side = 256, crops = 16, progress = () => undefined } = options;
  const even = evenPictures(side + 2 * MARGIN);
  const windows = randomWindows(photos, side + 2 * MARGIN, crops);
  const total = 2 * (even.length + windows.length);
  const paint = paintInTurns(stylize, total, progress);
  const paintTwice = async (window: Picture): Promise<PaintedTwice> => {
    const photo = withoutMargin(window, MARGIN);
    return { photo, painted: await paint(photo), asCentre: withoutMargin(await paint(window), MARGIN) };
  };
  const painted: { even: PaintedTwice[]; crops: PaintedTwice[] } = { even: [], crops: [] };
  for (const window of even) painted.even.push(await paintTwice(window));
  for (const window of windows) painted.crops.push(await paintTwice(window));
  return measuresOf({ ...painted, painting });
}

/** A photo painted alone and as the centre of a larger one. */
export interface PaintedTwice {
  readonly photo: Picture;
  readonly painted: Picture;
  readonly asCentre: Picture;
}

export interface PaintedPictures {
  /** Drawn even pictures. */
  readonly even: readonly PaintedTwice[];
  readonly crops: readonly PaintedTwice[];
  readonly painting?: Picture | undefined;
}

/** The measures of given pictures. */
export function measuresOf({ even, crops, painting }: PaintedPictures): readonly Measure[] {
  const lattices = even.map(({ painted }) => latticeEnergy(painted));
  const labs = crops.map(({ painted }) => toLab(painted));
  const photoLabs = crops.map(({ photo }) => toLab(photo));
  const border = borderDifference(
    crops.map(({ asCentre }, i) => ({ asBorder: labs[i]!, asCentre: toLab(asCentre) })),
  );
  const evenBorder = borderDifference(
    even.map(({ painted, asCentre }) => ({ asBorder: toLab(painted), asCentre: toLab(asCentre) })),
  );
  const spreads = labs.map(colourSpread);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const found: Partial<Record<MeasureName, number>> = {
    'lattice of 2 px': Math.max(...lattices.map((lattice) => lattice[2].rms)),
    'lattice of 4 px': Math.max(...lattices.map((lattice) => lattice[4].rms)),
    'border colour': border.colour,
    'border contrast': border.contrast,
    'border colour, even': evenBorder.colour,
    'clipped values': mean(crops.map(({ painted }) => clippedShare(painted))),
    blobs: mean(crops.map(({ painted, photo }) => blobShare(painted, photo))),
    'lightness spread': mean(spreads.map(({ lightness }) => lightness)),
    'forms kept': structureKept(photoLabs, labs),
    'texture of its own': ownTexture(
      crops.map(({ photo }) => photo),
      crops.map(({ painted }) => painted),
    ),
    'change of colour': mean(labs.map((lab, i) => meanDifference(lab, photoLabs[i]!))),
  };
  const dots = labs.map((lab, i) => dotDensity(lab, photoLabs[i]!)).filter((one) => one !== undefined);
  if (dots.length > 0) found.dots = mean(dots);
  let mostDots: number = LIMITS.dots.limit;
  if (painting !== undefined) {
    const own = toLab(painting);
    mostDots = Math.max(mostDots, dotDensity(own) ?? 0);
    const spread = colourSpread(own);
    // Of a painting that is grey itself, 1 is as much as can be asked for.
    found['chroma kept'] =
      (mean(spreads.map(({ chroma }) => chroma)) + SLIGHT_CHROMA) / (spread.chroma + SLIGHT_CHROMA);
    found['hues kept'] =
      (mean(spreads.map(({ hues }) => hues)) + SLIGHT_CHROMA) / (spread.hues + SLIGHT_CHROMA);
    const distance = colourDistance(labs, [own]);
    found['colour distance'] = distance;
    found['colour distance kept'] = distance / Math.max(FAR, colourDistance(photoLabs, [own]));
  }
  return (Object.keys(LIMITS) as (keyof typeof LIMITS)[]).flatMap((name) => {
    const value = found[name];
    if (value === undefined) return [];
    return [measured(name, value, name === 'dots' ? mostDots : undefined)];
  });
}

/** A quantity and its limit. @param limit in place of the usual one. */
export function measured(name: MeasureName, value: number, limit?: number): Measure {
  const { limit: usual, ...about } = { ...LIMITS, ...JUDGED_LIMITS }[name];
  const most = limit ?? usual;
  return {
    name,
    value,
    limit: most,
    ...about,
    ok: about.sense === 'at most' ? value <= most : value >= most,
  };
}

/** Distance of colours up to which photos and painting are much alike, ΔE: nobody can ask for a difference then. */
const FAR = 15;

/** Chroma that is hardly seen: shares of less than this are taken for grey either way. */
const SLIGHT_CHROMA = 2;
