import { DeviceMemoryError, expected } from '../system/errors.ts';
import { device } from './versions.ts';

/** What TensorFlow says of a tensor that its allocator has no room for. */
const OUT_OF_MEMORY = /OOM when allocating tensor|RESOURCE_EXHAUSTED|failed to allocate memory/i;

/**
 * What `work` answers.
 *
 * @throws {DeviceMemoryError} the device had no room for it; whatever else `work` throws, as it is.
 */
export function withinDeviceMemory<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!OUT_OF_MEMORY.test(message)) throw error;
    const [shape] = /(?<=shape ?)\[[\d,]+\]/.exec(message) ?? [];
    const tensor = shape === undefined ? 'one more tensor' : `a tensor of ${shape}`;
    const remedy =
      'use --accumulate, a smaller --batch or --image-size for training, --tiles exact or smaller pictures for painting';
    throw new DeviceMemoryError(
      expected(`memory of the ${device()} for ${tensor}`, 'none that is free', remedy),
      { cause: error },
    );
  }
}

/** What `work` answers; undefined where the device had no room for it. */
export function ifDeviceHasRoom<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof DeviceMemoryError) return undefined;
    throw error;
  }
}
