import { ColorSums, colorMap } from '../../data/color-transfer.ts';
import { toSamples } from '../../engine/samples.ts';
import type { Checkpoint } from '../../networks/checkpoint.ts';
import type { Picture, PictureSize, PixelRows, Samples } from '../../picture.ts';
import { ScratchFile, scratchFolder } from '../../system/scratch-file.ts';
import type { MemoryPlan } from '../bands/memory-plan.ts';
import { StyleNetwork, type StyleNetworkOptions } from '../style-network.ts';
import { atSize } from './at-size.ts';
import {
  asValues,
  BAND_VALUES,
  bandsOf,
  type Finish,
  FinishedRows,
  maskRows,
  rowsOf,
} from './finished-rows.ts';
import { type Look, paintedShare, withAmount, workingSize } from './look.ts';
import { ResampledRows } from './resampled-rows.ts';

/** What paints photos: a style as it is (`StyleNetwork`), or with a look. */
export type PhotoPainter = Pick<StyleNetwork, 'stylize' | 'plans' | 'stylizeBands' | 'dispose'>;

/** Copies of a band in f32 that finishing holds at once, through all enlargements. Measured. */
const FINISHING = 16 * 4 * BAND_VALUES;
/** Of the work, where the painting is finished and what follows begins. */
const PAINTING = 0.9;

/**
 * Paints in a style with a look: at the size that gives the strokes theirs, brought to the photo's size, then with the
 * colours, the share and the mask asked for. All of it in one piece or band by band, as the style itself.
 */
export class LookPainter implements PhotoPainter {
  readonly #stylizer: PhotoPainter;
  readonly #look: Look;

  /** @param stylizer of a checkpoint that has the look's amount (`withAmount`). Taken over. */
  constructor(stylizer: PhotoPainter, look: Look) {
    this.#stylizer = stylizer;
    this.#look = look;
  }

  stylize(picture: Picture<Samples>, bits?: 8): Picture;
  stylize(picture: Picture<Samples>, bits: 8 | 16): Picture<Samples>;
  stylize(picture: Picture<Samples>, bits: 8 | 16 = 8): Picture<Samples> {
    const { width, height } = picture;
    const photo = rowsOf(picture);
    const work = workingSize(picture, this.#look);
    const atWork = this.#atWork(photo, work);
    const painted = this.#stylizer.stylize({ ...work, pixels: atWork.read(0, work.height) }, bits);
    const finished = this.#finished(rowsOf(painted), photo);
    const pixels = bits === 16 ? new Uint16Array(3 * width * height) : new Uint8Array(3 * width * height);
    for (const { from, to } of bandsOf(picture))
      pixels.set(toSamples(finished.read(from, to), bits), 3 * width * from);
    return { pixels, width, height };
  }

  plans(picture: PictureSize, bytesPerPixel = 3): readonly MemoryPlan[] {
    const work = workingSize(picture, this.#look);
    const pixels = ({ width, height }: PictureSize) => width * height;
    const resident = process.memoryUsage.rss();
    return this.#stylizer.plans(work, bytesPerPixel).map((plan) => {
      // In one piece the photo, the painting and what is made of it are in memory; else the painting is in a file.
      const held = plan.placement === 'untiled' ? 3 * bytesPerPixel * pixels(picture) : 0;
      const filed = plan.placement === 'untiled' ? 0 : bytesPerPixel * pixels(work);
      // Finishing begins when the network is through.
      const peak = held + Math.max(plan.peak, resident + FINISHING);
      return { ...plan, peak, spilled: plan.spilled + filed };
    });
  }

  async stylizeBands(
    photo: PixelRows,
    write: (rows: Samples) => void | Promise<void>,
    plan: MemoryPlan,
    onProgress: (share: number) => void = () => {},
    bits: 8 | 16 = 8,
  ): Promise<void> {
    const work = workingSize(photo, this.#look);
    const store = new PaintedStore(work, bits, scratchFolder());
    try {
      const append = (rows: Samples) => store.append(rows);
      const painting = (share: number) => onProgress(PAINTING * share);
      await this.#stylizer.stylizeBands(this.#atWork(photo, work), append, plan, painting, bits);
      const finished = this.#finished(store, photo);
      for (const { from, to } of bandsOf(photo)) {
        await write(toSamples(finished.read(from, to), bits));
        onProgress(PAINTING + ((1 - PAINTING) * to) / photo.height);
        // Lets signals and timers through.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      store.close();
    }
  }

  dispose(): void {
    this.#stylizer.dispose();
  }

  /** The photo at the size that it is painted at. */
  #atWork(photo: PixelRows, work: PictureSize): PixelRows {
    if (photo.width === work.width && photo.height === work.height) return photo;
    const values = new ResampledRows(asValues(photo), work);
    return { ...work, read: (from, to) => toSamples(values.read(from, to), 16) };
  }

  #finished(paintedAtWork: PixelRows, pixels: PixelRows): PixelRows<Float32Array> {
    const { amount, colors, mask, invertMask } = this.#look;
    const photo = asValues(pixels);
    const painted = atSize(asValues(paintedAtWork), photo);
    const finish: Finish = {
      share: paintedShare(amount),
      ...(colors === 'photo' ? { colors: 'luminance' as const } : {}),
      ...(colors === 'histogram' ? { colors: colorMap(colorsOf(painted), colorsOf(photo)) } : {}),
      ...(mask === undefined ? {} : { mask: maskRows(mask, photo, invertMask === true) }),
    };
    return new FinishedRows(painted, photo, finish);
  }
}

/** What paints in a style with a look; the style as it is without one. Caller disposes. */
export function openPhotoPainter(
  checkpoint: Checkpoint,
  look: Look | undefined,
  options: StyleNetworkOptions,
): PhotoPainter {
  if (look === undefined) return new StyleNetwork(checkpoint, options);
  return withLook(new StyleNetwork(withAmount(checkpoint, look.amount), options), look);
}

/** A stylizer of weights that have the look's amount already, with the rest of the look. Takes it over. */
export function withLook(stylizer: StyleNetwork, look: Look | undefined): PhotoPainter {
  return look === undefined ? stylizer : new LookPainter(stylizer, look);
}

function colorsOf(picture: PixelRows<Float32Array>) {
  const sums = new ColorSums();
  for (const { from, to } of bandsOf(picture)) sums.add(picture.read(from, to));
  return sums.statistics();
}

/** A painted picture in a temporary file: filled from the top, read in any order. */
class PaintedStore implements PixelRows {
  readonly width: number;
  readonly height: number;
  readonly #file: ScratchFile;
  readonly #bits: 8 | 16;
  #filled = 0;

  /** @throws {FileError} no temporary file can be made. */
  constructor({ width, height }: PictureSize, bits: 8 | 16, folder: string) {
    this.width = width;
    this.height = height;
    this.#bits = bits;
    this.#file = new ScratchFile(folder);
  }

  /** The next rows. @throws {FileError} no room is left. */
  append(rows: Samples): void {
    this.#file.write(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength), this.#filled);
    this.#filled += rows.byteLength;
  }

  read(from: number, to: number): Samples {
    const values = 3 * this.width * (to - from);
    const rows = this.#bits === 16 ? new Uint16Array(values) : new Uint8Array(values);
    this.#file.read(new Uint8Array(rows.buffer), (3 * this.width * from * this.#bits) / 8);
    return rows;
  }

  close(): void {
    this.#file.close();
  }
}
