/** Optimising through the library: the same run as the command line's. */
import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { optimizePicture } from '../../src/commands/optimize/run.ts';
import { readPicture } from '../../src/data/image-file.ts';
import {
  ConfigError,
  ImageError,
  InterruptedError,
  type OptimizeOptions,
  optimize,
  optimizeSteps,
} from '../../src/index.ts';
import { RECIPES } from '../../src/optimize/recipes.ts';
import type { OptimizeCall } from '../../src/optimize/run/call.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';

/** A photo of 48×36, two paintings, a mask and a tiny loss network, and options that take moments. */
async function workshop(t: TestContext) {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  const content = await drawnPhoto(at('photo.png'), 48, 36, { seed: 1 });
  const style = await drawnPhoto(at('wave.png'), 60, 40, { seed: 9 });
  const second = await drawnPhoto(at('night.png'), 48, 48, { seed: 30 });
  const lossNetwork = await writeTinyLossNetwork(at('vgg.safetensors'));
  const options: OptimizeOptions = { content, style, lossNetwork, size: 48, iterations: 4 };
  return { folder, at, content, style, second, options };
}

test('the library optimises the same pixels as the command line, from every form of picture', async (t) => {
  const { at, content, style, second, options } = await workshop(t);
  const { iterations, size, lossNetwork } = options;
  await optimizePicture({
    ...{ content, style: [`${style}:0.3`, `${second}:0.7`], mask: ['-', content], out: at('typed.png') },
    ...{ lossNetwork, size, iterations, tv: '1e-3:power', scales: '2', start: 'blend:0.25' },
    contentLayers: 'relu2_2:2',
    colors: 'histogram',
  });
  const typed = await readPicture(at('typed.png'));
  const { pixels, width, height } = await readPicture(content);
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) data.set(pixels.subarray(3 * i, 3 * i + 3), 4 * i);
  const given: OptimizeOptions = {
    ...{ ...options, tv: '1e-3:power', scales: 2, start: 'blend:0.25', colors: 'histogram' },
    contentLayers: { relu2_2: 2 },
  };
  const forms: readonly Pick<OptimizeOptions, 'content' | 'style' | 'mask'>[] = [
    {
      content: new Blob([new Uint8Array(await readFile(content))]),
      style: [
        { style: await readFile(style), weight: 0.3 },
        { style: pathToFileURL(second), weight: 0.7 },
      ],
      mask: [undefined, createReadStream(content)],
    },
    {
      content: { data, width, height },
      style: [
        { style: createReadStream(style), weight: 3 },
        { style: await readPicture(second), weight: 7 },
      ],
      mask: [undefined, { pixels, width, height }],
    },
  ];
  for (const form of forms) {
    const { picture } = await optimize({ ...given, ...form });
    assert.deepEqual([picture.width, picture.height], [48, 36]);
    assert.deepEqual(new Uint8Array(picture.pixels), new Uint8Array(typed.pixels));
  }
});

test('it reports progress, writes the given files, and leaks no tensor', async (t) => {
  const { at, folder, options } = await workshop(t);
  const out = at('print.png');
  const files = { out, plot: at('plot.svg'), trace: at('trace.json'), film: at('run.gif'), snapshots: 2 };
  const seen: number[] = [];
  let last: Uint8Array | undefined;
  const run = () =>
    optimize(
      { ...options, ...files, overwrite: true },
      {
        onProgress: ({ iteration, iterations, picture }) => {
          seen.push(iteration, iterations);
          last = picture().pixels;
        },
      },
    );
  const result = await expectNoLeak(run);
  assert.deepEqual(seen, [0, 4, 1, 4, 2, 4, 3, 4, 4, 4]);
  assert.deepEqual(
    [result.file, result.iterations, result.stopped, result.picture.width],
    [out, 4, 'iterations', 48],
  );
  assert.deepEqual(new Uint8Array(result.picture.pixels), new Uint8Array((await readPicture(out)).pixels));
  assert.deepEqual(last, result.picture.pixels);
  assert.deepEqual((await readdir(at('print-snapshots'))).sort(), ['00000.png', '00002.png', '00004.png']);
  for (const name of ['plot.svg', 'trace.json', 'run.gif']) assert.ok(existsSync(join(folder, name)), name);
  const { content, styles } = JSON.parse(await readFile(files.trace, 'utf8'));
  assert.deepEqual([content, styles], ['photo.png', ['wave.png']]);
  await assert.rejects(optimize({ ...options, out }), /print\.png exists already.*pass overwrite/);
});

test('its steps are iterated, and a loop that is left frees everything and writes nothing', async (t) => {
  const { at, options } = await workshop(t);
  await expectNoLeak(async () => {
    const totals: number[] = [];
    for await (const { iteration, total } of optimizeSteps({
      ...options,
      out: at('a.png'),
      film: at('a.gif'),
    })) {
      totals.push(total);
      if (iteration === 2) break;
    }
    assert.ok(totals.length === 3 && totals[2]! < totals[0]!, totals.join(' '));
  });
  assert.equal(existsSync(at('a.png')), false);
  assert.equal(existsSync(at('a.gif')), false);
  const failing = { onProgress: () => Promise.reject(new Error('of the caller')) };
  await expectNoLeak(() => assert.rejects(optimize(options, failing), /of the caller/));
  const steps = optimizeSteps({ ...options, iterations: 1 });
  const values = [await steps.next(), await steps.next(), await steps.next()];
  assert.deepEqual(
    values.map(({ done }) => done),
    [false, false, true],
  );
});

