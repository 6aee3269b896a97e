import { encodeModel } from '../export/onnx/messages.ts';
import { type OnnxWriter, OPSET } from '../export/onnx/onnx-writer.ts';

/** What of ONNX Runtime's interface is used; its builds for browsers and for Node share it. */
export interface OnnxRuntime {
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => OnnxTensorHandle;
  readonly InferenceSession: {
    create(model: Uint8Array, options: OnnxSessionOptions): Promise<OnnxSession>;
  };
}

export interface OnnxSessionOptions {
  readonly executionProviders?: readonly string[];
  readonly logSeverityLevel: 0 | 1 | 2 | 3 | 4;
}

/** A tensor of the runtime, which only the runtime reads. */
export type OnnxTensorHandle = object;

export interface OnnxSession {
  /** Of each input, in the order of `inputNames`; sides that are not fixed are names. */
  readonly inputMetadata: readonly {
    readonly name: string;
    readonly shape?: readonly (number | string)[];
  }[];
  run(
    feeds: Readonly<Record<string, OnnxTensorHandle>>,
  ): Promise<Readonly<Record<string, { readonly data: Float32Array }>>>;
  release(): Promise<void>;
}

/** What runs models: the runtime, and on what. */
export interface ModelRunner {
  readonly runtime: OnnxRuntime;
  /** Names of execution providers; the runtime's own choice unless given. */
  readonly providers?: readonly string[];
}

const ERRORS_ONLY = 3;

/** A graph as a model that is only run here: nobody reads a description in it. @returns the bytes of an .onnx file. */
export function modelOf(graph: OnnxWriter, name: string): Uint8Array {
  const producer = { name: 'fast-style', version: '' };
  return encodeModel({ opset: OPSET, graph, name, producer, description: '', metadata: {} });
}

/** A session of a model. Caller releases. */
export function openSession({ runtime, providers }: ModelRunner, model: Uint8Array): Promise<OnnxSession> {
  return runtime.InferenceSession.create(model, {
    ...(providers === undefined ? {} : { executionProviders: providers }),
    logSeverityLevel: ERRORS_ONLY,
  });
}
