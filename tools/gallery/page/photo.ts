/** Photos, in the sizes in which the page paints them. */

export interface OpenPhoto {
  /** As it came, for the download. */
  readonly original: Blob | ImageBitmap;
  readonly width: number;
  readonly height: number;
  /** For the stage. */
  readonly shown: ImageBitmap;
  /** For a card. */
  readonly small: ImageBitmap;
  /** For the name of what is downloaded. */
  readonly name: string;
}

/** Long sides, px. */
const [SHOWN, SMALL] = [1280, 320];

/** @throws what the browser throws for a file that it cannot read. */
export async function openPhoto(original: Blob | ImageBitmap, name: string): Promise<OpenPhoto> {
  const whole =
    original instanceof ImageBitmap
      ? original
      : await createImageBitmap(original, { imageOrientation: 'from-image' });
  const { width, height } = whole;
  const [shown, small] = [await reduced(whole, SHOWN), await reduced(whole, SMALL)];
  if (whole !== original) whole.close();
  return { original, width, height, shown, small, name };
}

export function close({ shown, small, original }: OpenPhoto): void {
  shown.close();
  small.close();
  if (original instanceof ImageBitmap) original.close();
}

function reduced(whole: ImageBitmap, side: number): Promise<ImageBitmap> {
  const scale = Math.min(1, side / Math.max(whole.width, whole.height));
  return createImageBitmap(whole, {
    resizeWidth: Math.max(1, Math.round(whole.width * scale)),
    resizeHeight: Math.max(1, Math.round(whole.height * scale)),
    resizeQuality: 'high',
  });
}
