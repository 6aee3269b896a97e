import type { Atmosphere } from './atmosphere.ts';
import { clamp, fractal2, noise3, smoothstep } from './noise.ts';
import { createRandom } from './random.ts';

/** One heap cloud: where its flat base lies, how far it spreads, how high it towers, all in metres. */
export type CloudPlan = {
  x: number;
  z: number;
  base: number;
  width: number;
  depth: number;
  height: number;
  seed: number;
};

type Cloud = { base: number; centre: [number, number, number]; reach: number; blobs: Float64Array };

/** Writes the light of the clouds along a ray to `out[0…2]` and the share of the sky behind to `out[3]`. */
export type CloudView = (dx: number, dy: number, dz: number, jitter: number, out: Float64Array) => void;

const THICKNESS = 0.045;
const STEP = 38;
/** How deep under the skin, in metres, a cloud reaches its full thickness. */
const SOFT = 52;
/** Where light is looked for on the way to the sun, metres: fine near the point, coarse far from it. */
const SUN_STEPS = [25, 45, 80, 130, 210, 340, 550] as const;
/** Orders of scattering: how much each carries, and how much of the depth it still feels (Wrenninge 2013). */
const ORDERS = [
  [0.4, 1],
  [0.34, 0.32],
  [0.26, 0.09],
] as const;

/** Heap clouds as heaps of balls with a billowing skin, lit by sun and sky, seen from the origin. */
export function createClouds(plans: readonly CloudPlan[], atmosphere: Atmosphere): CloudView {
  const clouds = plans.map(growCloud);
  const { sun, sunlight } = atmosphere;
  const zenith = new Float64Array(3);
  atmosphere.sky(0.2, 0.9, 0.3, zenith);
  const fadeColour = new Float64Array(3);

  return (dx, dy, dz, jitter, out) => {
    out.fill(0, 0, 3);
    let left = 1;
    for (const [cloud, near, far] of crossed(clouds, dx, dy, dz)) {
      let t = near + jitter * STEP;
      while (t < far && left > 0.015) {
        const x = dx * t;
        const y = dy * t;
        const z = dz * t;
        const gap = -density(cloud, x, y, z, 6);
        if (gap >= 0) {
          t += Math.max(STEP * 0.6, gap * 0.55);
          continue;
        }
        const rho = Math.min(1, -gap / SOFT) * THICKNESS;
        const kept = Math.exp(-rho * STEP);
        const depth = sunDepth(cloud, x, y, z, sun);
        let lit = 0;
        for (const [weight, share] of ORDERS) lit += weight * Math.exp(-share * depth);
        const up = clamp((y - cloud.base) / 900, 0, 1);
        const inner = Math.exp(gap / 160);
        const distance = t;
        for (let c = 0; c < 3; c++) {
          const ground = sunlight[c]! * 0.022;
          const sky = zenith[c]! * (0.5 + 0.5 * up) * (0.45 + 0.55 * inner);
          fadeColour[c] = (sunlight[c]! / Math.PI) * 0.82 * lit + sky * 0.95 + ground * (1 - 0.6 * up);
        }
        atmosphere.fade(0, dx, dy, dz, distance, fadeColour);
        for (let c = 0; c < 3; c++) out[c] = out[c]! + left * (1 - kept) * fadeColour[c]!;
        left *= kept;
        t += STEP;
      }
    }
    out[3] = left;
  };
}

/** Thin ice cloud drawn out by the wind at 9 km: the share of light it adds, 0 to about 0.5. */
export function veil(dx: number, dy: number, dz: number, amount: number): number {
  if (dy < 0.01) return 0;
  const x = (dx / dy) * 0.9;
  const z = (dz / dy) * 0.9;
  const drift = fractal2(x * 0.5 + 3, z * 0.5, 3);
  const strands = fractal2((x + 0.7 * z) * 0.55 + drift, (z - 0.7 * x) * 2.2 + 2 * drift, 6);
  const patch = smoothstep(-0.15, 0.5, fractal2(x * 0.35 + 9, z * 0.35 + 4, 4));
  return amount * patch * smoothstep(-0.25, 0.65, strands);
}

