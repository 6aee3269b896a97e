/**
 * Exported styles in programs of others, where they are: ONNX Runtime, OpenVINO and TensorFlow for Python, and TensorFlow.js in
 * Chromium, on the processor and in WebGL.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { checkRuntime } from '../../src/export/check-export.ts';
import type { Difference } from '../../src/export/export-call.ts';
import { exportAs, type StyleToExport } from '../../src/export/export-style.ts';
import type { ExportedFiles, PortValues } from '../../src/export/format-writer.ts';
import type { StyleGraphOptions } from '../../src/export/style-graph.ts';
import { writeFolderAtomically } from '../../src/system/atomic-folder.ts';
import { Browser, findBrowser } from '../helpers/browser.ts';
import { findPython } from '../helpers/find-python.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { tinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

const OPTIONS: StyleGraphOptions = { layout: 'nhwc', weights: 'float16', hasAmount: true };
/** A margin wider than the smallest picture: every operation that there is. Its weights are halves already. */
const style: StyleToExport = {
  checkpoint: {
    ...tinyCheckpoint(),
    parameters: tinyCheckpoint().parameters.map((array) => ({
      ...array,
      values: array.values.map((value) => Math.round(value * 256) / 256),
    })),
    margin: 20,
  },
  label: 'tiny',
};
const picture = (width: number, height: number) => ({
  name: `${width}×${height}`,
  ...drawnPicture(width, height),
});
const AMOUNT = 0.5;

const requireEqual = (found: readonly Difference[]) => {
  assert.equal(found.length, 2);
  for (const { picture, largest, mean } of found)
    assert.ok(largest <= 1 && mean < 0.01, `${picture}: ${largest}, ${mean} in the mean`);
};

const folderOf = (files: ExportedFiles) => {
  assert.ok(!(files instanceof Uint8Array));
  return files;
};

const python = process.env.FAST_STYLE_TENSORBOARD_PYTHON ?? 'python3';
/** Paints with a SavedModel what a JSON file says. */
const PROGRAM = `import json, sys
import numpy as np, tensorflow as tf
paint = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
inputs = {name: np.array(one["values"], np.float32).reshape(one["shape"]) for name, one in json.load(open(sys.argv[2])).items()}
paint(**{name: tf.constant(value) for name, value in inputs.items()})["painted"].numpy().tofile(sys.argv[3])`;

function hasTensorFlow(): boolean {
  try {
    execFileSync(python, ['-c', 'import tensorflow'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const plain = (inputs: Readonly<Record<string, PortValues>>) =>
  JSON.stringify(inputs, (_, value) => (value instanceof Float32Array ? [...value] : value));

/** Paints with an ONNX file in two engines. */
const ENGINES = `import sys
import numpy as np, onnxruntime, openvino
model, folder, height, width = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
image = np.fromfile(f"{folder}/photo", np.float32).reshape(1, height, width, 3)
onnxruntime.InferenceSession(model).run(None, {"image": image})[0].tofile(f"{folder}/onnxruntime")
core = openvino.Core()
compiled = core.compile_model(core.read_model(model), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
np.asarray(compiled([image])[0]).tofile(f"{folder}/openvino")`;

test('an ONNX file in ONNX Runtime and in OpenVINO for Python', async (t) => {
  const engines = findPython('onnxruntime', 'openvino');
  if (engines === undefined)
    return t.skip('no Python with ONNX Runtime and OpenVINO; FAST_STYLE_TORCH_PYTHON can name one');
  const folder = await temporaryFolder(t);
  const model = join(folder, 'tiny.onnx');
  const options = { ...OPTIONS, hasAmount: false };
  writeFileSync(model, (await exportAs('onnx', style, options)) as Uint8Array);
  for (const [width, height] of [
    [17, 33],
    [1024, 768],
  ] as const) {
    const shown = picture(width, height);
    writeFileSync(join(folder, 'photo'), Float32Array.from(shown.pixels));
    const sides = [height, width].map(String);
    execFileSync(engines, ['-c', ENGINES, model, folder, ...sides], { stdio: 'pipe' });
    for (const engine of ['onnxruntime', 'openvino']) {
      const run = async () => new Float32Array(Uint8Array.from(readFileSync(join(folder, engine))).buffer);
      const [found] = await checkRuntime({ run }, style.checkpoint, options, [shown]);
      const { largest, mean } = found!;
      assert.ok(largest <= 1 && mean < 0.01, `${engine}, ${shown.name}: ${largest}, ${mean} in the mean`);
    }
  }
});

test('a SavedModel in TensorFlow for Python', async (t) => {
  if (!hasTensorFlow())
    return t.skip('no Python with TensorFlow; FAST_STYLE_TENSORBOARD_PYTHON can name one');
  const folder = await temporaryFolder(t);
  const [model, given, painted] = ['tiny.savedmodel', 'inputs.json', 'painted'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  await writeFolderAtomically(model, folderOf(await exportAs('savedmodel', style, OPTIONS)));
  const run = async (inputs: Readonly<Record<string, PortValues>>) => {
    writeFileSync(given, plain(inputs));
    execFileSync(python, ['-c', PROGRAM, model, given, painted], { stdio: 'pipe' });
    return new Float32Array(Uint8Array.from(readFileSync(painted)).buffer);
  };
  requireEqual(
    await checkRuntime({ run }, style.checkpoint, OPTIONS, [picture(17, 33), picture(256, 192)], AMOUNT),
  );
});

test('a graph model in TensorFlow.js in Chromium', async (t) => {
  const program = findBrowser();
  if (program === undefined) return t.skip('no Chromium; FAST_STYLE_CHROMIUM can name one');
  const files = folderOf(await exportAs('tfjs', style, OPTIONS));
  const page = join(await temporaryFolder(t), 'page.html');
  const script = createRequire(import.meta.url).resolve('@tensorflow/tfjs/dist/tf.min.js');
  writeFileSync(page, `<!doctype html><script src="${pathToFileURL(script)}"></script>`);
  const browser = await Browser.start(program);
  try {
    await browser.open(String(pathToFileURL(page)));
    const urls = Object.fromEntries(
      [...files].map(([name, bytes]) => [
        name,
        `data:application/octet-stream;base64,${Buffer.from(bytes).toString('base64')}`,
      ]),
    );
    // As from a server, which would answer with these files.
    const open = (backend: string) =>
      browser.evaluate<boolean>(`(async () => {
        if (!(await tf.setBackend('${backend}'))) return false;
        const urls = ${JSON.stringify(urls)};
        const fetchFunc = (path) => fetch(urls[path.split('/').pop()]);
        const handler = tf.io.http('https://example.test/model.json', { fetchFunc });
        globalThis.model = await tf.loadGraphModel(handler);
        return true;
      })()`);
    const run = async (inputs: Readonly<Record<string, PortValues>>) => {
      const values = await browser.evaluate<number[]>(`(async () => {
        const inputs = Object.fromEntries(
          Object.entries(${plain(inputs)}).map(([name, { shape, values }]) => [name, tf.tensor(values, shape)]));
        return [...(await model.execute(inputs, 'painted').data())];
      })()`);
      return Float32Array.from(values);
    };
    for (const backend of ['cpu', 'webgl']) {
      if (!(await open(backend))) {
        t.diagnostic(`this Chromium has no ${backend}`);
        continue;
      }
      const shown = [picture(17, 33), picture(40, 36)];
      requireEqual(await checkRuntime({ run }, style.checkpoint, OPTIONS, shown, AMOUNT));
    }
  } finally {
    await browser.close();
  }
});
