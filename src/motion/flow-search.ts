import type { PictureSize } from '../picture.ts';
import { Assembly } from '../system/assembly.ts';
import type { Flow } from './flow.ts';
import { FLOW_PROGRAM } from './flow-program.ts';
import type { Plane } from './plane.ts';
import type { Pyramid } from './pyramid.ts';

/** assembly/motion/: planes are addresses. */
interface FlowProgram {
  readonly PAD: { readonly value: number };
  readonly SIDE: { readonly value: number };
  pad(plane: number, width: number, height: number, padded: number): void;
  searchPatches(
    template: number,
    target: number,
    width: number,
    height: number,
    expectedU: number,
    expectedV: number,
    across: number,
    down: number,
  ): void;
  densify(
    template: number,
    target: number,
    width: number,
    height: number,
    across: number,
    down: number,
    gain: number,
    u: number,
    v: number,
    weights: number,
  ): void;
  enlarge(
    from: number,
    columns: number,
    rows: number,
    gain: number,
    to: number,
    width: number,
    height: number,
    between: number,
  ): void;
}

/** Searches motion between frames of one size, in a memory of its own, by 128-bit vectors. */
export class FlowSearch {
  readonly #assembly = new Assembly<FlowProgram>(FLOW_PROGRAM);
  readonly #at: Readonly<
    Record<
      | ('plane' | 'template' | 'target' | 'u' | 'v' | 'weights')
      | ('expectedU' | 'expectedV' | 'across' | 'down' | 'between'),
      number
    >
  >;

  /** @param finest size of the finest level of the pyramids. */
  constructor({ width, height }: PictureSize) {
    const { PAD, SIDE } = this.#assembly.run;
    const padded = 4 * (width + 2 * PAD.value) * (height + 2 * PAD.value);
    const plane = 4 * Math.max(width, SIDE.value) * Math.max(height, SIDE.value);
    this.#at = this.#assembly.lay({
      ...{ plane, template: padded, target: padded, u: plane, v: plane, weights: plane },
      // There are fewer patches than places.
      ...{ expectedU: plane, expectedV: plane, across: plane, down: plane, between: 4 * width },
    });
  }

  /** As `opticalFlow`. */
  flow(from: Pyramid, to: Pyramid): Flow {
    const { run } = this.#assembly;
    const at = this.#at;
    const coarsest = from.levels.length - 1;
    for (let i = coarsest; i >= 0; i--) {
      const [template, target] = [from.levels[i]!, to.levels[i]!];
      const { width, height } = template;
      this.#pad(template, at.template);
      this.#pad(target, at.target);
      if (i === coarsest)
        for (const expected of [at.expectedU, at.expectedV])
          this.#assembly.floats(expected, width * height).fill(0);
      else {
        const { width: columns, height: rows } = from.levels[i + 1]!;
        run.enlarge(at.u, columns, rows, 2, at.expectedU, width, height, at.between);
        run.enlarge(at.v, columns, rows, 2, at.expectedV, width, height, at.between);
      }
      const levels = [at.template, at.target, width, height] as const;
      run.searchPatches(...levels, at.expectedU, at.expectedV, at.across, at.down);
      // In pixels of the frame at the end.
      const gain = i === 0 ? from.factor : 1;
      run.densify(...levels, at.across, at.down, gain, at.u, at.v, at.weights);
    }
    const { width, height } = from.levels[0];
    const result = (address: number) => this.#assembly.floats(address, width * height).slice();
    return { across: result(at.u), down: result(at.v), width, height, factor: from.factor };
  }

  /** Bytes that it takes. */
  get memory(): number {
    return this.#assembly.size;
  }

  #pad({ values, width, height }: Plane, to: number): void {
    this.#assembly.floats(this.#at.plane, values.length).set(values);
    this.#assembly.run.pad(this.#at.plane, width, height, to);
  }
}
