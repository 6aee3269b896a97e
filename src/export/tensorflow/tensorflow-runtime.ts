/** Exported folders in TensorFlow.js with its binding for Node, loaded as anybody loads them: from the disk. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as tf from '../../engine/tensorflow.ts';
import type { ExportedFiles, ExportRuntime } from '../format-writer.ts';
import { PAINTED } from '../graph-writer.ts';

/** A tfjs graph model. */
export async function openGraphModel(files: ExportedFiles): Promise<ExportRuntime> {
  const model = await fromDisk(files, (folder) =>
    tf.loadGraphModel(tf.io.fileSystem(join(folder, 'model.json'))),
  );
  return runtimeOf(
    (inputs) => ({ [PAINTED]: model.execute(inputs, PAINTED) as tf.Tensor }),
    () => model.dispose(),
  );
}

/** A SavedModel. */
export async function openSavedModel(files: ExportedFiles): Promise<ExportRuntime> {
  const model = await fromDisk(files, (folder) => tf.node.loadSavedModel(folder));
  return runtimeOf(
    (inputs) => model.predict(inputs) as tf.NamedTensorMap,
    () => model.dispose(),
  );
}

async function fromDisk<T>(files: ExportedFiles, load: (folder: string) => Promise<T>): Promise<T> {
  if (files instanceof Uint8Array) throw new Error('The model is a folder of files.');
  const folder = await mkdtemp(join(tmpdir(), 'fast-style-export-'));
  try {
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), bytes);
    }
    return await load(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runtimeOf(
  predict: (inputs: tf.NamedTensorMap) => tf.NamedTensorMap,
  dispose: () => void,
): ExportRuntime {
  return {
    async run(inputs) {
      const given = Object.fromEntries(
        Object.entries(inputs).map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]),
      );
      const answers = predict(given);
      try {
        return (await answers[PAINTED]!.data()) as Float32Array;
      } finally {
        tf.dispose([given, answers]);
      }
    },
    dispose: async () => dispose(),
  };
}
