/** A flow for every place, of the displacements of patches. */
import { floats } from '../floats';
import { PAD, placeOf } from './padded';
import { between, SIDE } from './patch';
import { patchesAlong, patchPlace } from './patch-search';

/**
 * The mean of what the patches over a place say, each weighed by how well it fits there (Kroeger et al. 2016, eq. 3),
 * 1 / max(1, |I(x + u) − T(x)|).
 *
 * @param template padded. @param target padded. @param across of patches. @param down of patches. @param gain of the result.
 * @param u [height, width], filled, px of the level times `gain`; as large as a patch at least, as v and weights are.
 */
export function densify(
  template: usize,
  target: usize,
  width: i32,
  height: i32,
  across: usize,
  down: usize,
  gain: f32,
  u: usize,
  v: usize,
  weights: usize,
): void {
  const stride = max(width, SIDE);
  const bytes = floats(stride * max(height, SIDE));
  memory.fill(u, 0, bytes);
  memory.fill(v, 0, bytes);
  memory.fill(weights, 0, bytes);
  const columns = patchesAlong(width);
  const rows = patchesAlong(height);
  for (let row = 0, index: usize = 0; row < rows; row++) {
    const y = patchPlace(row, height);
    for (let column = 0; column < columns; column++, index += 4) {
      const x = patchPlace(column, width);
      const to = floats(y * stride + x);
      const own = placeOf(template, width, x, y);
      addPatch(own, target - template, width, f32.load(across + index), f32.load(down + index), to, stride, u, v, weights);
    }
  }
  const scale = f32x4.splat(gain);
  for (let at: usize = 0; at < bytes; at += 16) {
    const share = f32x4.div(scale, v128.load(weights + at));
    v128.store(u + at, f32x4.mul(v128.load(u + at), share));
    v128.store(v + at, f32x4.mul(v128.load(v + at), share));
  }
  for (let y = 1; stride > width && y < height; y++) {
    memory.copy(u + floats(y * width), u + floats(y * stride), floats(width));
    memory.copy(v + floats(y * width), v + floats(y * stride), floats(width));
  }
}

/** @param own address of the patch in the template. @param toTarget from there to the target's same place. @param to its bytes from the planes' beginnings. */
function addPatch(
  own: usize,
  toTarget: usize,
  width: i32,
  across: f32,
  down: f32,
  to: usize,
  stride: i32,
  u: usize,
  v: usize,
  weights: usize,
): void {
  const line = floats(width + 2 * PAD);
  const wholeX = floor(across);
  const wholeY = floor(down);
  const fx = f32x4.splat(across - wholeX);
  const fy = f32x4.splat(down - wholeY);
  const one = f32x4.splat(1);
  const everyU = f32x4.splat(across);
  const everyV = f32x4.splat(down);
  const away = toTarget + floats(<i32>wholeY * (width + 2 * PAD) + <i32>wholeX);
  for (let column = 0; column < SIDE; column += 4, own += 16, to += 16) {
    let here = own;
    let place = to;
    let above = between(here + away, fx);
    for (let row = 0; row < SIDE; row++, here += line, place += floats(stride)) {
      const below = between(here + away + line, fx);
      const value = f32x4.add(above, f32x4.mul(fy, f32x4.sub(below, above)));
      above = below;
      const off = f32x4.abs(f32x4.sub(value, v128.load(here)));
      const weight = f32x4.div(one, f32x4.pmax(one, off));
      v128.store(weights + place, f32x4.add(v128.load(weights + place), weight));
      v128.store(u + place, f32x4.add(v128.load(u + place), f32x4.mul(weight, everyU)));
      v128.store(v + place, f32x4.add(v128.load(v + place), f32x4.mul(weight, everyV)));
    }
  }
}
