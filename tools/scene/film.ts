import { createRandom } from './random.ts';

/** What the camera makes of the light it gathers. */
export type Development = {
  /** Light that comes out as a middle-bright tone is multiplied by this. */
  exposure: number;
  /** Standard deviation of the grain in mid tones, as a share of full scale. */
  grain: number;
  /** How much darker the corners are, as a share. */
  vignette: number;
};

/** Turns gathered light (linear RGB, row by row) into sRGB bytes as a camera with a film-like curve does. */
export function develop(light: Float32Array, width: number, height: number, how: Development): Uint8Array {
  const bytes = new Uint8Array(width * height * 3);
  const random = createRandom(7);
  const glow = spreadGlow(light, width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const px = (2 * x) / width - 1;
      const py = ((2 * y) / height - 1) * (height / width);
      const shade = 1 - how.vignette * (px * px + py * py) ** 1.2 * 0.7;
      const common = (random() + random() + random() - 1.5) * 2 * how.grain;
      const red = (light[at]! * 0.95 + glow[at]! * 0.05) * how.exposure * shade;
      const green = (light[at + 1]! * 0.95 + glow[at + 1]! * 0.05) * how.exposure * shade;
      const blue = (light[at + 2]! * 0.95 + glow[at + 2]! * 0.05) * how.exposure * shade;
      const grey = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      for (const [c, value] of [red, green, blue].entries()) {
        const rich = Math.max(0, grey + (value - grey) * 1.04);
        const tone = encode(filmCurve(rich));
        const own = (random() + random() - 1) * how.grain;
        const visible = 0.35 + 2.6 * tone * (1 - tone);
        bytes[at + c] = Math.min(255, Math.max(0, Math.round(255 * (tone + (common + own * 0.6) * visible))));
      }
    }
  }
  return bytes;
}

/** A toe, a straight middle and a soft shoulder (Narkowicz's fit of the ACES curve, 2015, its toe lifted). */
function filmCurve(x: number): number {
  return Math.min(1, (x * (2.51 * x + 0.09)) / (x * (2.43 * x + 0.59) + 0.14));
}

function encode(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}

/** Light spread by the glass of the lens: a blur over about a fortieth of the width. */
function spreadGlow(light: Float32Array, width: number, height: number): Float32Array {
  const radius = Math.max(1, Math.round(width / 80));
  let glow = Float32Array.from(light, (value) => Math.min(value, 4));
  for (let pass = 0; pass < 2; pass++) {
    glow = blurAlong(glow, width, height, 3, width * 3, radius);
    glow = blurAlong(glow, height, width, width * 3, 3, radius);
  }
  return glow;
}

function blurAlong(
  from: Float32Array,
  length: number,
  lines: number,
  step: number,
  line: number,
  radius: number,
) {
  const out = new Float32Array(from.length);
  for (let l = 0; l < lines; l++) {
    for (let c = 0; c < 3; c++) {
      const start = l * line + c;
      const at = (i: number) => from[start + Math.min(length - 1, Math.max(0, i)) * step]!;
      let sum = 0;
      for (let i = -radius; i <= radius; i++) sum += at(i);
      for (let i = 0; i < length; i++) {
        out[start + i * step] = sum / (2 * radius + 1);
        sum += at(i + radius + 1) - at(i - radius);
      }
    }
  }
  return out;
}
