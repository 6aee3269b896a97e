import { CheckpointError, expected } from '../../system/errors.ts';
import { mayBeOnnx } from '../weights/onnx-messages.ts';
import { ArchitectureFault, asTransformNet, type ImportedNetwork } from './found-network.ts';
import { readOnnxStyle } from './onnx-graph.ts';
import { readStateDictionary } from './state-dictionary.ts';

/** First bytes of a zip archive, and of a pickle of protocol 2. */
const [ZIP, PICKLE] = [0x50, 0x80];

/** Last bytes of the tables that TensorFlow keeps checkpoints in, those of LevelDB. */
const TABLE = Buffer.from('57fb808b247547db', 'hex');

function isTensorFlow(bytes: Buffer, file: string): boolean {
  return bytes.subarray(-TABLE.length).equals(TABLE) || /\.(ckpt|meta|index|data-\d+-of-\d+)$/i.test(file);
}

/**
 * A network that another program has trained, from the bytes of its file.
 *
 * @param file how messages call it.
 * @throws {CheckpointError} the file is of another kind, or holds another network. {WeightsError} it is cut, or asks for more than
 *   tensors.
 */
export async function importNetwork(bytes: Buffer, file: string): Promise<ImportedNetwork> {
  const isTorch = bytes[0] === ZIP || bytes[0] === PICKLE;
  const wanted = `a state dictionary of PyTorch (.pth, .model) or an ONNX file as ${file}`;
  if (isTensorFlow(bytes, file))
    throw new CheckpointError(
      expected(
        wanted,
        'a checkpoint of TensorFlow',
        "such networks, as lengstrom's, pad with zeros and enlarge by transposed convolution, which fast-style does not",
      ),
    );
  if (!isTorch && !mayBeOnnx(bytes)) throw new CheckpointError(expected(wanted, 'a file of another kind'));
  try {
    return asTransformNet(isTorch ? await readStateDictionary(bytes, file) : readOnnxStyle(bytes));
  } catch (error) {
    if (!(error instanceof ArchitectureFault)) throw error;
    throw new CheckpointError(
      `${file} holds no network of fast_neural_style's architecture, the one that can be imported: ${error.message}.`,
      { cause: error },
    );
  }
}
