import { decodeHeif } from '../heif/decode-heif.ts';
import type { PhotoSource } from './examine.ts';

/** What sharp is given of a source: its content; of HEIC a plain TIFF of its pixels. @throws {ImageError} that does not decode. */
export async function readable({ content, heif, name }: PhotoSource): Promise<string | Uint8Array> {
  return heif === undefined ? content : decodeHeif(content, heif, name);
}
