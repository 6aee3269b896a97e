import {
  type CompiledFunction,
  compile,
  mapRecord,
  numbered,
  type Precision,
  type Program,
  shapesOf,
} from '../engine/compile/compile.ts';
import * as tf from '../engine/tensorflow.ts';
import type { StyleMeasure } from '../losses/style-term.ts';
import { type LayerLosses, layersOf, partsOf, type TargetTensors, type Term } from '../losses/term.ts';
import { loadMakers, type TableMakers, termsOf } from '../losses/terms.ts';
import type { LossNetwork } from '../networks/loss-network.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { OptimizeConfig } from './config.ts';
import type { Evaluation, LossTerms } from './evaluation.ts';
import { asRgb, makeTargets, paintingShares, type TargetInputs } from './targets.ts';

export interface ObjectiveInputs extends Omit<TargetInputs, 'contentLayers' | 'styleLayers' | 'measure'> {
  /** Terms of the caller's own, added to the objective. */
  readonly terms?: readonly Term[] | undefined;
}

/**
 * What is minimised, over the pixels of one picture: a weighted sum of terms (`termsOf`; Gatys et al. 2016, eq. 7)
 * in the units of the configuration. Value and gradient are one call of one compiled graph.
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
  /** Of all terms, those that weigh nothing included. */
  readonly #names: readonly string[];
  readonly #terms: readonly Term[];
  readonly #targets: TargetTensors;
  readonly #compiled: CompiledFunction<ObjectiveTensors, ObjectiveOutputs>;

  private constructor(
    config: OptimizeConfig,
    inputs: ObjectiveInputs,
    makers: TableMakers,
    precision: Precision,
  ) {
    this.shape = inputs.content.shape;
    const settings = { ...config, ...measureOf(config), makers, terms: inputs.terms };
    this.#names = termsOf(settings).map(({ name }) => name);
    const paintings = paintingShares(inputs.styles);
    this.#terms = termsOf({ ...settings, paintings }).filter(({ weight }) => (weight as number) > 0);
    checkSides(this.#terms, this.shape);
    this.#targets = makeTargets({
      ...inputs,
      contentLayers: config.contentWeight > 0 ? Object.keys(config.contentLayers) : [],
      styleLayers: Object.keys(config.styleLayers),
      styles: config.styleWeight > 0 ? inputs.styles : [],
      measure: measureOf(config),
    });
    const program = makeProgram(inputs.lossNetwork, this.#terms);
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
   * Measures photo and paintings and compiles the graph. Caller disposes; the inputs stay the caller's.
   *
   * @throws {ConfigError} the picture is smaller than a term can be of.
   */
  static async create(
    config: OptimizeConfig,
    inputs: ObjectiveInputs,
    precision: Precision = 'f32',
  ): Promise<Objective> {
    return new Objective(config, inputs, await loadMakers(), precision);
  }

  /** What the total is the sum by: each term's weight, of those that weigh something. */
  get weights(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#terms.map(({ name, weight }) => [name, weight as number]));
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
      return this.#evaluation(gradient.dataSync() as Float32Array, values);
    } finally {
      tf.dispose([picture, gradient, values]);
    }
  }

  #evaluation(gradient: Float32Array, values: ObjectiveOutputs['values']): Evaluation<LossTerms> {
    let value = 0;
    const sums: Record<string, number> = Object.fromEntries(this.#names.map((name) => [name, 0]));
    const layers: Record<string, Record<string, { sum: number; shares: number }>> = {
      content: {},
      style: {},
    };
    this.#terms.forEach((term, i) => {
      const { name, weight } = term;
      for (const { layer, share, value: scalar } of partsOf(term, values[i]!)) {
        const found = scalar.dataSync()[0]!;
        value += share * (weight as number) * found;
        sums[name]! += share * found;
        if (layer === undefined) continue;
        // Several paintings: their mean by share.
        layers[name] ??= {};
        const { sum, shares } = layers[name][layer] ?? { sum: 0, shares: 0 };
        layers[name][layer] = { sum: sum + share * found, shares: shares + share };
      }
    });
    const means = Object.entries(layers).map(([name, ofTerm]) => [
      `${name}Layers`,
      Object.fromEntries(
        Object.entries(ofTerm).map(([layer, { sum, shares }]) => [layer, sum / (shares || 1)]),
      ),
    ]);
    return { value, gradient, terms: { ...sums, ...Object.fromEntries(means) } as LossTerms };
  }

  /** Frees graph and targets, not the loss network. Idempotent. */
  dispose(): void {
    this.#compiled.dispose();
    tf.dispose(this.#targets);
  }
}

/** @throws {ConfigError} the picture is smaller than a term can be of. */
function checkSides(terms: readonly Term[], [, height, width]: Objective['shape']): void {
  for (const { name, leastSide = 1 } of terms)
    if (Math.min(height, width) < leastSide)
      throw new ConfigError(
        expected(
          `a picture of at least ${leastSide}×${leastSide} px for the ${name} loss`,
          `${width}×${height} px`,
        ),
      );
}

/** What of the paintings is compared: Gram matrices averaged over positions, the units of `LOSS_UNITS`. */
function measureOf({ statistic }: OptimizeConfig): StyleMeasure {
  return { styleStatistic: statistic, gramsOver: 'positions' };
}

type ObjectiveTensors = { readonly picture: tf.Tensor4D; readonly targets: TargetTensors };
/** The gradient to the picture, and the values of the terms by their places. */
type ObjectiveOutputs = {
  readonly gradient: tf.Tensor;
  readonly values: Readonly<Record<string, tf.Scalar | LayerLosses>>;
};

function makeProgram(
  lossNetwork: LossNetwork,
  terms: readonly Term[],
): Program<ObjectiveTensors, ObjectiveOutputs> {
  const layers = layersOf(terms);
  return ({ picture, targets }) => {
    let values: ObjectiveOutputs['values'] = {};
    const { grad } = tf.valueAndGrad((x: tf.Tensor) => {
      const seen = x as tf.Tensor4D;
      const maps = layers.length === 0 ? {} : lossNetwork.featureMaps(asRgb(seen), layers);
      const each = terms.map((term) => term.value(seen, maps, targets));
      // Kept: the values are needed besides the total, and the gradient's scope would dispose of them.
      const keep = (value: tf.Tensor) => tf.keep(value.clone());
      values = mapRecord(numbered(each), keep) as ObjectiveOutputs['values'];
      return tf.addN(
        terms.flatMap((term, i) =>
          partsOf(term, each[i]!).map(({ share, value }) => tf.mul(value, share * (term.weight as number))),
        ),
      );
    })(picture);
    const outputs = mapRecord(values, (value: tf.Tensor) => value.clone()) as ObjectiveOutputs['values'];
    tf.dispose(values);
    return { outputs: { gradient: grad, values: outputs } };
  };
}
