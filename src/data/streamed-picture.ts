/** Picture files larger than memory: decoded and encoded in bands, through temporary files. */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFileAtomically } from '../atomic-file.ts';
import { FileError } from '../errors.ts';
import { ScratchFile, scratchFolder } from '../scratch-file.ts';
import { encoder, pictureFormat, uprightSrgb, type WriteOptions } from './image-file.ts';
import { asUnreadable, asUnwritable } from './picture-errors.ts';
import { isPlain, PIXELS_AT, type PlainTiff, plainTiff } from './plain-tiff.ts';
import { sharp } from './sharp.ts';

/** A decoded picture in a temporary file. */
export interface StreamedPicture extends PlainTiff {
  /** Rows from `from` to before `to`, [to − from, width, 3], in memory that the next call uses again. */
  read(from: number, to: number): Uint8Array;
  close(): void;
}

/**
 * Decodes a picture as `readPicture` does, a band at a time, into a temporary file.
 *
 * @throws {ImageError} as `readPicture`, but for large ones. @throws {FileError} no room for the temporary file.
 */
export async function streamPicture(path: string, folder = scratchFolder()): Promise<StreamedPicture> {
  const file = new ScratchFile(folder);
  try {
    const { width, height } = await uprightSrgb(path, { sequentialRead: true, limitInputPixels: false })
      .tiff({ compression: 'none', bigtiff: true })
      .toFile(file.path)
      .catch((error: unknown) => {
        if (isFull(folder)) throw noRoom(`write a temporary file in ${folder}`, error);
        throw asUnreadable(error, path);
      });
    const header = new Uint8Array(PIXELS_AT);
    file.read(header, 0);
    if (!isPlain(header, { width, height })) throw new Error('libvips has written a TIFF of another form.');
    let buffer = new Uint8Array(0);
    const rowBytes = width * 3;
    return {
      width,
      height,
      read(from, to) {
        const length = (to - from) * rowBytes;
        if (buffer.length < length) buffer = new Uint8Array(length);
        const rows = buffer.subarray(0, length);
        file.read(rows, PIXELS_AT + from * rowBytes);
        return rows;
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
  readonly #size: PlainTiff;
  readonly #file: ScratchFile;
  #filled = 0;

  /** @throws {FileError} no temporary file can be made. */
  constructor(size: PlainTiff, folder = scratchFolder()) {
    this.#size = size;
    this.#file = new ScratchFile(folder);
  }

  /** The next rows, [rows, width, 3], 8 bit. @throws {FileError} no room is left. */
  write(rows: Uint8Array): void {
    this.#file.write(rows, PIXELS_AT + this.#filled);
    this.#filled += rows.length;
  }

  /**
   * Encodes in the format of the path's extension, atomically. JPEG, PNG and TIFF are written as they are read; WebP and
   * AVIF need the whole picture in memory.
   *
   * @throws {ConfigError} {FileError} {ImageError} as `writePicture`.
   */
  async encode(path: string, { overwrite = false, quality }: WriteOptions = {}): Promise<void> {
    const { width, height } = this.#size;
    if (this.#filled !== width * height * 3) throw new Error('The picture is not whole.');
    const format = pictureFormat(path);
    const { header, directory, directoryAt } = plainTiff(this.#size);
    this.#file.write(header, 0);
    this.#file.write(directory, directoryAt);
    await replaceFileAtomically(
      path,
      async (temporary) => {
        await encoder(
          sharp(this.#file.path, { sequentialRead: true, limitInputPixels: false }),
          format,
          quality,
          true,
        )
          .toFile(temporary)
          .catch((error: unknown) => {
            if (isFull(dirname(path))) throw noRoom(`write ${path}`, error);
            throw asUnwritable(error, this.#size, format);
          });
      },
      { overwrite },
    );
  }

  close(): void {
    this.#file.close();
  }
}

/** libvips does not say why it could not write. */
function isFull(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < 2 ** 20;
}

function noRoom(action: string, cause: unknown): FileError {
  return new FileError(`Cannot ${action}: no room is left on the disk; free some and try again.`, { cause });
}
