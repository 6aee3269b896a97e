/** Pictures in memory. */

/** Samples of 8 bit, 0..255, or of 16 bit, 0..65535. */
export type Samples = Uint8Array | Uint16Array;

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Pixels in sRGB as they are to be seen: rows from the top, RGB interleaved, 8 bit, no alpha. */
export interface Picture extends PictureSize {
  /** [height, width, 3], 0..255. */
  readonly pixels: Uint8Array;
}

/** The same in 8 or 16 bit, and transparency beside it. */
export interface LayeredPicture extends PictureSize {
  /** [height, width, 3] in sRGB. Colours are straight: not multiplied by alpha. */
  readonly pixels: Samples;
  /** [height, width], 0 is transparent, of as many bits as `pixels`. Absent where the picture has none. */
  readonly alpha?: Samples;
}

/** Brings interleaved samples into planes. @param samples [n, channels]; channels are 3 or 4. */
export function separated(samples: Samples, channels: number): { pixels: Samples; alpha?: Samples } {
  if (channels === 3) return { pixels: samples };
  const count = samples.length / 4;
  const like = samples instanceof Uint16Array ? Uint16Array : Uint8Array;
  const [pixels, alpha] = [new like(3 * count), new like(count)];
  for (let i = 0, from = 0, to = 0; i < count; i++) {
    pixels[to++] = samples[from++]!;
    pixels[to++] = samples[from++]!;
    pixels[to++] = samples[from++]!;
    alpha[i] = samples[from++]!;
  }
  return { pixels, alpha };
}

/** The way back: [n, 3] and, where there is alpha, [n], to [n, 3] or [n, 4]. Both in the same number of bits. */
export function interleaved(pixels: Samples, alpha: Samples | undefined): Samples {
  if (alpha === undefined) return pixels;
  const joined =
    pixels instanceof Uint16Array ? new Uint16Array(4 * alpha.length) : new Uint8Array(4 * alpha.length);
  for (let i = 0, from = 0, to = 0; i < alpha.length; i++) {
    joined[to++] = pixels[from++]!;
    joined[to++] = pixels[from++]!;
    joined[to++] = pixels[from++]!;
    joined[to++] = alpha[i]!;
  }
  return joined;
}

/** Samples in another number of bits: 255 and 65535 are the same white, so the factor is 257. */
export function inBits(samples: Samples, bits: 8 | 16): Samples {
  if (samples instanceof Uint16Array === (bits === 16)) return samples;
  return bits === 16
    ? Uint16Array.from(samples, (value) => value * 257)
    : Uint8Array.from(samples, (value) => Math.round(value / 257));
}
