/**
 * TensorBoard's event files: TFRecord files of `tensorflow.Event` messages
 * (tensorboard/compat/proto/event.proto and summary.proto):
 *
 *   Event: double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; SessionLog session_log = 7
 *   Summary: repeated Value value = 1    Value: string tag = 1; float simple_value = 2; Image image = 4
 *   Image: int32 height = 1, width = 2, colorspace = 3; bytes encoded_image_string = 4
 *   SessionLog: SessionStatus status = 1 (START = 1)
 */
import { frameRecord } from '../data/tfrecord-file.ts';
import { ProtobufMessage } from '../system/protobuf-message.ts';

/** A picture file (JPEG or PNG) in RGB. */
export interface EventImage {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

const RGB = 3;
const START = 1;

/** The record with which every file begins: from version 2 on, readers go by `restart`. */
export function versionRecord(seconds: number): Buffer {
  return frameRecord(new ProtobufMessage().double(1, seconds).text(3, 'brain.Event:2').encode());
}

/** Numbers of a step by their tags. @param seconds since 1970. */
export function scalarsRecord(
  seconds: number,
  step: number,
  values: Readonly<Record<string, number>>,
): Buffer {
  const summary = new ProtobufMessage();
  for (const [tag, value] of Object.entries(values))
    summary.message(1, new ProtobufMessage().text(1, tag).float(2, value));
  return summaryRecord(seconds, step, summary);
}

export function imageRecord(seconds: number, step: number, tag: string, image: EventImage): Buffer {
  const { width, height, bytes } = image;
  const picture = new ProtobufMessage().integer(1, height).integer(2, width).integer(3, RGB).bytes(4, bytes);
  const value = new ProtobufMessage().text(1, tag).message(4, picture);
  return summaryRecord(seconds, step, new ProtobufMessage().message(1, value));
}

/** The run goes on behind a step: readers drop what they have of later ones, in files before this as well. */
export function restartRecord(seconds: number, step: number): Buffer {
  const session = new ProtobufMessage().integer(1, START);
  const event = new ProtobufMessage()
    .double(1, seconds)
    .integer(2, step + 1)
    .message(7, session);
  return frameRecord(event.encode());
}

function summaryRecord(seconds: number, step: number, summary: ProtobufMessage): Buffer {
  return frameRecord(new ProtobufMessage().double(1, seconds).integer(2, step).message(5, summary).encode());
}
