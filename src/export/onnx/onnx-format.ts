/** Styles as ONNX files. */
import type { FormatWriter } from '../format-writer.ts';
import { writeStyleGraph } from '../style-graph.ts';
import { encodeModel } from './messages.ts';
import { OnnxWriter, OPSET } from './onnx-writer.ts';

export const onnxFormat: FormatWriter = {
  write(network, options, description) {
    const graph = new OnnxWriter(options.weights === 'float16');
    writeStyleGraph(network, options, graph);
    return encodeModel({ ...description, opset: OPSET, graph });
  },
  async open(files) {
    if (!(files instanceof Uint8Array)) throw new Error('An ONNX model is one file.');
    return (await import('./onnx-runtime.ts')).openInOnnxRuntime(files);
  },
};
