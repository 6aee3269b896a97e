import assert from 'node:assert/strict';
import test from 'node:test';
import { compileAsCalled, runOnce } from '../../../src/engine/compile/compile-as-called.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { gramMatrix } from '../../../src/losses/gram-matrix.ts';
import { LossNetwork } from '../../../src/networks/loss-network.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { relativeDistance } from '../../helpers/tensor-close.ts';
import { tinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

type Picture = { readonly picture: tf.Tensor4D };

/** Gram matrices by a loss network: a program that takes sizes from `shape`. */
function measuring(network: LossNetwork) {
  const calls: string[] = [];
  const program = ({ picture }: Picture) => {
    calls.push(String(picture.shape));
    const outputs = tf.tidy(() => {
      const maps = Object.entries(network.featureMaps(picture, ['relu1_1', 'relu3_1']));
      return Object.fromEntries(maps.map(([layer, map]) => [layer, gramMatrix(map)]));
    });
    return { outputs };
  };
  return { calls, program };
}

const pictureOf = (width: number, height: number) =>
  tf.randomUniform<tf.Rank.R4>([1, height, width, 3], 0, 255, 'float32', width);

test('answers what the ops answer one by one, and is compiled anew only where shapes differ', async () => {
  await expectNoLeak(() => {
    const network = new LossNetwork(tinyLossNetwork());
    const { calls, program } = measuring(network);
    const compiled = compileAsCalled(program, network.tensors);
    for (const [width, height] of [
      [40, 32],
      [40, 32],
      [48, 24],
      [40, 32],
    ] as const) {
      const picture = pictureOf(width, height);
      const [got, wanted] = [compiled.run({ picture }), program({ picture }).outputs];
      calls.pop();
      for (const [layer, gram] of Object.entries(wanted))
        assert.ok(relativeDistance(got[layer]!, gram) < 1e-5, `${layer} of ${width}×${height}`);
      tf.dispose([picture, got, wanted]);
    }
    assert.deepEqual(calls, ['1,32,40,3', '1,24,48,3', '1,32,40,3']);
    compiled.dispose();
    compiled.dispose();
    network.dispose();
  });
});

test('once: nothing is kept, also where the program fails, which can be called again', async () => {
  const network = new LossNetwork(tinyLossNetwork());
  const { program } = measuring(network);
  const picture = pictureOf(40, 32);
  const small = pictureOf(2, 2);
  await expectNoLeak(() => {
    const got = runOnce(program, network.tensors, { picture });
    const wanted = program({ picture }).outputs;
    assert.ok(relativeDistance(got.relu3_1!, wanted.relu3_1!) < 1e-5);
    tf.dispose([got, wanted]);
    const compiled = compileAsCalled(program, network.tensors);
    assert.throws(() => compiled.run({ picture: small }), /large enough for pool2/);
    tf.dispose(compiled.run({ picture }));
    compiled.dispose();
  });
  tf.dispose([picture, small]);
  network.dispose();
});
