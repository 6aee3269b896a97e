/** Paints with an exported file in a runtime of its format, and compares that with what we paint. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readPicture, resizePicture } from '../data/image-file.ts';
import { SAMPLES } from '../data/sample-photos.ts';
import { paintedShare, withAmount } from '../infer/finish/look.ts';
import { StyleNetwork } from '../infer/style-network.ts';
import { type Checkpoint, styleOf } from '../networks/checkpoint.ts';
import type { Picture, PictureSize, Samples } from '../picture.ts';
import { expected, FastStyleError } from '../system/errors.ts';
import type { Difference } from './export-call.ts';
import type { ExportedCheckpoint, StyleToExport } from './export-style.ts';
import type { ExportedFiles, ExportRuntime, PortValues } from './format-writer.ts';
import { EXPORT_FORMATS, type ExportFormat } from './formats.ts';
import { AMOUNT, type ExportLayout, IMAGE, STYLE_WEIGHTS } from './graph-writer.ts';
import { arranged } from './layout.ts';
import type { StyleGraphOptions } from './style-graph.ts';

/** What an exported file paints differs from what we paint. */
class UnequalExportError extends FastStyleError {}

/** Grey levels by which a sample may differ after rounding: two sums in another order may lie on both sides of a half. */
const LARGEST_DIFFERENCE = 1;
/** Short side of the pictures that are painted, px, unless the file's size is fixed. */
const CHECKED_SIDE = 256;
/** The amount with which an input for it is checked. */
const CHECKED_AMOUNT = 0.5;

/** A picture with the name that messages give it. */
export interface NamedPicture extends Picture {
  readonly name: string;
}

/**
 * Paints pictures with an exported file in the format's own runtime and with our own network in f32, and compares the samples,
 * rounded to 8 bit: each style of a file of several by itself.
 *
 * @param amount for the file's input of that name, if it has one. @param onDifference called after each picture. May throw, which ends it.
 * @returns the differences, picture by picture. @throws {NoOnnxRuntimeError} ONNX Runtime, if it is that, is not installed.
 */
export async function checkExport(
  format: ExportFormat,
  files: ExportedFiles,
  checkpoint: ExportedCheckpoint,
  options: CheckedOptions,
  pictures: readonly NamedPicture[],
  amount = 1,
  onDifference: (difference: Difference) => void = () => undefined,
): Promise<readonly Difference[]> {
  const runtime = await (await EXPORT_FORMATS[format].load()).open(files);
  try {
    return await checkRuntime(runtime, checkpoint, options, pictures, amount, onDifference);
  } finally {
    await runtime.dispose();
  }
}

/**
 * As `checkExport`, on the project's sample pictures.
 *
 * @throws {FastStyleError} a sample of what the file paints differs by more than a grey level from what we paint.
 */
export async function requireEqualExport(
  format: ExportFormat,
  files: ExportedFiles,
  { checkpoint, label }: StyleToExport,
  options: StyleGraphOptions,
  onDifference: (difference: Difference) => void,
): Promise<void> {
  const pictures = await samplePictures(options.size);
  const differences = await checkExport(
    format,
    files,
    checkpoint,
    options,
    pictures,
    CHECKED_AMOUNT,
    onDifference,
  );
  const worst = Math.max(...differences.map(({ largest }) => largest));
  if (worst > LARGEST_DIFFERENCE)
    throw new UnequalExportError(
      expected(
        `pictures of ${EXPORT_FORMATS[format].runtime} within ${LARGEST_DIFFERENCE} of 255 grey levels of ours`,
        `up to ${worst} for ${label}`,
        'nothing is written; please report this',
      ),
    );
}

/** The project's samples, and an odd part of one; of a fixed size, all have that. */
async function samplePictures(size: PictureSize | undefined): Promise<readonly NamedPicture[]> {
  const names = (await readdir(SAMPLES)).filter((name) => /\.jpg$/.test(name)).sort();
  const photos = await Promise.all(
    names.map(async (name) => ({
      name,
      ...(await readPicture(join(SAMPLES, name), { shortSide: CHECKED_SIDE })),
    })),
  );
  const odd = { name: '17×33 px', ...(await resizePicture(photos[0]!, 17, 33)) };
  if (size === undefined) return [...photos, odd];
  return Promise.all(
    photos.map(async ({ name, ...photo }) => ({
      name,
      ...(await resizePicture(photo, size.width, size.height)),
    })),
  );
}

type CheckedOptions = Pick<StyleGraphOptions, 'layout' | 'hasAmount'>;

/** As `checkExport`, of a file that any runtime has opened. */
export async function checkRuntime(
  runtime: Pick<ExportRuntime, 'run'>,
  checkpoint: ExportedCheckpoint,
  { layout, hasAmount }: CheckedOptions,
  pictures: readonly NamedPicture[],
  amount = 1,
  onDifference: (difference: Difference) => void = () => undefined,
): Promise<readonly Difference[]> {
  const found: Difference[] = [];
  for (const [i, one] of singleStyles(checkpoint).entries()) {
    const network = new StyleNetwork(hasAmount ? withAmount(one, amount) : one);
    try {
      for (const { name, ...picture } of pictures) {
        const values = await runtime.run({
          [IMAGE]: imageOf(picture, layout),
          ...(checkpoint.styles !== undefined && { [STYLE_WEIGHTS]: oneOf(i, checkpoint.styles.length) }),
          ...(hasAmount && { [AMOUNT]: { shape: [1], values: Float32Array.of(amount) } }),
        });
        const share = hasAmount ? paintedShare(amount) : 1;
        const compared = {
          ...(checkpoint.styles === undefined ? {} : { style: one.name }),
          picture: name,
          ...difference(arranged(values, layout, 'out'), network.stylize(picture, 16), picture, share),
        };
        found.push(compared);
        onDifference(compared);
      }
    } finally {
      network.dispose();
    }
  }
  return found;
}

function imageOf({ pixels, width, height }: Picture, layout: ExportLayout): PortValues {
  const shape = layout === 'nhwc' ? [1, height, width, 3] : [1, 3, height, width];
  return { shape, values: arranged(Float32Array.from(pixels), layout, 'in') };
}

function oneOf(place: number, length: number): PortValues {
  return { shape: [length], values: Float32Array.from({ length }, (_, i) => (i === place ? 1 : 0)) };
}

/** Each style by itself. */
function singleStyles(checkpoint: ExportedCheckpoint): readonly Checkpoint[] {
  if (checkpoint.styles === undefined) return [checkpoint];
  return checkpoint.styles.map(({ name }) => styleOf(checkpoint, name, checkpoint.name));
}

/** @param ours in 16 bit: it is rounded once, after it is mixed with the photo. */
function difference(
  theirs: Float32Array,
  ours: Picture<Samples>,
  photo: Picture,
  share: number,
): Pick<Difference, 'largest' | 'mean'> {
  let [largest, sum] = [0, 0];
  for (let i = 0; i < theirs.length; i++) {
    const painted = ours.pixels[i]! / 257;
    const own = Math.round(photo.pixels[i]! + share * (painted - photo.pixels[i]!));
    const apart = Math.abs(Math.min(255, Math.max(0, Math.round(theirs[i]!))) - own);
    largest = Math.max(largest, apart);
    sum += apart;
  }
  return { largest, mean: sum / theirs.length };
}
