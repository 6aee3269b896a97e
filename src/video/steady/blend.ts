import type { Flow } from '../../motion/flow.ts';
import type { Plane } from '../../motion/plane.ts';
import { finestFactor } from '../../motion/pyramid.ts';
import { Assembly } from '../../system/assembly.ts';
import { BLEND_PROGRAM } from './blend-program.ts';

/** assembly/steady/: pictures, grids and rows are addresses. */
interface BlendProgram {
  blocksAlong(side: number): number;
  trust(
    now: number,
    before: number,
    across: number,
    down: number,
    seen: number,
    width: number,
    height: number,
    factor: number,
    trusted: number,
    apart: number,
    around: number,
    lines: number,
  ): void;
  momentsOfBytes: MeasureMoments;
  momentsOfFloats: MeasureMoments;
  mix(
    painted: number,
    before: number,
    width: number,
    height: number,
    means: number,
    deviations: number,
    across: number,
    down: number,
    trusted: number,
    factor: number,
    share: number,
    lines: number,
    mixed: number,
  ): void;
  giveContrast(
    mixed: number,
    width: number,
    height: number,
    means: number,
    deviations: number,
    wanted: number,
    fine: number,
    whole: number,
  ): void;
  toFine(pixels: number, count: number, fine: number): void;
}

type MeasureMoments = (
  picture: number,
  width: number,
  height: number,
  means: number,
  deviations: number,
  sums: number,
  squares: number,
  lines: number,
) => void;

/** How a frame follows from the previous one, all on the flow's grid. */
export interface FrameMotion {
  /** From the frame to the previous one. */
  readonly flow: Flow;
  /** 1 where a place is seen in both frames, else 0. */
  readonly seen: Uint8Array;
  /** Luminance of the frame. */
  readonly now: Plane;
  /** Of the previous one. */
  readonly before: Plane;
}

/**
 * Blends frames of one size, each with what was shown of the one before, in a memory of its own, by 128-bit vectors: a pixel in each, as
 * its colours are treated alike. What is shown is kept in 1/256 grey levels: it must not stick at whole ones.
 */
export class Blender {
  readonly #width: number;
  readonly #height: number;
  readonly #assembly = new Assembly<BlendProgram>(BLEND_PROGRAM);
  readonly #at: Readonly<
    Record<
      | ('painted' | 'whole' | 'shown' | 'spare' | 'mixed' | 'lines')
      | ('now' | 'before' | 'across' | 'down' | 'seen' | 'trusted' | 'apart' | 'around')
      | ('means' | 'deviations' | 'mixedMeans' | 'mixedDeviations' | 'sums' | 'squares'),
      number
    >
  >;
  /** Where what was shown last is, and what is shown next will be. */
  #shown: number;
  #spare: number;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    const { run } = this.#assembly;
    const count = 3 * width * height;
    const factor = finestFactor({ width, height });
    const plane = 4 * Math.floor(width / factor) * Math.floor(height / factor);
    const grid = 4 * 3 * run.blocksAlong(width) * run.blocksAlong(height);
    this.#at = this.#assembly.lay({
      ...{ painted: count, whole: count, shown: 2 * count, spare: 2 * count, mixed: 4 * count },
      lines: 4 * 4 * (width + 32),
      ...{ now: plane, before: plane, across: plane, down: plane, seen: plane / 4 },
      ...{ trusted: plane, apart: plane, around: plane },
      ...{
        means: grid,
        deviations: grid,
        mixedMeans: grid,
        mixedDeviations: grid,
        sums: grid,
        squares: grid,
      },
    });
    [this.#shown, this.#spare] = [this.#at.shown, this.#at.spare];
  }

  /** Begins a scene: the painting is shown as it is. */
  begin(painted: Uint8Array): void {
    this.#assembly.bytes(this.#at.painted, painted.length).set(painted);
    this.#assembly.run.toFine(this.#at.painted, painted.length, this.#shown);
  }

  /** What was shown last, in 1/256 grey levels, [height, width, 3]. A copy. */
  shown(): Uint16Array<ArrayBuffer> {
    return this.#assembly.shorts(this.#shown, 3 * this.#width * this.#height).slice();
  }

  /** Goes on after a frame. @param shown of it, as `shown` has it. */
  goOnFrom(shown: Uint16Array): void {
    this.#assembly.shorts(this.#shown, shown.length).set(shown);
  }

  /**
   * What is shown of a frame: the painted frame N and, where it is trusted, the picture shown before, moved along, H:
   *
   *   B = N + s·T·(clip(H) − N),  shown = μ_B + g (B − μ_B),  g = min(2, max(1, σ_N / σ_B))
   *
   * with s the share and T the trust (assembly/steady/trust.ts). H is clipped to μ_N ± (2.5 σ_N + 2), the range of the new picture about each pixel (variance
   * clipping: Salvi 2016, 'An excursion in temporal supersampling'), so that nothing remains of what has gone. A mean of
   * two textures that differ has less contrast than either: g gives it back (after Heitz and Neyret 2018, 'High-performance by-example
   * noise using a histogram-preserving blending operator', §3).
   *
   * @param painted N, [height, width, 3]. @returns what is shown, in whole grey levels, rounded.
   */
  blend(painted: Uint8Array, share: number, { flow, seen, now, before }: FrameMotion): Uint8Array {
    const { run } = this.#assembly;
    const at = this.#at;
    const size = [this.#width, this.#height] as const;
    const [shown, fine] = [this.#shown, this.#spare];
    this.#assembly.bytes(at.painted, painted.length).set(painted);
    for (const [values, to] of [
      [flow.across, at.across],
      [flow.down, at.down],
      [now.values, at.now],
      [before.values, at.before],
    ] as const)
      this.#assembly.floats(to, values.length).set(values);
    this.#assembly.bytes(at.seen, seen.length).set(seen);
    const { width, height, factor } = flow;
    run.trust(
      ...[at.now, at.before, at.across, at.down, at.seen, width, height, factor, at.trusted],
      ...[at.apart, at.around, at.lines],
    );
    const scratch = [at.sums, at.squares, at.lines] as const;
    const own = [at.means, at.deviations] as const;
    run.momentsOfBytes(at.painted, ...size, ...own, ...scratch);
    const motion = [at.across, at.down, at.trusted, factor] as const;
    run.mix(at.painted, shown, ...size, ...own, ...motion, share, at.lines, at.mixed);
    run.momentsOfFloats(at.mixed, ...size, at.mixedMeans, at.mixedDeviations, ...scratch);
    run.giveContrast(at.mixed, ...size, at.mixedMeans, at.mixedDeviations, at.deviations, fine, at.whole);
    [this.#shown, this.#spare] = [fine, shown];
    return this.#assembly.bytes(at.whole, painted.length).slice();
  }

  /** Bytes that it takes. */
  get memory(): number {
    return this.#assembly.size;
  }
}
