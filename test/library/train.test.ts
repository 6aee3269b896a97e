/** Training through the library: the same run as the command line's. */
import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readPicture } from '../../src/data/image-file.ts';
import {
  ConfigError,
  DatasetError,
  InterruptedError,
  Stylizer,
  type TrainEachOptions,
  type TrainedPainting,
  type TrainOptions,
  type TrainSettings,
  train,
  trainEach,
} from '../../src/index.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { DEFAULT_TRAIN_CONFIG, type TrainConfig } from '../../src/train/config.ts';
import { loadRunState } from '../../src/train/run/run-state.ts';
import { callCommand } from '../helpers/call-command.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { drawnPhoto, tinyDataset } from '../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';

/** A folder with a painting, data and a loss network, and options of a run in it that takes moments. */
async function workshop(t: TestContext) {
  const folder = await temporaryFolder(t);
  const options = (name: string): TrainOptions => ({
    ...{ name, out: join(folder, 'out'), run: join(folder, name) },
    style: join(folder, 'wave.png'),
    data: join(folder, 'dataset'),
    lossNetwork: join(folder, 'vgg.safetensors'),
    architecture: 'c3s1-4,c3s1-3',
    contentLayers: { relu2_2: 1 },
    styleLayers: { relu1_1: 1, relu2_1: 0.5 },
    ...{ styleWeight: 4, imageSize: 32, styleSize: 64, batch: 2, steps: 4, warmup: 1, previewEvery: 0 },
    precision: 'f32',
  });
  await tinyDataset(folder, 5);
  await writeTinyLossNetwork(join(folder, 'vgg.safetensors'));
  await drawnPhoto(join(folder, 'wave.png'), 60, 48, { seed: 9 });
  return { folder, options };
}

/** All numbers of a run's state, in f32. */
const numbersOf = async (run: string) => (await loadRunState(run)).state.tensors;

const asTyped = (options: TrainOptions) =>
  Object.entries(options).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    typeof value === 'object'
      ? Object.entries(value)
          .map(([layer, weight]) => `${layer}:${weight}`)
          .join(',')
      : String(value),
  ]);

test('the library trains the same numbers as the command line, and reports progress', async (t) => {
  const { folder, options } = await workshop(t);
  const seen: number[] = [];
  const trained = await train(options('mine'), {
    onProgress: ({ step, steps, losses }) => {
      assert.ok(losses.total > 0 && losses.style > 0);
      seen.push(step, steps);
    },
  });
  assert.deepEqual(seen, [1, 4, 2, 4, 3, 4, 4, 4]);
  const typed = await callCommand(['train', ...asTyped(options('typed'))], { cwd: folder });
  assert.equal(typed.code, 0, typed.stderr);
  assert.deepEqual(await numbersOf(join(folder, 'mine')), await numbersOf(join(folder, 'typed')));
  assert.deepEqual(
    [trained.name, trained.file, trained.run, trained.steps, trained.images],
    ['mine', join(folder, 'out', 'mine.safetensors'), join(folder, 'mine'), 4, 8],
  );
  const typedStyle = await loadCheckpoint(join(folder, 'out', 'typed.safetensors'));
  assert.deepEqual(trained.checkpoint.parameters, typedStyle.parameters);
  assert.deepEqual(trained.losses, typedStyle.losses);
  assert.deepEqual((await readdir(trained.run)).sort(), [
    ...['log.jsonl', 'report.html', 'run.json', 'state-000000004.safetensors'],
  ]);
  const stylizer = await Stylizer.load(trained.file);
  assert.equal(stylizer.description.steps, 4);
  await stylizer.dispose();
});

test('a painting in memory trains as its file does, and leaks no tensor', async (t) => {
  const { folder, options } = await workshop(t);
  const picture = await readPicture(join(folder, 'wave.png'));
  const style = await readFile(join(folder, 'wave.png'));
  await train(options('file'));
  const { pixels, width, height } = picture;
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) data.set(pixels.subarray(3 * i, 3 * i + 3), 4 * i);
  const forms: Readonly<Record<string, TrainOptions['style']>> = {
    ...{ bytes: style, pixels: picture, rgba: { data, width, height } },
    ...{ blob: new Blob([new Uint8Array(style)]), stream: createReadStream(join(folder, 'wave.png')) },
    url: pathToFileURL(join(folder, 'wave.png')),
  };
  await expectNoLeak(async () => {
    for (const [name, form] of Object.entries(forms)) await train({ ...options(name), style: form });
  });
  const numbers = await numbersOf(join(folder, 'file'));
  for (const name of Object.keys(forms)) assert.deepEqual(await numbersOf(join(folder, name)), numbers, name);
  await assert.rejects(
    train({ ...options('x'), name: undefined, style } as unknown as TrainOptions),
    /a name for a painting/,
  );
});

test('photos to preview come in every form, too', async (t) => {
  const { folder, options } = await workshop(t);
  const previewPhoto = [
    join(folder, 'wave.png'),
    new Blob([new Uint8Array(await readFile(join(folder, 'wave.png')))]),
  ];
  const { run } = await train({ ...options('seen'), previewPhoto, previewEvery: 4 });
  const previews = await readdir(join(run, 'previews'));
  assert.deepEqual(previews.sort(), ['preview-2-000004.jpg', 'wave-000004.jpg']);
  const [first, second] = await Promise.all(previews.map((name) => readPicture(join(run, 'previews', name))));
  assert.deepEqual(first, second);
});

