import {
  type CompiledFunction,
  compile,
  type Precision,
  type Program,
  shapesOf,
} from '../engine/compile/compile.ts';
import * as tf from '../engine/tensorflow.ts';
import { LATTICE_SIDE } from '../losses/lattice-loss.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { OptimizeConfig } from './config.ts';
import type { Evaluation, LossTerms } from './evaluation.ts';
import { type Term, termsOf, termValues } from './objective-terms.ts';
import { makeTargets, paintingShares, type TargetInputs, type Targets } from './targets.ts';

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
  readonly #compiled: CompiledFunction<ObjectiveTensors, ObjectiveOutputs>;

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
    this.#terms = termsOf(config, this.#targets, paintingShares(inputs.styles));
    const program = makeProgram(config, inputs, this.#terms);
    try {
      this.#compiled = compile(program, {
        inputs: { picture: this.shape, targets: shapesOf(this.#targets) },
        constants: inputs.lossNetwork.tensors,
        precision,
      });
    } catch (error) {
      tf.dispose(this.#targets);
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
    const { gradient, values } = this.#compiled.run({ picture, targets: this.#targets });
    try {
      return this.#evaluation(gradient.dataSync() as Float32Array, values.dataSync() as Float32Array);
    } finally {
      tf.dispose([picture, gradient, values]);
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
    tf.dispose(this.#targets);
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

type ObjectiveTensors = { readonly picture: tf.Tensor4D; readonly targets: Targets };
/** The gradient to the picture, and the values of the terms in their order, [terms]. */
type ObjectiveOutputs = { readonly gradient: tf.Tensor; readonly values: tf.Tensor };

function makeProgram(
  config: OptimizeConfig,
  { lossNetwork }: ObjectiveInputs,
  terms: readonly Term[],
): Program<ObjectiveTensors, ObjectiveOutputs> {
  return ({ picture, targets }) => {
    let values: tf.Tensor[] = [];
    const { grad } = tf.valueAndGrad((x: tf.Tensor) => {
      const each = termValues(x as tf.Tensor4D, lossNetwork, config, targets);
      // Kept: the values are wanted beside the total, and the gradient's scope would take them away.
      values = each.map((value) => tf.keep(value.clone()));
      return tf.addN(each.map((value, i) => tf.mul(value, terms[i]!.weight)));
    })(picture);
    const stacked = tf.stack(values);
    tf.dispose(values);
    return { outputs: { gradient: grad, values: stacked } };
  };
}
