import { CheckpointError, expected } from '../../system/errors.ts';
import { mayBeOnnx } from '../weights/onnx-messages.ts';
import {
  ArchitectureFault,
  asTransformNet,
  type FoundNetwork,
  type ImportedNetwork,
} from './found-network.ts';
import { readOnnxStyle } from './onnx-graph.ts';
import { isTable } from './sorted-table.ts';
import { readStateDictionary } from './state-dictionary.ts';
import { readTensorFlowStyle } from './tensorflow-variables.ts';

/** First bytes of a zip archive, and of a pickle of protocol 2. */
const [ZIP, PICKLE] = [0x50, 0x80];

const KINDS = 'a state dictionary of PyTorch (.pth, .model), an ONNX file or a checkpoint of TensorFlow';

/**
 * A network that another program has trained, from the bytes of its file.
 *
 * @param file how messages call it. @param data the file of numbers that belongs to the index of a checkpoint of TensorFlow.
 * @throws {CheckpointError} the file is of another kind, or holds another network. {WeightsError} it is cut, or asks for more than
 *   tensors.
 */
export async function importNetwork(bytes: Buffer, file: string, data?: Buffer): Promise<ImportedNetwork> {
  try {
    return asTransformNet(await foundNetwork(bytes, file, data));
  } catch (error) {
    if (!(error instanceof ArchitectureFault)) throw error;
    throw new CheckpointError(`${file} holds no network that can be imported: ${error.message}.`, {
      cause: error,
    });
  }
}

async function foundNetwork(bytes: Buffer, file: string, data: Buffer | undefined): Promise<FoundNetwork> {
  if (bytes[0] === ZIP || bytes[0] === PICKLE) return readStateDictionary(bytes, file);
  if (data !== undefined || isTable(bytes)) return readTensorFlowStyle(bytes, data);
  if (mayBeOnnx(bytes)) return readOnnxStyle(bytes);
  // Version 2 of the format is three files.
  const isPart = /\.(meta|data-\d+-of-\d+)$/.test(file);
  throw new CheckpointError(
    expected(
      `${KINDS} as ${file}`,
      isPart ? 'another part of a checkpoint of TensorFlow' : 'a file of another kind',
      ...(isPart ? ['name its .index'] : []),
    ),
  );
}
