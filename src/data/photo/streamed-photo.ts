/** Photos larger than memory: decoded and encoded in bands, through temporary files. */
import type { Samples } from '../../picture.ts';
import { asFileError } from '../../system/atomic-file.ts';
import { ScratchFile, scratchFolder } from '../../system/scratch-file.ts';
import { asUnreadable, refusedBySystem } from '../picture-errors.ts';
import { isPlainTiff, PIXELS_AT, type PlainTiff, plainTiff, rowLength } from '../plain-tiff.ts';
import type { FailOn } from './examine.ts';
import { decodeDamaged, type Photo, samplesOf, uprightSamples } from './read-photo.ts';
import { encodePhoto, type PhotoOutput, tiffNotes } from './write-photo.ts';

/** A decoded photo in a temporary file. */
export interface StreamedPhoto extends Required<PlainTiff> {
  /** Rows from `from` to before `to`, [to − from, width, channels], in memory that the next call uses again. */
  read(from: number, to: number): Samples;
  close(): void;
}

/**
 * Decodes a photo as `decodePhoto` does, a band at a time, into a temporary file.
 *
 * @throws {ImageError} it is damaged or cut short. {FileError} no room for the temporary file.
 */
export function streamPhoto(photo: Photo, folder = scratchFolder()): Promise<StreamedPhoto> {
  return decodeDamaged(photo, (failOn) => streamNow(photo, failOn, folder));
}

async function streamNow(photo: Photo, failOn: FailOn, folder: string): Promise<StreamedPhoto> {
  const file = new ScratchFile(folder);
  try {
    const { decoder, convert } = await uprightSamples(photo, { failOn, sequentialRead: true });
    const { width, height, channels } = await decoder
      .tiff({ compression: 'none', bigtiff: true })
      .toFile(file.path)
      .catch((error: unknown) => {
        const refused = refusedBySystem(file.path);
        if (refused === undefined) throw asUnreadable(error, photo.source.name);
        throw asFileError(refused, `write a temporary file in ${folder}`);
      });
    const bits = photo.head.depth;
    if (channels !== 3 && channels !== 4) throw new Error(`libvips has given ${channels} channels.`);
    const tiff = { width, height, channels, bits } as const;
    const header = new Uint8Array(PIXELS_AT);
    file.read(header, 0);
    if (!isPlainTiff(header, tiff)) throw new Error('libvips has written a TIFF of another form.');
    let buffer = new Uint8Array(0);
    const rowBytes = rowLength(tiff);
    return {
      ...tiff,
      read(from, to) {
        const length = (to - from) * rowBytes;
        if (buffer.length < length) buffer = new Uint8Array(length);
        const rows = buffer.subarray(0, length);
        file.read(rows, PIXELS_AT + from * rowBytes);
        const samples = samplesOf(rows, bits);
        convert?.(samples, channels);
        return samples;
      },
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** A picture that is written from the top and encoded when it is whole. */
export class StreamedWriter {
  readonly #tiff: PlainTiff;
  readonly #file: ScratchFile;
  #filled = 0;

  /** @throws {FileError} no temporary file can be made. */
  constructor(tiff: PlainTiff, folder = scratchFolder()) {
    this.#tiff = tiff;
    this.#file = new ScratchFile(folder);
  }

  /** The next rows, [rows, width, channels], in as many bits as the picture. @throws {FileError} no room is left. */
  write(rows: Samples): void {
    this.#file.write(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength), PIXELS_AT + this.#filled);
    this.#filled += rows.byteLength;
  }

  /**
   * Encodes into a file as `encodePhoto`. JPEG, PNG and TIFF are written as they are read; the others need the whole picture
   * in memory.
   */
  async encode(path: string, output: PhotoOutput): Promise<void> {
    const { height } = this.#tiff;
    if (this.#filled !== height * rowLength(this.#tiff)) throw new Error('The picture is not whole.');
    const { header, directory, directoryAt } = plainTiff(this.#tiff, await tiffNotes(output));
    this.#file.write(header, 0);
    this.#file.write(directory, directoryAt);
    await encodePhoto(this.#file.path, this.#tiff, output, path);
  }

  close(): void {
    this.#file.close();
  }
}
