/** The formats that styles are exported in. */
import type { FormatWriter } from './format-writer.ts';

export type ExportFormat = 'onnx' | 'tfjs' | 'savedmodel';

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
