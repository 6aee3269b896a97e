import assert from 'node:assert/strict';
import test from 'node:test';
import { random } from '../../src/data/random.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { LossNetwork } from '../../src/networks/loss-network.ts';
import { DEFAULT_OPTIMIZE_CONFIG, type OptimizeConfig } from '../../src/optimize/config.ts';
import { Objective, type ObjectiveInputs } from '../../src/optimize/objective.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { relativeDistance } from '../helpers/tensor-close.ts';
import { tinyLossNetwork } from '../helpers/tiny-loss-network.ts';

const SIZE = 20;

function values(channels: number, seed: number, size = SIZE): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: size * size * channels }, () => 255 * next());
}

function drawn(channels: number, seed: number, size = SIZE): tf.Tensor4D {
  return tf.tensor4d(values(channels, seed, size), [1, size, size, channels]);
}

/** 1 in the left part, with a soft edge. */
function leftHalf(share: number, size = SIZE): tf.Tensor4D {
  const shares = Float32Array.from({ length: size * size }, (_, i) => {
    return Math.min(1, Math.max(0, (size * share - (i % size)) / 2));
  });
  return tf.tensor4d(shares, [1, size, size, 1]);
}

const BASE: OptimizeConfig = {
  ...DEFAULT_OPTIMIZE_CONFIG,
  statistic: 'gram',
  contentLayers: { relu2_2: 1, conv3_2: 2 },
  styleLayers: { relu1_1: 1, relu2_1: 2, conv3_1: 1 },
  tvWeight: 1e-4,
};

/** Everything made and freed here; `work` sees objective and inputs. */
async function withObjective<T>(
  config: OptimizeConfig,
  work: (objective: Objective, inputs: ObjectiveInputs) => T,
  { channels = 3, masks = false, two = false } = {},
): Promise<T> {
  const lossNetwork = new LossNetwork(tinyLossNetwork({ last: 'conv3_2' }), config.pooling);
  const inputs: ObjectiveInputs = {
    lossNetwork,
    content: drawn(channels, 1),
    styles: [
      {
        picture: drawn(channels, 2, 24),
        weight: 3,
        ...(masks && { region: leftHalf(0.6), source: leftHalf(0.7, 24) }),
      },
      ...(two ? [{ picture: drawn(channels, 3), weight: 1 }] : []),
    ],
    ...(masks && { contentRegion: leftHalf(0.5) }),
  };
  const objective = await Objective.create(config, inputs);
  try {
    return work(objective, inputs);
  } finally {
    objective.dispose();
    lossNetwork.dispose();
    const { content, contentRegion, styles } = inputs;
    const all = [
      content,
      contentRegion,
      ...styles.flatMap(({ picture, region, source }) => [picture, region, source]),
    ];
    tf.dispose(all.filter((tensor) => tensor !== undefined));
  }
}

const GRADIENTS: readonly (readonly [
  string,
  Partial<OptimizeConfig>,
  Parameters<typeof withObjective>[2]?,
])[] = [
  ['relative units, Gram matrices', {}],
  ['relative units, moments', { statistic: 'moments' }],
  ["Gatys' units, average pooling", { units: 'gatys', pooling: 'average' }],
  ['the units of pytorch', { units: 'pytorch', styleWeight: 1e3 }],
  ['the units of slim', { units: 'slim' }],
  ['the units of coursera', { units: 'coursera' }],
  ["Johnson's units", { units: 'johnson', tvForm: 'sum', styleWeight: 1e3 }],
  ["Engstrom's units", { units: 'lengstrom', tvForm: 'directions', styleWeight: 1e3 }],
  ['the units of keras', { units: 'keras', contentWeight: 0 }],
  ["Keras' total variation", { contentWeight: 0, styleWeight: 0, tvForm: 'power' }],
  ["Johnson's total variation", { contentWeight: 0, styleWeight: 0, tvForm: 'sum' }],
  ["Engstrom's total variation", { contentWeight: 0, styleWeight: 0, tvForm: 'directions' }],
  ['the lattice', { contentWeight: 0, styleWeight: 0, tvWeight: 0, latticeWeight: 1 }],
  ['the squared total variation', { contentWeight: 0, styleWeight: 0 }],
  ['pixels', { contentWeight: 0, styleWeight: 0, tvWeight: 0, pixelWeight: 5 }],
  ['masks', {}, { masks: true }],
  ['masks and moments', { statistic: 'moments' }, { masks: true }],
  ["masks in Gatys' units", { units: 'gatys' }, { masks: true }],
  ['two paintings', {}, { two: true }],
  ['luminance', {}, { channels: 1 }],
];