test('a signal ends it with the picture so far; one aborted before starts nothing', async (t) => {
  const { at, options } = await workshop(t);
  const stop = new AbortController();
  const reason = new Error('enough');
  const running = optimize(
    { ...options, iterations: 1_000_000, out: at('part.png') },
    {
      signal: stop.signal,
      onProgress: ({ iteration }) => {
        if (iteration === 2) stop.abort(reason);
      },
    },
  );
  await assert.rejects(running, (error: unknown) => {
    assert.ok(error instanceof InterruptedError);
    assert.match(
      error.message,
      /^Stopped after iteration [23] of 1000000; the picture so far is in .*part\.png\.$/,
    );
    assert.equal(error.cause, reason);
    return true;
  });
  assert.equal((await readPicture(at('part.png'))).width, 48);
  await assert.rejects(optimize(options, { signal: stop.signal }), reason);
});

test('recipes, starts and notes are as on the command line', async (t) => {
  const { at, content, options } = await workshop(t);
  const notes: string[] = [];
  const run = (more: OptimizeOptions) =>
    optimize({ ...options, iterations: 0, ...more }, { onNote: (note) => notes.push(note) });
  const slim = await run({ recipe: 'slim', trace: at('slim.json') });
  const { settings } = JSON.parse(await readFile(at('slim.json'), 'utf8'));
  assert.deepEqual(settings, { ...RECIPES.slim.config, iterations: 0 });
  assert.equal(slim.stopped, 'iterations');
  const style = await writeTinyCheckpoint(at('tiny.safetensors'));
  const painted = await run({ start: `network:${style}` });
  const other = await readPicture(await drawnPhoto(at('other.png'), 48, 36, { seed: 3 }));
  const started = await run({ start: other });
  assert.deepEqual(new Uint8Array(started.picture.pixels), new Uint8Array(other.pixels));
  assert.notDeepEqual(painted.picture.pixels, started.picture.pixels);
  const { content: __, ...alone } = options;
  const texture = await optimize({ ...alone, iterations: 0, warmUp: 'style:2' });
  assert.equal(texture.picture.width, 48);
  assert.deepEqual((await run({ start: content })).picture.pixels.length, 48 * 36 * 3);
  const { lossNetwork: _, ...unnamed } = options;
  notes.length = 0;
  const chosen = optimizeSteps({ ...unnamed, iterations: 0 }, { onNote: (note) => notes.push(note) });
  await chosen.next();
  await chosen.return(undefined as never);
  assert.match(notes.join('\n'), /^Loss network: /);
});

test('what cannot be used is refused by the names of the library', async (t) => {
  const { folder, at, options } = await workshop(t);
  const before = await readdir(folder);
  const cases: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ contnet: 'a.jpg' }, /a setting of the optimisation but received contnet; perhaps you mean content;/],
    [{ iterations: 1.5 }, /whole number from 0 to .* for iterations but received 1\.5/],
    [{ colors: 'off' }, /one of style, photo-luminance, histogram for colors but received off/],
    [{ recipe: 'own' }, /one of default, pytorch, slim, coursera, keras for recipe/],
    [{ contentLayers: { relu9_9: 1 } }, /a layer of vgg19 but received relu9_9/],
    [{ contentLayers: ['relu4_2'] }, /layers with weights of at least 0 for contentLayers/],
    [{ lr: 3 }, /lr with method adam but received L-BFGS/],
    [{ scales: '2,1' }, /for scales/],
    [{ start: 'contnt' }, /for start/],
    [{ style: [] }, /a painting for style but received none/],
    [{ style: 7 }, /a file, its bytes, a URL, a stream or pixels for style 1 but received 7/],
    [{ style: { style: 'a.png', weight: -1 } }, /a\.png: no such file/],
    [{ snapshots: 2 }, /a folder for snapshotFolder, or out but received neither/],
    [{ out: at('print.txt') }, /a picture file name/],
    [{ overwrite: 'yes' }, /true or false for overwrite/],
  ];
  for (const [given, message] of cases)
    await assert.rejects(
      optimize({ ...options, ...given } as OptimizeOptions),
      message,
      JSON.stringify(given),
    );
  await assert.rejects(optimize({ ...options, content: new Uint8Array(9) }), (error: unknown) => {
    assert.ok(error instanceof ImageError);
    assert.match(error.message, /^content/);
    return true;
  });
  await assert.rejects(optimize(undefined as unknown as OptimizeOptions), ConfigError);
  assert.deepEqual(await readdir(folder), before);
});

test('the options of the library are those of the command line', () => {
  // Types alone: a setting without its option does not compile.
  const asOptions = (call: Record<keyof OptimizeCall, unknown>): Record<keyof OptimizeOptions, unknown> =>
    call;
  const asCall = (options: Record<keyof OptimizeOptions, unknown>): Record<keyof OptimizeCall, unknown> =>
    options;
  assert.equal(typeof asOptions, typeof asCall);
});
