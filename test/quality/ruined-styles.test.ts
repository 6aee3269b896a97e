/** Networks that ruin what they paint are distinguished from a shipped style: one leaves the photo as it is, one has lost it. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { readPicture } from '../../src/data/image-file.ts';
import { SAMPLES } from '../../src/data/sample-photos.ts';
import { StyleNetwork } from '../../src/infer/style-network.ts';
import { judgedMeasures, openJudge } from '../../src/judge/strokes-and-photo.ts';
import { parseArchitecture } from '../../src/networks/architecture.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { readLossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import type { Picture } from '../../src/picture.ts';
import { type Measure, measureFaults } from '../../src/quality/faults.ts';
import type { MeasureName } from '../../src/quality/limits.ts';
import { tinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

const CHECKPOINTS = fileURLToPath(new URL('../../checkpoints', import.meta.url));
const PAINTING = join(SAMPLES, 'paintings', 'ink.jpg');
const PATHS = ['harbour', 'valley'].map((name) => join(SAMPLES, `${name}.jpg`));
const ink = await loadCheckpoint(join(CHECKPOINTS, 'ink.safetensors'));

/** A single convolution that hands every pixel on: 10 times the value, as the output's tanh takes a tenth of it. */
function identity(): StyleNetwork {
  const architecture = 'c3s1-3';
  const checkpoint = tinyCheckpoint(architecture);
  const parameters = checkpoint.parameters.map(({ name, shape }) => {
    const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
    // [3, 3, in, out]: the middle of the kernel, from each channel to itself.
    if (shape.length === 4) for (const c of [0, 1, 2]) values[(4 * 3 + c) * 3 + c] = 10;
    return { name, shape, values };
  });
  return new StyleNetwork({ ...checkpoint, layers: parseArchitecture(architecture), parameters });
}

type Paint = (stylizer: StyleNetwork) => (photo: Picture) => Picture;

const asTrained: Paint = (stylizer) => (photo) => stylizer.stylize(photo);

/** The same strokes as a trained style's, whatever the photo: always of one drawn picture. */
const ofAnother: Paint = (stylizer) => (photo) =>
  stylizer.stylize(drawnPicture(photo.width, photo.height, 3));

interface Case {
  readonly name: string;
  readonly open: () => StyleNetwork;
  readonly paint?: Paint;
  /** What is to be found among the measures of pixels, of those that are about a ruined style. */
  readonly faults: readonly MeasureName[];
  /** The same of a loss network's. */
  readonly judged: readonly MeasureName[];
}

const cases: readonly Case[] = [
  { name: 'a shipped style', open: () => new StyleNetwork(ink), faults: [], judged: [] },
  {
    name: 'a network that paints the photo back',
    open: identity,
    faults: ['texture of its own', 'change of colour'],
    judged: ['strokes'],
  },
  {
    name: 'a style that paints the same whatever the photo',
    open: () => new StyleNetwork(ink),
    paint: ofAnother,
    faults: ['forms kept'],
    judged: ['photo kept'],
  },
];

const failed = (measures: readonly Measure[]) => measures.filter(({ ok }) => !ok).map(({ name }) => name);
const RUINED: readonly MeasureName[] = ['forms kept', 'texture of its own', 'change of colour'];

for (const { name, open, paint = asTrained, faults } of cases)
  test(`${name}: by its pixels`, async () => {
    const stylizer = open();
    const photos = await Promise.all(PATHS.map((path) => readPicture(path, { shortSide: 400 })));
    const found = await measureFaults({ stylize: paint(stylizer), photos, side: 128, crops: 4 });
    stylizer.dispose();
    assert.deepEqual(
      failed(found).filter((one) => RUINED.includes(one)),
      faults,
    );
  });

const VGG16 = fileURLToPath(new URL('../../../shared/data/weights/vgg16.safetensors', import.meta.url));
/** A smaller painting than by default, which takes longer to look at than all else: the figures keep as far from their limits. */
const STYLE_SIZE = 384;

test('by the published VGG16', {
  skip: !existsSync(VGG16) && 'no vgg16.safetensors in ../shared/data/weights',
}, async (t) => {
  const judge = await openJudge({
    weights: await readLossNetworkWeights(VGG16),
    painting: await readPicture(PAINTING, { longSide: STYLE_SIZE }),
    styleSize: STYLE_SIZE,
  });
  for (const { name, open, paint = asTrained, judged } of cases)
    await t.test(name, async () => {
      const stylizer = open();
      const found = await judge.judge(paint(stylizer), PATHS.slice(0, 1), () => undefined);
      stylizer.dispose();
      assert.equal(found.limits, true);
      const measures = await judgedMeasures(found);
      assert.deepEqual(
        measures.map((one) => one.name),
        ['strokes', 'photo kept'],
      );
      assert.deepEqual(failed(measures), judged, JSON.stringify(found));
    });
  judge.dispose();
});
