import { type CompiledFunction, compile, type Precision, type Program } from '../engine/compile/compile.ts';
import * as tf from '../engine/tensorflow.ts';
import { LATTICE_SIDE } from '../losses/lattice-loss.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { OptimizeConfig } from './config.ts';
import type { Evaluation, LossTerms } from './evaluation.ts';
import { type Term, termsOf, termValues } from './objective-terms.ts';
import { makeTargets, type TargetInputs, type Targets } from './targets.ts';

export type ObjectiveInputs = Omit<TargetInputs, 'contentLayers' | 'styleLayers' | 'statistic'>;

/**
 * What is minimised, over the pixels of one picture: a weighted sum of content, style, total variation, lattice and pixel terms
 * (Gatys et al. 2016, eq. 7) in the units of the configuration. Value and gradient are one call of one compiled graph.
 *
 * The feature maps and Gram matrices compared with are computed once and are the graph's inputs, not constants in it:
 * handing them over costs nothing, and those of a large picture would not fit into a graph. Memory is theirs, the loss
 * network's weights and the feature maps of one forward and backward pass.
 *
 * The total variation of a picture of one channel (luminance) is its own, not that of three equal channels, except that
 * Keras' form, a plain sum, is then a third.
 */
export class Objective {
  /** [1, H, W, C] of the pictures it takes, C = 3, or 1 where luminance alone is optimised. */
  readonly shape: readonly [number, number, number, number];
  readonly #terms: readonly Term[];
  readonly #targets: Targets;
  readonly #inputs: readonly tf.Tensor[];
  readonly #compiled: CompiledFunction;

  constructor(config: OptimizeConfig, inputs: ObjectiveInputs, precision: Precision = 'f32') {
    this.shape = inputs.content.shape;
    checkLattice(config, this.shape);
    this.#targets = makeTargets({
      ...inputs,
      contentLayers: config.contentWeight > 0 ? Object.keys(config.contentLayers) : [],
      styleLayers: Object.keys(config.styleLayers),
      styles: config.styleWeight > 0 ? inputs.styles : [],
      statistic: config.statistic,
    });
    this.#terms = termsOf(config, this.#targets);
    this.#inputs = flat(this.#targets);
    const program = makeProgram(config, inputs, this.#terms, this.#targets);
    try {
      this.#compiled = compile(program, {
        inputs: [this.shape, ...this.#inputs.map(({ shape }) => shape)],
        constants: inputs.lossNetwork.tensors,
        precision,
      });
    } catch (error) {
      tf.dispose([...this.#inputs]);
      throw error;
    }
  }

  /**
   * The objective at a picture. The total is put together in double precision from the terms.
   *
   * @param point H·W·C pixels in [0, 255]. @throws {RangeError} it is of another size.
   */
  evaluate(point: Float32Array): Evaluation<LossTerms> {
    const picture = tf.tensor4d(point, [...this.shape]);
    const [gradient, values] = this.#compiled.run(picture, ...this.#inputs);
    try {
      return this.#evaluation(gradient!.dataSync() as Float32Array, values!.dataSync() as Float32Array);
    } finally {
      tf.dispose([picture, gradient!, values!]);
    }
  }

  #evaluation(gradient: Float32Array, values: Float32Array): Evaluation<LossTerms> {
    let value = 0;
    const sums = { content: 0, style: 0, tv: 0, lattice: 0, pixels: 0 };
    const layers: { content: Record<string, number>; style: Record<string, number> } = {
      content: {},
      style: {},
    };
    const shares: Record<string, number> = {};
    this.#terms.forEach(({ kind, layer, share, weight }, i) => {
      value += weight * values[i]!;
      sums[kind] += share * values[i]!;
      if (kind !== 'content' && kind !== 'style') return;
      // Several paintings: their mean by share.
      const key = `${kind} ${layer}`;
      shares[key] = (shares[key] ?? 0) + share;
      layers[kind][layer] = (layers[kind][layer] ?? 0) + share * values[i]!;
    });
    for (const kind of ['content', 'style'] as const)
      for (const layer of Object.keys(layers[kind]))
        layers[kind][layer] = layers[kind][layer]! / (shares[`${kind} ${layer}`] || 1);
    return {
      value,
      gradient,
      terms: { ...sums, contentLayers: layers.content, styleLayers: layers.style },
    };
  }

  /** Frees graph and targets, not the loss network. Idempotent. */
  dispose(): void {
    this.#compiled.dispose();
    tf.dispose([...this.#inputs]);
  }
}

/** @throws {ConfigError} the picture is smaller than the lattice's filters. */
function checkLattice({ latticeWeight }: OptimizeConfig, [, height, width]: Objective['shape']): void {
  if (latticeWeight > 0 && Math.min(height, width) < LATTICE_SIDE)
    throw new ConfigError(
      expected(
        `a picture of at least ${LATTICE_SIDE}×${LATTICE_SIDE} px for the lattice loss`,
        `${width}×${height} px`,
      ),
    );
}

/** (picture, targets …) → gradient, values of the terms. */
function makeProgram(
  config: OptimizeConfig,
  { lossNetwork }: ObjectiveInputs,
  terms: readonly Term[],
  targets: Targets,
): Program {
  return ([picture, ...given]) => {
    const compared = unflat(given, targets);
    let values: tf.Tensor[] = [];
    const { grad } = tf.valueAndGrad((x: tf.Tensor) => {
      const each = termValues(x as tf.Tensor4D, lossNetwork, config, compared);
      // Kept: the values are wanted beside the total, and the gradient's scope would take them away.
      values = each.map((value) => tf.keep(value.clone()));
      return tf.addN(each.map((value, i) => tf.mul(value, terms[i]!.weight)));
    })(picture!);
    const stacked = tf.stack(values);
    tf.dispose(values);
    return { outputs: [grad, stacked] };
  };
}

/** All tensors of the targets in a fixed order. */
function flat({ content, contentRegions, styles, pixels }: Targets): tf.Tensor[] {
  return [
    ...Object.values(content),
    ...Object.values(contentRegions),
    ...styles.flatMap(({ statistics, guidance }) => [
      ...Object.values(statistics),
      ...Object.values(guidance),
    ]),
    pixels,
  ];
}

/** `flat`'s inverse: the same targets with other tensors. */
function unflat(tensors: readonly tf.Tensor[], like: Targets): Targets {
  let next = 0;
  const filled = (record: Readonly<Record<string, tf.Tensor>>) =>
    Object.fromEntries(Object.keys(record).map((key) => [key, tensors[next++]!]));
  return {
    content: filled(like.content),
    contentRegions: filled(like.contentRegions),
    styles: like.styles.map(({ share, statistics, guidance }) => {
      return { share, statistics: filled(statistics), guidance: filled(guidance) };
    }),
    pixels: tensors[next] as tf.Tensor4D,
  };
}