function growCloud(plan: CloudPlan): Cloud {
  const random = createRandom(plan.seed);
  const blobs: number[] = [];
  const towers = 4 + Math.floor(random() * 3);
  for (let tower = 0; tower < towers; tower++) {
    const angle = random() * 2 * Math.PI;
    const out = Math.sqrt(random()) * 0.75;
    const x = plan.x + Math.cos(angle) * out * plan.width * 0.5;
    const z = plan.z + Math.sin(angle) * out * plan.depth * 0.5;
    const height = plan.height * (1 - 0.75 * out) * (0.6 + 0.4 * random());
    let y = 0;
    let radius = plan.width * (0.13 + 0.07 * random());
    while (y < height) {
      const spread = radius * 0.7;
      blobs.push(x + (random() - 0.5) * 2 * spread, plan.base + y, z + (random() - 0.5) * 2 * spread, radius);
      blobs.push(
        x + (random() - 0.5) * 3 * spread,
        plan.base + y * 0.8,
        z + (random() - 0.5) * 3 * spread,
        radius * 0.7,
      );
      y += radius * 0.75;
      radius *= 0.8 + 0.14 * random();
      if (radius < plan.width * 0.035) break;
    }
  }
  for (let i = 0; i < 10; i++) {
    const angle = random() * 2 * Math.PI;
    const out = 0.45 + 0.5 * random();
    const radius = plan.width * (0.05 + 0.07 * random());
    blobs.push(
      plan.x + Math.cos(angle) * out * plan.width * 0.5,
      plan.base + radius * 0.25,
      plan.z + Math.sin(angle) * out * plan.depth * 0.5,
      radius,
    );
  }
  const centre: [number, number, number] = [plan.x, plan.base + plan.height / 2, plan.z];
  let reach = 0;
  for (let i = 0; i < blobs.length; i += 4) {
    const gap = Math.hypot(blobs[i]! - centre[0], blobs[i + 1]! - centre[1], blobs[i + 2]! - centre[2]);
    reach = Math.max(reach, gap + blobs[i + 3]! * 1.25);
  }
  return { base: plan.base, centre, reach, blobs: Float64Array.from(blobs) };
}

/** How deep a point lies inside the cloud's skin, metres; negative outside. */
function density(cloud: Cloud, x: number, y: number, z: number, octaves: number): number {
  const { blobs } = cloud;
  let inside = -1e9;
  let size = 1;
  for (let i = 0; i < blobs.length; i += 4) {
    const px = x - blobs[i]!;
    const py = y - blobs[i + 1]!;
    const pz = z - blobs[i + 2]!;
    const depth = blobs[i + 3]! - Math.sqrt(px * px + py * py + pz * pz);
    if (depth > inside) {
      inside = depth;
      size = blobs[i + 3]!;
    }
  }
  const swell = clamp(size * 0.55, 90, 420);
  if (inside < -swell) return inside + swell * 0.5;
  const base = (y - cloud.base + 30 * noise3(x / 400, 0.5, z / 400)) * 0.6;
  inside = Math.min(inside, base);
  let scale = 1 / (swell * 2.1);
  let height = swell * 0.62;
  const calm = smoothstep(-20, 260, y - cloud.base);
  for (let i = 0; i < octaves; i++) {
    const n = noise3(x * scale + i * 7.7, y * scale, z * scale + i * 3.1);
    // Folded noise gives round heads with creases between; the finest octaves are plain, as torn edges are.
    const fold = i < 3 ? 1 - 2.6 * Math.abs(n) : -n * 1.2;
    inside -= height * (0.35 + 0.65 * calm) * (0.42 - 0.6 * fold);
    if (inside < -2.5 * height) break;
    scale *= 2.13;
    height *= 0.5;
  }
  return inside;
}

function sunDepth(
  cloud: Cloud,
  x: number,
  y: number,
  z: number,
  sun: readonly [number, number, number],
): number {
  let depth = 0;
  let along = 0;
  for (let i = 0; i < SUN_STEPS.length; i++) {
    const size = SUN_STEPS[i]!;
    const t = along + size / 2;
    const inside = density(cloud, x + sun[0] * t, y + sun[1] * t, z + sun[2] * t, i < 2 ? 4 : i < 4 ? 2 : 1);
    if (inside > 0) depth += Math.min(1, inside / SOFT) * THICKNESS * size;
    along += size;
    if (depth > 40) break;
  }
  return depth;
}

function crossed(clouds: Cloud[], dx: number, dy: number, dz: number): [Cloud, number, number][] {
  const found: [Cloud, number, number][] = [];
  for (const cloud of clouds) {
    const [cx, cy, cz] = cloud.centre;
    const middle = dx * cx + dy * cy + dz * cz;
    const room = cloud.reach ** 2 - (cx * cx + cy * cy + cz * cz - middle * middle);
    if (room <= 0) continue;
    const half = Math.sqrt(room);
    const near = Math.max(0, middle - half);
    // Nothing of a heap cloud hangs below its base.
    const floor = dy > 1e-4 ? (cloud.base - 60) / dy : Number.POSITIVE_INFINITY;
    if (middle + half > Math.max(near, floor)) found.push([cloud, Math.max(near, floor), middle + half]);
  }
  return found.sort((a, b) => a[1] - b[1]);
}
