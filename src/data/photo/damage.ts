import { DamagedImageError, ImageError } from '../../system/errors.ts';
import type { Photo } from './decode.ts';
import type { FailOn } from './examine.ts';

/**
 * Decodes a photo; one that is damaged, too, where its caller takes such photos (`Photo.onDamage`).
 *
 * @throws {DamagedImageError} it is damaged, and not to be taken so. {ImageError} nothing of it can be decoded.
 */
export async function decodeDamaged<T>(
  { source, onDamage }: Photo,
  decode: (failOn: FailOn) => Promise<T>,
): Promise<T> {
  try {
    return await decode(source.failOn);
  } catch (error) {
    if (onDamage === undefined || !(error instanceof DamagedImageError)) throw error;
    const rest = await decode('none').catch(() => {
      throw new ImageError(error.message, { cause: error });
    });
    onDamage(damageLine(error.message.replace(/\.$/, '')));
    return rest;
  }
}

/** A line for `Photo.onDamage`. @param fault without a full stop. */
export function damageLine(fault: string): string {
  return `${fault}; what can be read of it is taken.`;
}
