import type { Atmosphere } from './atmosphere.ts';
import { type CloudView, veil } from './clouds.ts';
import { hash } from './random.ts';

/** The part of the sky that is painted once and looked up after: angles in radians, steps in pixels. */
export type SkyMap = {
  columns: number;
  rows: number;
  fromAzimuth: number;
  toAzimuth: number;
  toHeight: number;
  /** Red, green, blue for each point, row by row from the horizon up. */
  light: Float32Array;
};

export function skyMap(columns: number, rows: number, halfWidth: number, toHeight: number): SkyMap {
  return {
    columns,
    rows,
    fromAzimuth: -halfWidth,
    toAzimuth: halfWidth,
    toHeight,
    light: new Float32Array(new SharedArrayBuffer(columns * rows * 3 * 4)),
  };
}

/** Paints one row of the map: clear sky, thin high cloud, heap clouds in front. */
export function paintSkyRow(
  map: SkyMap,
  row: number,
  atmosphere: Atmosphere,
  clouds: CloudView,
  thin: number,
): void {
  const sky = new Float64Array(3);
  const cloud = new Float64Array(4);
  const height = (row / (map.rows - 1)) * map.toHeight;
  const dy = Math.sin(height);
  for (let column = 0; column < map.columns; column++) {
    const azimuth = map.fromAzimuth + (column / (map.columns - 1)) * (map.toAzimuth - map.fromAzimuth);
    const dx = Math.sin(azimuth) * Math.cos(height);
    const dz = Math.cos(azimuth) * Math.cos(height);
    atmosphere.sky(dx, dy, dz, sky);
    const ice = veil(dx, dy, dz, thin);
    clouds(dx, dy, dz, hash(row * map.columns + column) / 4294967296, cloud);
    const at = (row * map.columns + column) * 3;
    for (let c = 0; c < 3; c++) {
      const behind = sky[c]! * (1 - 0.5 * ice) + ice * atmosphere.sunlight[c]! * 0.24;
      map.light[at + c] = cloud[c]! + cloud[3]! * behind;
    }
  }
}

/** Writes the light of the sky in a direction to `out`: from the map where it reaches, else the clear sky. */
export function skyLight(
  map: SkyMap,
  atmosphere: Atmosphere,
  dx: number,
  dy: number,
  dz: number,
  out: Float64Array,
): void {
  const u = ((Math.atan2(dx, dz) - map.fromAzimuth) / (map.toAzimuth - map.fromAzimuth)) * (map.columns - 1);
  const v = (Math.asin(Math.min(1, Math.max(0, dy))) / map.toHeight) * (map.rows - 1);
  if (u < 0 || u >= map.columns - 1 || v >= map.rows - 1) {
    atmosphere.sky(dx, dy, dz, out);
    return;
  }
  const i = Math.floor(u);
  const j = Math.floor(v);
  const a = u - i;
  const b = v - j;
  const at = (j * map.columns + i) * 3;
  const above = at + map.columns * 3;
  const { light } = map;
  for (let c = 0; c < 3; c++) {
    const low = light[at + c]! * (1 - a) + light[at + 3 + c]! * a;
    const high = light[above + c]! * (1 - a) + light[above + 3 + c]! * a;
    out[c] = low * (1 - b) + high * b;
  }
}