for (const [name, change, options] of GRADIENTS) {
  test(`the gradient is right: ${name}`, async () => {
    await expectNoLeak(() =>
      withObjective(
        { ...BASE, ...change },
        (objective, { content }) => {
          const point = values(content.shape[3], 9);
          const { gradient, value } = objective.evaluate(point);
          assert.ok(Number.isFinite(value) && value > 0);
          // Along random directions; of three lengths the best, as kinks of the ReLUs or rounding spoil one or other.
          for (const seed of [1, 2, 3]) {
            const next = random(seed);
            const direction = point.map(() => next() - 0.5);
            const slope = direction.reduce((sum, d, i) => sum + d * gradient[i]!, 0);
            const errors = [0.1, 0.4, 1.5].map((length) => {
              const at = (sign: number) =>
                objective.evaluate(point.map((x, i) => x + sign * length * direction[i]!)).value;
              return Math.abs((at(1) - at(-1)) / (2 * length) - slope);
            });
            const size = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
            assert.ok(
              Math.min(...errors) < 0.02 * Math.max(size, Math.abs(slope)),
              `seed ${seed}: ${errors} for ${slope}`,
            );
          }
        },
        options,
      ),
    );
  });
}

test('the total is the weighted sum of the terms, a term the mean or sum of its layers', async () => {
  for (const units of ['relative', 'gatys'] as const) {
    const config = { ...BASE, units, latticeWeight: 0.02, pixelWeight: 3 };
    await withObjective(config, (objective, { content }) => {
      const { value, terms } = objective.evaluate(values(content.shape[3], 5));
      const { content: c, style, tv, lattice, pixels } = terms;
      const smooth = config.tvWeight * tv + 0.02 * lattice;
      const sum = config.contentWeight * c + config.styleWeight * style + smooth + 3 * pixels;
      assert.ok(lattice > 0);
      assert.ok(relativeDistance([value], [sum]) < 1e-6);
      const { relu1_1: a, relu2_1: b, conv3_1: d } = terms.styleLayers;
      const plain = a! + 2 * b! + d!;
      assert.ok(relativeDistance([style], [units === 'relative' ? plain / 4 : plain]) < 1e-6);
    });
  }
});

test('a picture smaller than the filters of the lattice is refused', async () => {
  const small = tf.zeros([1, 7, 20, 3]) as tf.Tensor4D;
  const lossNetwork = new LossNetwork(tinyLossNetwork({ last: 'conv3_2' }), BASE.pooling);
  const inputs = { lossNetwork, content: small, styles: [{ picture: small, weight: 1 }] };
  await assert.rejects(
    Objective.create({ ...BASE, latticeWeight: 1 }, inputs),
    /a picture of at least 8×8 px for the lattice loss but received 20×7 px/,
  );
  lossNetwork.dispose();
  small.dispose();
});

test('the photo has no content loss, in any units', async () => {
  for (const units of ['relative', 'gatys', 'slim'] as const)
    await withObjective({ ...BASE, units, pixelWeight: 1 }, (objective, { content }) => {
      const { terms } = objective.evaluate(Float32Array.from(content.dataSync()));
      assert.ok(terms.content < 1e-6 && terms.pixels === 0);
    });
});

