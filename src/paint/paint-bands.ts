import { colourRows } from '../data/photo/colour-rows.ts';
import type { Photo } from '../data/photo/read-photo.ts';
import { StreamedWriter, streamPhoto } from '../data/photo/streamed-photo.ts';
import type { PhotoOutput } from '../data/photo/write-photo.ts';
import type { MemoryPlan } from '../infer/bands/memory-plan.ts';
import type { PhotoPainter } from '../infer/finish/look-painter.ts';
import { inBits, interleaved } from '../picture.ts';
import { requireRoom, scratchFolder } from '../system/scratch-file.ts';

export interface BandsOptions {
  /** Is handed what writes the file. */
  readonly encode: (write: (path: string) => Promise<void>) => Promise<void>;
  readonly onProgress: (share: number) => void;
}

/** Paints one photo band by band, through temporary files. */
export async function paintBands(
  stylizer: PhotoPainter,
  photo: Photo,
  plan: MemoryPlan,
  output: PhotoOutput,
  { encode, onProgress }: BandsOptions,
): Promise<void> {
  const folder = scratchFolder();
  const { width, height, alpha, depth } = photo.head;
  const channels = alpha ? 4 : 3;
  requireRoom(folder, plan.spilled + (width * height * channels * (depth + output.depth)) / 8);
  const picture = await streamPhoto(photo, folder);
  try {
    const painted = new StreamedWriter(
      { width, height, channels: picture.channels, bits: output.depth },
      folder,
    );
    try {
      const rows = colourRows(picture);
      let from = 0;
      await stylizer.stylizeBands(
        rows,
        (pixels) => {
          const to = from + pixels.length / (3 * width);
          const opacity = rows.alpha(from, to);
          painted.write(interleaved(pixels, opacity && inBits(opacity, output.depth)));
          from = to;
        },
        plan,
        onProgress,
        output.depth,
      );
      await encode((path) => painted.encode(path, output));
    } finally {
      painted.close();
    }
  } finally {
    picture.close();
  }
}
