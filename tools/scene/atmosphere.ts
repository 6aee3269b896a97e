import { mix } from './noise.ts';

const EARTH = 6_371_000;
const TOP = EARTH + 70_000;
const RAYLEIGH = [5.8e-6, 13.5e-6, 33.1e-6] as const;
const OZONE = [0.65e-6, 1.88e-6, 0.09e-6] as const;
const RAYLEIGH_HEIGHT = 8000;
const HAZE_HEIGHT = 1300;

export type Atmosphere = {
  /** The unit vector towards the sun. */
  sun: readonly [x: number, y: number, z: number];
  /** Scattering of haze at sea level, per metre: about 4e-6 for crisp air, 2e-5 for a dull day. */
  haze: number;
  /** Sunlight on a surface facing the sun, red, green, blue. */
  sunlight: readonly [number, number, number];
  /** Writes the light of the clear sky in a direction (unit vector) to `out`. */
  sky(dx: number, dy: number, dz: number, out: Float64Array): void;
  /** Fades the colour in `out`, seen at `distance` m along a ray, into the light the air adds. */
  fade(y0: number, dx: number, dy: number, dz: number, distance: number, out: Float64Array): void;
};

/** Sunlight above the air, in units that make a sunlit white wall come out near 1. */
const SUN = 4.6;
const AZIMUTHS = 48;
const HEIGHTS = 64;

/** Single scattering by air and haze along each ray (Nishita 1993), tabled by angle to the sun and height. */
export function createAtmosphere(sunAzimuth: number, sunHeight: number, haze: number): Atmosphere {
  const sun = [
    Math.sin(sunAzimuth) * Math.cos(sunHeight),
    Math.sin(sunHeight),
    Math.cos(sunAzimuth) * Math.cos(sunHeight),
  ] as const;
  const through = transmission(0, sun[1], haze);
  const sunlight = [SUN * through[0], SUN * through[1], SUN * through[2]] as const;
  const table = tableSky(sunHeight, haze);
  const horizon = new Float64Array(3);

  function sky(dx: number, dy: number, dz: number, out: Float64Array): void {
    const level = Math.hypot(dx, dz) || 1e-9;
    const along = (dx * sun[0] + dz * sun[2]) / (level * Math.cos(sunHeight));
    const u = (Math.acos(Math.min(1, Math.max(-1, along))) / Math.PI) * (AZIMUTHS - 1);
    const v =
      Math.sqrt(Math.max(0, Math.asin(Math.max(-1, Math.min(1, dy)))) / (Math.PI / 2)) * (HEIGHTS - 1);
    const i = Math.min(AZIMUTHS - 2, Math.floor(u));
    const j = Math.min(HEIGHTS - 2, Math.floor(v));
    const at = (j * AZIMUTHS + i) * 3;
    const above = at + AZIMUTHS * 3;
    for (let c = 0; c < 3; c++) {
      out[c] = mix(
        mix(table[at + c]!, table[at + 3 + c]!, u - i),
        mix(table[above + c]!, table[above + 3 + c]!, u - i),
        v - j,
      );
    }
  }

  function fade(y0: number, dx: number, dy: number, dz: number, distance: number, out: Float64Array): void {
    sky(dx, 0.035, dz, horizon);
    const air = pathThrough(y0, dy, distance, RAYLEIGH_HEIGHT);
    const dust = pathThrough(y0, dy, distance, HAZE_HEIGHT) * haze * 1.1;
    for (let c = 0; c < 3; c++) {
      const kept = Math.exp(-(RAYLEIGH[c]! * air + dust));
      out[c] = out[c]! * kept + horizon[c]! * (1 - kept);
    }
  }

  return { sun, haze, sunlight, sky, fade };
}

