import { WeightsError } from '../../system/errors.ts';
import { printable } from '../../system/printable.ts';

/**
 * What a loss network wants to see, from RGB pixels in [0, 255]: put the channels in this order, then
 * `(pixels · scale − mean) / std`, channel by channel.
 */
export interface InputConvention {
  readonly channels: 'RGB' | 'BGR';
  readonly scale: number;
  /** In the order of `channels`, in units of the scaled pixels. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** Keras keeps Caffe's: BGR in [0, 255] minus ImageNet's mean. */
export const KERAS_INPUT: InputConvention = {
  channels: 'BGR',
  scale: 1,
  mean: [103.939, 116.779, 123.68],
  std: [1, 1, 1],
};

/** torchvision's: RGB in [0, 1], ImageNet's mean and standard deviation. */
export const TORCHVISION_INPUT: InputConvention = {
  channels: 'RGB',
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

const SCALES: Readonly<Record<string, number>> = { '0..255': 1, '0..1': 1 / 255 };

/** The convention as metadata of a safetensors file. */
export function describeInput({ channels, scale, mean, std }: InputConvention): Record<string, string> {
  const range = Object.entries(SCALES).find(([, value]) => value === scale)?.[0];
  if (range === undefined) throw new RangeError(`No name for the pixel scale ${scale}`);
  const order = channels.toLowerCase();
  return {
    channel_order: channels,
    pixel_range: range,
    [`mean_${order}`]: mean.join(','),
    [`std_${order}`]: std.join(','),
  };
}

/**
 * Reads the convention from a safetensors file's metadata.
 *
 * @returns undefined when the metadata say nothing of it.
 * @throws {WeightsError} they say it by halves, or in a way that is not known.
 */
export function parseInputConvention(
  metadata: Readonly<Record<string, string>>,
  file: string,
): InputConvention | undefined {
  const { channel_order: channels, pixel_range: range } = metadata;
  if (channels === undefined && range === undefined) return undefined;
  if (channels !== 'RGB' && channels !== 'BGR') {
    throw new WeightsError(
      `${file}: channel_order in its metadata must be RGB or BGR, not ${printable(channels)}.`,
    );
  }
  const scale = range !== undefined && Object.hasOwn(SCALES, range) ? SCALES[range] : undefined;
  if (scale === undefined) {
    throw new WeightsError(
      `${file}: pixel_range in its metadata must be 0..255 or 0..1, not ${printable(range)}.`,
    );
  }
  const order = channels.toLowerCase();
  return {
    channels,
    scale,
    mean: triple(metadata, `mean_${order}`, file),
    std: triple({ [`std_${order}`]: '1,1,1', ...metadata }, `std_${order}`, file),
  };
}

function triple(
  metadata: Readonly<Record<string, string>>,
  key: string,
  file: string,
): readonly [number, number, number] {
  const text = metadata[key] ?? '';
  const [a, b, c, ...more] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (a === undefined || b === undefined || c === undefined || more.length > 0 || !allFinite([a, b, c])) {
    throw new WeightsError(
      `${file}: ${key} in its metadata must be three numbers, not '${printable(text)}'.`,
    );
  }
  return [a, b, c];
}

function allFinite(values: readonly number[]): boolean {
  return values.every((value) => Number.isFinite(value));
}