test('a masked painting does not see beyond its region', async () => {
  const config = { ...BASE, contentWeight: 0, tvWeight: 0, styleLayers: { relu1_1: 1 } };
  await withObjective(
    config,
    (objective) => {
      const point = values(3, 9);
      const { gradient } = objective.evaluate(point);
      // The region ends at column 12; a convolution sees one pixel further.
      const columns = Array.from({ length: SIZE }, (_, x) => {
        return gradient.reduce((sum, g, i) => (Math.floor(i / 3) % SIZE === x ? sum + Math.abs(g) : sum), 0);
      });
      assert.ok(
        columns.slice(0, 12).every((sum) => sum > 0),
        `${columns}`,
      );
      assert.ok(
        columns.slice(13).every((sum) => sum === 0),
        `${columns}`,
      );
    },
    { masks: true },
  );
});

test('content beyond its region is free', async () => {
  const config = { ...BASE, styleWeight: 0, tvWeight: 0, contentLayers: { relu1_1: 1 } };
  await withObjective(
    config,
    (objective, { content }) => {
      // The region ends at column 10: changing columns from 12 on changes nothing.
      const point = Float32Array.from(content.dataSync());
      const moved = point.map((value, i) => (Math.floor(i / 3) % SIZE >= 12 ? 255 - value : value));
      assert.ok(objective.evaluate(moved).value < 1e-6);
      const inside = point.map((value, i) => (Math.floor(i / 3) % SIZE < 8 ? 255 - value : value));
      assert.ok(objective.evaluate(inside).value > 0.01);
    },
    { masks: true },
  );
});

test('two paintings count by their weights', async () => {
  const config = { ...BASE, contentWeight: 0, tvWeight: 0 };
  const point = values(3, 9);
  const both = await withObjective(config, (objective) => objective.evaluate(point).value, { two: true });
  const first = await withObjective(config, (objective) => objective.evaluate(point).value);
  const lossNetwork = new LossNetwork(tinyLossNetwork({ last: 'conv3_2' }), BASE.pooling);
  const inputs = { lossNetwork, content: drawn(3, 1), styles: [{ picture: drawn(3, 3), weight: 7 }] };
  const objective = await Objective.create(config, inputs);
  const second = objective.evaluate(point).value;
  assert.ok(relativeDistance([both], [0.75 * first + 0.25 * second]) < 1e-5);
  objective.dispose();
  lossNetwork.dispose();
});

test('luminance is the objective of the grey picture', async () => {
  const grey = values(1, 9);
  const config = { ...BASE, tvWeight: 0 };
  const one = await withObjective(config, (objective) => objective.evaluate(grey).value, {
    channels: 1,
  });
  const lossNetwork = new LossNetwork(tinyLossNetwork({ last: 'conv3_2' }), BASE.pooling);
  const asRgb = (t: tf.Tensor4D) => tf.concat([t, t, t], 3);
  const inputs = {
    lossNetwork,
    content: asRgb(drawn(1, 1)),
    styles: [{ picture: asRgb(drawn(1, 2, 24)), weight: 1 }],
  };
  const objective = await Objective.create(config, inputs);
  const three = objective.evaluate(
    Float32Array.from({ length: 3 * grey.length }, (_, i) => grey[Math.floor(i / 3)]!),
  ).value;
  assert.ok(relativeDistance([one], [three]) < 1e-5);
  objective.dispose();
  lossNetwork.dispose();
});

test('bf16 is near f32', async () => {
  const lossNetwork = new LossNetwork(tinyLossNetwork({ last: 'conv3_2' }), BASE.pooling);
  const inputs = { lossNetwork, content: drawn(3, 1), styles: [{ picture: drawn(3, 2), weight: 1 }] };
  const point = values(3, 9);
  const totals: number[] = [];
  for (const precision of ['f32', 'bf16'] as const) {
    const objective = await Objective.create(BASE, inputs, precision);
    totals.push(objective.evaluate(point).value);
    objective.dispose();
  }
  assert.ok(Math.abs(totals[1]! / totals[0]! - 1) < 0.05 && totals[0] !== totals[1], `${totals}`);
  lossNetwork.dispose();
});