test('an aborted training is saved, and resumes exactly', async (t) => {
  const { folder, options } = await workshop(t);
  await train(options('whole'));
  const [stop, reason] = [new AbortController(), new Error('enough')];
  const broken = train(options('broken'), {
    signal: stop.signal,
    onProgress: ({ step }) => step === 2 && stop.abort(reason),
  });
  await assert.rejects(broken, (error: Error) => {
    assert.ok(error instanceof InterruptedError);
    assert.match(error.message, /^Stopped after step 2 of 4; everything is saved\. .*resume: true/);
    return error.cause === reason;
  });
  assert.equal((await loadRunState(join(folder, 'broken'))).state.step, 2);
  assert.ok(existsSync(join(folder, 'out', 'broken.safetensors')));
  await assert.rejects(train(options('broken')), /continue with resume, or start again with overwrite/);
  const trained = await train({ ...options('broken'), resume: true });
  assert.equal(trained.steps, 4);
  assert.deepEqual(await numbersOf(join(folder, 'broken')), await numbersOf(join(folder, 'whole')));
  const early = train(options('early'), { signal: AbortSignal.abort(reason) });
  await assert.rejects(early, (error: Error) => error instanceof InterruptedError && error.cause === reason);
  assert.ok(!existsSync(join(folder, 'early')), 'nothing is made');
});

test('several paintings are trained one after the other, each as it would be alone; one that fails stops nothing', async (t) => {
  const { folder, options } = await workshop(t);
  const { style: wave, name: _, ...shared } = options('list');
  const style = await readFile(await drawnPhoto(join(folder, 'iris.png'), 44, 50, { seed: 11 }));
  // Sound as a picture, too flat for the loss network's pooling.
  const line = await drawnPhoto(join(folder, 'line.png'), 60, 1, { seed: 12 });
  const call: TrainEachOptions = {
    ...shared,
    ...{ style: [wave as string, line, style], styleName: ['wave', 'line', 'iris'], steps: 2 },
  };
  const [steps, outcomes] = [[] as string[], [] as TrainedPainting[]];
  const painted = await trainEach(call, {
    onProgress: ({ step }, name) => steps.push(`${name} ${step}`),
    onTrained: (painting) => outcomes.push(painting),
  });
  assert.deepEqual(steps, ['wave 1', 'wave 2', 'iris 1', 'iris 2']);
  assert.deepEqual(painted, outcomes);
  assert.deepEqual(
    painted.map(({ name, trained, error }) => [
      name,
      trained?.run,
      /pictures large enough/.test(error?.message ?? ''),
    ]),
    [
      ['wave', join(folder, 'list', 'wave'), false],
      ['line', undefined, true],
      ['iris', join(folder, 'list', 'iris'), false],
    ],
  );
  await train({ ...options('alone'), style, steps: 2 });
  const alone = await numbersOf(join(folder, 'alone'));
  assert.deepEqual(await numbersOf(join(folder, 'list', 'iris')), alone);

  await assert.rejects(trainEach(call), /continue with resume, or start again with overwrite/);
  const both = { style: [wave as string, style], styleName: ['wave', 'iris'] };
  const notes: string[] = [];
  const again = await trainEach({ ...call, ...both, resume: true }, { onNote: (note) => notes.push(note) });
  assert.deepEqual(again, [painted[0], painted[2]]);
  assert.match(notes.join('\n'), /Painting 1 of 2, wave: already trained/);
  for (const [given, message] of [
    [{ together: true }, /a setting of training but received together/],
    [{ style: wave }, /an array of paintings for style/],
    [{ styleName: undefined }, /give name, or styleName for several/],
    [{ styleName: ['wave'] }, /give name, or styleName for several/],
  ] as const)
    await assert.rejects(trainEach({ ...call, ...given } as never), message);
});

test('invalid values are refused by the names of the options, and nothing is made', async (t) => {
  const { folder, options } = await workshop(t);
  const refused = async (
    given: object,
    message: RegExp,
    kind: typeof ConfigError | typeof DatasetError = ConfigError,
  ) => {
    const run = train({ ...options('no'), ...given } as TrainOptions);
    await assert.rejects(run, (error: Error) => {
      assert.match(error.message, message);
      return error instanceof kind;
    });
  };
  await refused({ styelWeight: 3 }, /received styelWeight; perhaps you mean styleWeight/);
  await refused({ overwrit: true }, /perhaps you mean overwrite/);
  await refused({ batch: 'many' }, /a whole number from 1 to \d+ for batch but received many/);
  await refused({ resume: 'yes' }, /true or false for resume/);
  await refused({ previewPhoto: 'photo.jpg' }, /a list of pictures for previewPhoto/);
  await refused({ saveMinutes: 0 }, /a number above 0 for saveMinutes/);
  await refused({ strength: 3 }, /strength, or styleWeight and contentWeight but received both/);
  await refused({ quality: 'good', recipe: 'johnson' }, /quality or recipe but received both/);
  await refused({ epochs: 1 }, /epochs or steps but received both/);
  await refused({ resume: true, overwrite: true }, /resume to continue or overwrite to start again/);
  await refused(
    { style: [options('no').style, options('no').style] },
    /one painting, or together: true .* received 2; trainEach trains/,
  );
  await refused({ style: undefined }, /a file, its bytes, a URL, a stream or pixels for style/);
  await refused({ data: join(folder, 'none') }, /none/, DatasetError);
  await assert.rejects(train(undefined as unknown as TrainOptions), ConfigError);
  assert.deepEqual((await readdir(folder)).sort(), ['dataset', 'photos', 'vgg.safetensors', 'wave.png']);
});

test('the types of the library have all settings, and no others', () => {
  // What does not fit does not compile.
  const asOptions = (config: TrainConfig): Required<TrainSettings> => config;
  const asConfig = (settings: Required<TrainSettings>): TrainConfig => settings;
  assert.deepEqual(asConfig(asOptions(DEFAULT_TRAIN_CONFIG)), DEFAULT_TRAIN_CONFIG);
});
