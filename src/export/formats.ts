/** The formats that styles are exported in. */
import type { FileDescription } from './file-description.ts';
import type { ExportedNetwork, StyleGraphOptions } from './style-graph.ts';

export type ExportFormat = 'onnx' | 'tfjs' | 'savedmodel';

/** A file's bytes, or a folder's files by their paths in it. */
export type ExportedFiles = Uint8Array | ReadonlyMap<string, Uint8Array>;

/** Values for an input. */
export interface PortValues {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** An exported file in a program that runs such files. */
export interface ExportRuntime {
  /** @param inputs by name. @returns the values of PAINTED. */
  run(inputs: Readonly<Record<string, PortValues>>): Promise<Float32Array>;
  dispose(): Promise<void>;
}

export interface FormatWriter {
  write(network: ExportedNetwork, options: StyleGraphOptions, description: FileDescription): ExportedFiles;
  /** Opens what was written in the format's own runtime. */
  open(files: ExportedFiles): Promise<ExportRuntime>;
}

interface FormatEntry {
  /** Of the name of the file or folder. */
  readonly ending: string;
  /** What runs such files. */
  readonly runtime: string;
  readonly load: () => Promise<FormatWriter>;
}

export const EXPORT_FORMATS: Readonly<Record<ExportFormat, FormatEntry>> = {
  onnx: {
    ending: '.onnx',
    runtime: 'ONNX Runtime',
    load: async () => (await import('./onnx/onnx-format.ts')).onnxFormat,
  },
  tfjs: {
    ending: '.tfjs',
    runtime: 'TensorFlow.js',
    load: async () => (await import('./tensorflow/tfjs-format.ts')).tfjsFormat,
  },
  savedmodel: {
    ending: '.savedmodel',
    runtime: 'TensorFlow',
    load: async () => (await import('./tensorflow/saved-model-format.ts')).savedModelFormat,
  },
};
