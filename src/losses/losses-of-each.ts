import { joinRecords, mapRecord, type TensorRecord } from '../engine/compile/compile.ts';
import * as tf from '../engine/tensorflow.ts';
import {
  type FeatureMaps,
  type LayerValues,
  type Losses,
  type NextMoment,
  type Targets,
  type Term,
  weighed,
} from './term.ts';

/**
 * `lossesOf` at several pictures of one size at once: [N] in place of every scalar. What a term has no `values` for, it says of
 * one picture after the other.
 *
 * @param pictures [N, H, W, C]. @param maps, targets as of `Term.values`. Caller disposes.
 */
export function lossesOfEach(
  terms: readonly Term[],
  pictures: tf.Tensor4D,
  maps: FeatureMaps,
  targets: Targets,
): Losses<tf.Tensor> {
  const [count] = pictures.shape;
  const filledWith = (value: number): tf.Tensor => tf.fill([count], value);
  const valueAt = (term: Term): tf.Tensor | LayerValues => {
    if (term.values === undefined) return oneAfterTheOther(term, pictures, maps, targets);
    const values = term.values(pictures, maps, targets);
    // A term that weighs nothing may answer a plain 0.
    return values instanceof tf.Tensor && values.rank === 0 ? tf.add(filledWith(0), values) : values;
  };
  return weighed(terms, valueAt, filledWith);
}

function oneAfterTheOther(
  term: Term,
  pictures: tf.Tensor4D,
  maps: FeatureMaps,
  { next, ...tensors }: Targets,
): tf.Tensor | LayerValues {
  const [count] = pictures.shape;
  const later = term.notOfPicture === undefined ? undefined : next?.();
  const ofEach = Array.from({ length: count }, (_, i) => {
    const own = <Tensors extends TensorRecord>(record: Tensors) => ofPicture(record, i) as Tensors;
    const all: Targets = { ...own(tensors), ...(later && { next: () => momentOfOne(own(later)) }) };
    return { value: term.value(own({ pictures }).pictures, own(maps), all) };
  });
  return joinRecords(ofEach, (values) => tf.stack(values)).value;
}

/** The matrices of a single picture are [H, H] and [W, W]. */
function momentOfOne({ rows, columns, ...seen }: NextMoment): NextMoment {
  const matrix = (of: tf.Tensor) => tf.reshape(of, of.shape.slice(-2));
  return { ...seen, rows: matrix(rows), columns: matrix(columns) };
}

/** What belongs to one of several pictures; a first side of 1 is shared by all. */
function ofPicture(tensors: TensorRecord, picture: number): TensorRecord {
  return mapRecord(tensors, (tensor: tf.Tensor) => {
    const [first = 1, ...sides] = tensor.shape;
    if (first === 1) return tensor;
    return tf.slice(tensor, [picture, ...sides.map(() => 0)], [1, ...sides]);
  });
}