/** The length of sea-level air that weighs as much as the ray's stretch through thinning air. */
function pathThrough(y0: number, dy: number, distance: number, scale: number): number {
  const start = Math.exp(-Math.max(0, y0) / scale);
  const climb = (dy * distance) / scale;
  return Math.abs(climb) < 1e-4 ? distance * start : (start * distance * (1 - Math.exp(-climb))) / climb;
}

function tableSky(sunHeight: number, haze: number): Float64Array {
  const table = new Float64Array(AZIMUTHS * HEIGHTS * 3);
  for (let j = 0; j < HEIGHTS; j++) {
    const height = (j / (HEIGHTS - 1)) ** 2 * (Math.PI / 2);
    for (let i = 0; i < AZIMUTHS; i++) {
      const azimuth = (i / (AZIMUTHS - 1)) * Math.PI;
      const cosine =
        Math.cos(height) * Math.cos(azimuth) * Math.cos(sunHeight) + Math.sin(height) * Math.sin(sunHeight);
      table.set(scatter(Math.sin(height), cosine, Math.sin(sunHeight), haze), (j * AZIMUTHS + i) * 3);
    }
  }
  return table;
}

function scatter(dy: number, cosine: number, sunY: number, haze: number): [number, number, number] {
  const steps = 40;
  const length = toTop(0, dy);
  const rayleighPhase = (3 / (16 * Math.PI)) * (1 + cosine * cosine);
  const g = 0.72;
  const hazePhase = (1 - g * g) / (4 * Math.PI * (1 + g * g - 2 * g * cosine) ** 1.5);
  const light: [number, number, number] = [0, 0, 0];
  let air = 0;
  let dust = 0;
  let before = 0;
  for (let i = 0; i < steps; i++) {
    const after = length * ((i + 1) / steps) ** 2;
    const size = after - before;
    const t = (after + before) / 2;
    const y = Math.sqrt(EARTH * EARTH + 2 * EARTH * dy * t + t * t) - EARTH;
    const rho = Math.exp(-y / RAYLEIGH_HEIGHT) * size;
    const rhoHaze = Math.exp(-y / HAZE_HEIGHT) * size;
    const sun = transmission(y, sunY, haze);
    for (let c = 0; c < 3; c++) {
      const depth = (RAYLEIGH[c]! + OZONE[c]!) * (air + rho / 2) + haze * 1.1 * (dust + rhoHaze / 2);
      // Light scattered more than once is taken as even in all directions and a share of the first.
      const first = RAYLEIGH[c]! * rho * rayleighPhase + haze * rhoHaze * hazePhase;
      const again = (RAYLEIGH[c]! * rho + haze * rhoHaze) * 0.075;
      light[c] = light[c]! + SUN * Math.exp(-depth) * (first * sun[c]! + again * Math.sqrt(sun[c]!));
    }
    air += rho;
    dust += rhoHaze;
    before = after;
  }
  return light;
}

/** The share of sunlight left at height y under a sun at the given sine of elevation. */
function transmission(y: number, sunY: number, haze: number): [number, number, number] {
  const steps = 12;
  const length = toTop(y, sunY);
  let air = 0;
  let dust = 0;
  let before = 0;
  for (let i = 0; i < steps; i++) {
    const after = length * ((i + 1) / steps) ** 2;
    const t = (after + before) / 2;
    const r = EARTH + y;
    const height = Math.sqrt(r * r + 2 * r * sunY * t + t * t) - EARTH;
    air += Math.exp(-height / RAYLEIGH_HEIGHT) * (after - before);
    dust += Math.exp(-height / HAZE_HEIGHT) * (after - before);
    before = after;
  }
  const left = (c: 0 | 1 | 2) => Math.exp(-(RAYLEIGH[c] + OZONE[c]) * air - haze * 1.1 * dust);
  return [left(0), left(1), left(2)];
}

function toTop(y: number, dy: number): number {
  const r = EARTH + y;
  return Math.sqrt(r * r * dy * dy + TOP * TOP - r * r) - r * dy;
}
