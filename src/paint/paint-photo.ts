import { fillTransparent } from '../data/photo/colour-rows.ts';
import { decodePhoto, type OpenOptions, type Photo } from '../data/photo/read-photo.ts';
import { deliver, encodeWhole } from '../data/photo/write-photo.ts';
import { ABILITIES, type PhotoFormat } from '../data/picture-format.ts';
import { ifDeviceHasRoom } from '../engine/device-memory.ts';
import { device } from '../engine/versions.ts';
import { type MemoryPlan, memoryAtHand } from '../infer/bands/memory-plan.ts';
import { choosePlan, describeMemoryPlan, requireMemory, type TileChoice } from '../infer/choose-plan.ts';
import type { PhotoPainter } from '../infer/finish/look-painter.ts';
import { inBits, type LayeredPicture, type Picture, type PictureSize } from '../picture.ts';
import { printableLine } from '../system/printable.ts';
import { paintBands } from './paint-bands.ts';
import { paintFrames } from './paint-frames.ts';
import { type PhotoOptions, photoOutput } from './photo-output.ts';

/** Where a painted photo goes. */
export interface Target {
  /** `-` is standard output. */
  readonly path: string;
  readonly format: PhotoFormat;
}

export interface PaintOptions extends PhotoOptions {
  readonly overwrite: boolean;
  /** Bytes that the process may take in all; by default, what is free. */
  readonly memory?: number;
  readonly tiles: TileChoice;
  /** What to do with the painted picture before it is written; it needs the whole picture, in 8 bit. */
  readonly refine?: (photo: Picture, painted: Picture) => Promise<Picture>;
  /** The photo's pixels, where they have been read already (`readWhole`). */
  readonly picture?: LayeredPicture | undefined;
  /** Called with the share done where painting takes several native calls; what it throws stops painting. */
  readonly onProgress?: (share: number) => void;
  /** Takes a line about what is not kept, and how large pictures are painted. Defaults to stderr. */
  readonly say?: (line: string) => void;
  /** Puts the file in its place; defaults to writing the target. */
  readonly deliver?: (write: (path: string) => Promise<void>) => Promise<void>;
}

/** A photo that is painted, and on its way into its file. */
export interface Painted extends PictureSize {
  /** The encoder works, in threads of its own. */
  readonly launched: Promise<unknown>;
  /** The file is whole and in its place. */
  readonly written: Promise<void>;
}

/** Paints one photo into a file: in one piece where memory allows, in bands where not. Answers its size. */
export async function paintPhoto(
  painter: PhotoPainter,
  photo: Photo,
  target: Target,
  options: PaintOptions,
): Promise<PictureSize> {
  const { width, height, written } = await startPhoto(painter, photo, target, options);
  await written;
  return { width, height };
}

/** As `paintPhoto`, but resolves when the photo is painted, while it is being written. The caller awaits `written`. */
export async function startPhoto(
  painter: PhotoPainter,
  photo: Photo,
  { path: target, format }: Target,
  options: PaintOptions,
): Promise<Painted> {
  const { memory, refine, overwrite, onProgress = () => undefined } = options;
  const { head, source } = photo;
  const { width, height } = head;
  const size = { width, height };
  const { say = (line: string) => process.stderr.write(`${printableLine(line)}\n`) } = options;
  const { output, notes } = photoOutput(head, format, options);
  for (const note of notes) say(`${source.name}, ${note}`);
  const budget = memory ?? memoryAtHand();
  const bytesPerPixel = ((head.alpha ? 4 : 3) * Math.max(head.depth, output.depth)) / 8;
  const plans = painter.plans(head, bytesPerPixel);
  const encode = options.deliver ?? ((write) => deliver(target, write, overwrite));
  if (head.frames > 1 && ABILITIES[format].frames && refine === undefined) {
    await paintFrames(painter, photo, output, { budget, plans, encode, onProgress });
    return { ...size, ...DONE };
  }
  requireMemory(
    options.picture ? 0 : head.unpacked,
    budget,
    'to unpack this picture, which cannot be read in bands',
  );
  const plan = choosePlan(plans, budget, refine === undefined ? options.tiles : 'off');
  const called = `${source.name}, ${width}×${height}`;
  const inBands = async (bands: MemoryPlan) => {
    await paintBands(painter, photo, bands, output, { encode, onProgress });
    return { ...size, ...DONE };
  };
  if (plan.placement !== 'untiled' || memory !== undefined) {
    say(`${called}, ${describeMemoryPlan(plan, budget)}`);
  }
  if (plan.placement !== 'untiled') return inBands(plan);
  const picture = options.picture ?? (await readWhole(photo));
  const alpha = picture.alpha === undefined ? {} : { alpha: picture.alpha };
  let painted: LayeredPicture | undefined;
  if (refine !== undefined) {
    const seen = { ...size, pixels: inBits(picture.pixels, 8) as Uint8Array };
    painted = await refine(seen, painter.stylize(seen));
  } else if (options.tiles === 'off') painted = painter.stylize(picture, output.depth);
  // The plan is for the memory of the process; a GPU has its own.
  else painted = ifDeviceHasRoom(() => painter.stylize(picture, output.depth));
  if (painted === undefined) {
    const bands = choosePlan(plans, budget, 'exact');
    say(`${called}, too large for the ${device()} in one piece; ${describeMemoryPlan(bands, budget)}`);
    return inBands(bands);
  }
  return { ...size, ...launch(encode, (path) => encodeWhole({ ...painted, ...alpha }, output, path)) };
}

const DONE = { launched: Promise.resolve(), written: Promise.resolve() };

function launch(
  encode: (write: (path: string) => Promise<void>) => Promise<void>,
  write: (path: string) => Promise<void>,
): Pick<Painted, 'launched' | 'written'> {
  let tell = () => {};
  const begun = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const written = encode((path) => {
    const writing = write(path);
    // The encoder gets its work within this turn of the event loop.
    setImmediate(tell);
    return writing;
  });
  // Until the caller awaits it, a failure is not an unhandled rejection.
  written.catch(() => undefined);
  return { launched: Promise.race([begun, written]), written };
}

/** Share of the memory allowed that one photo's pixels may take while another is painted. */
const LIGHT = 1 / 256;

/** Whether a photo may be read and written while others are painted; what is larger has the memory for itself. */
export function isLight({ head }: Photo, memory: number = memoryAtHand()): boolean {
  const { width, height, depth, frames, unpacked } = head;
  return frames === 1 && (width * height * 4 * depth) / 8 + unpacked <= LIGHT * memory;
}

interface ReadingOptions {
  readonly maxPixels?: PhotoOptions['maxPixels'] | undefined;
  readonly damaged?: PhotoOptions['damaged'] | undefined;
  readonly say?: ((line: string) => void) | undefined;
}

/** How to open photos for this output. @param say gets a line on damage. */
export function openOptions({ maxPixels, damaged, say = () => undefined }: ReadingOptions): OpenOptions {
  return { maxPixels, onDamage: damaged === 'accept' ? say : undefined };
}

/** Decodes a still photo whole, as networks take it. @throws {ImageError} it is damaged. */
export async function readWhole(photo: Photo): Promise<LayeredPicture> {
  const picture = await decodePhoto(photo);
  fillTransparent(picture);
  return picture;
}
