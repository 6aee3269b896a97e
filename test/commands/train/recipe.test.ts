/** `train --recipe`, and which loss network a recipe takes. */
import assert from 'node:assert/strict';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { loadCheckpoint } from '../../../src/networks/checkpoint.ts';
import { cacheFolder } from '../../../src/system/cache-folder.ts';
import { ConfigError } from '../../../src/system/errors.ts';
import { withRecipe } from '../../../src/train/run/recipe.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { expectUserError } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPhoto, tinyDataset } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

/** A cache with these loss networks only, and with the TensorFlow runtime of the real one. */
async function cacheOf(
  folder: string,
  kinds: readonly ('vgg16' | 'vgg19')[],
): Promise<Record<string, string>> {
  await mkdir(join(folder, 'weights'), { recursive: true });
  for (const name of await readdir(cacheFolder()).catch(() => []))
    if (name !== 'weights') await symlink(join(cacheFolder(), name), join(folder, name), 'junction');
  for (const kind of kinds)
    await writeTinyLossNetwork(join(folder, 'weights', `${kind}.safetensors`), { kind });
  return { FAST_STYLE_CACHE: folder };
}

test('options override a recipe; a painting keeps its own size where that is published', async (t) => {
  const folder = await temporaryFolder(t);
  const small = await drawnPhoto(join(folder, 'wave.png'), 60, 48, { seed: 9 });
  const large = await drawnPhoto(join(folder, 'scream.png'), 70, 90, { seed: 8 });
  const johnson = await withRecipe('johnson', { batch: 2, tvWeight: 0 }, [small]);
  assert.deepEqual(
    [johnson.units, johnson.styleWeight, johnson.batch, johnson.tvWeight, johnson.styleSize],
    ['johnson', 5, 2, 0, 256],
  );
  assert.equal((await withRecipe('lengstrom', {}, [small])).styleSize, 60);
  assert.equal((await withRecipe('pytorch', {}, [small, large])).styleSize, 90);
  assert.equal((await withRecipe('pytorch', { styleSize: 300 }, [small])).styleSize, 300);
  await assert.rejects(withRecipe('johnson', { strength: 3 }, [small]), ConfigError);
  assert.equal((await withRecipe('johnson', { strength: 0 }, [small])).strength, 0);
});

test('train --recipe takes its weights and units, its own loss network if stored, and resumes with them', async (t) => {
  const cwd = await temporaryFolder(t);
  const at = (name: string) => join(cwd, name);
  const painting = await drawnPhoto(at('wave.png'), 60, 48, { seed: 9 });
  const dataset = await tinyDataset(cwd, 5);
  const env = await cacheOf(at('cache'), ['vgg16', 'vgg19']);
  await writeFile(at('settings.json'), JSON.stringify({ batch: 2, contentWeight: 3 }));
  const train = ['train', '--style', painting, '--data', dataset, '--recipe', 'johnson', '--name', 'w'];
  train.push('--config', 'settings.json', '--architecture', 'c3s1-4,c3s1-3', '--image-size', '32');
  train.push('--style-size', '64', '--tv-weight', '1e-5', '--preview-every', '0', '--precision', 'f32');
  const first = await callCommand([...train, '--steps', '1'], { cwd, env });
  assert.equal(first.code, 0, first.stderr);
  // One line: the network has the published kind, but few channels and another range.
  const said = first.stderr
    .split('\n')
    .filter((line) => line.startsWith('The recipe johnson was published with'));
  assert.equal(said.length, 1, first.stderr);
  assert.match(
    said[0]!,
    /; this is vgg16 with 3 channels in its first layer instead of 64 for pixels in 0\.\.1/,
  );
  assert.doesNotMatch(first.stderr, /[Ss]trength/);
  const trained = (await loadCheckpoint(at('checkpoints/w.safetensors'))).training;
  const { units, strength, contentWeight, styleWeight, tvWeight, batch, lossNetwork } = trained;
  assert.deepEqual(
    [units, strength, contentWeight, styleWeight, tvWeight, batch, lossNetwork],
    ['johnson', 0, 3, 5, 1e-5, 2, 'vgg16'],
  );
  assert.deepEqual(trained.styleLayers, { relu1_2: 1, relu2_2: 1, relu3_3: 1, relu4_3: 1 });
  const [resumed, strong, moments] = [
    await callCommand([...train, '--steps', '2', '--resume'], { cwd, env }),
    await callCommand([...train, '--overwrite', '--strength', '3'], { cwd, env }),
    await callCommand([...train, '--overwrite', '--style-statistic', 'moments'], { cwd, env }),
  ];
  assert.equal(resumed.code, 0, resumed.stderr);
  const after = (await loadCheckpoint(at('checkpoints/w.safetensors'))).training;
  assert.deepEqual([after.units, after.styleWeight], ['johnson', 5]);
  assert.equal((after.legs as unknown[]).length, 2, 'other steps, the same settings else');
  expectUserError(
    strong,
    /--recipe or a strength but received johnson and 3; a recipe has weights of its own/,
    2,
  );
  expectUserError(moments, /the style statistic gram in the units johnson but received moments/, 2);
});

test('optimize takes the loss network that a recipe was published with, or says which one replaces it', async (t) => {
  const cwd = await temporaryFolder(t);
  const at = (name: string) => join(cwd, name);
  const painting = await drawnPhoto(at('wave.png'), 40, 36, { seed: 9 });
  const photo = await drawnPhoto(at('photo.png'), 36, 40, { seed: 8 });
  const env = await cacheOf(at('cache'), ['vgg19']);
  const optimize = async (recipe: string) => {
    const words = ['--content', photo, '--style', painting, '--size', '36', '--iterations', '1'];
    const out = ['--out', `${recipe}.png`, '--overwrite'];
    const run = await callCommand(['optimize', '--recipe', recipe, ...words, ...out], { cwd, env });
    assert.equal(run.code, 0, run.stderr);
    return run.stderr.split('\n').filter((line) => line.startsWith(`The recipe ${recipe} was published`));
  };
  const [standIn] = await optimize('slim');
  assert.match(
    standIn!,
    /published with vgg16 .*; this is vgg19 .*; its layers of the same names stand in\.$/,
  );
  await writeTinyLossNetwork(at('cache/weights/vgg16.safetensors'), { kind: 'vgg16' });
  const [own] = await optimize('slim');
  assert.match(own!, /published with vgg16 .*; this is vgg16 with 3 channels/);
  const [keras, ...more] = await optimize('keras');
  assert.match(keras!, /published with vgg19 .*; this is vgg19 /);
  assert.deepEqual(more, []);
});
