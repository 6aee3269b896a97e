import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { asFileError } from '../../atomic-file.ts';

/**
 * A temporary file that has no name: it is unlinked as soon as it is open, so the system frees it however the process ends.
 * (Windows cannot unlink an open file; there it goes when the process ends in an orderly way.)
 */
export class ScratchFile {
  readonly #folder: string;
  readonly #descriptor: number;
  readonly #place: string;
  #open = true;

  /**
   * @param folder to lie in, for instance `os.tmpdir()`.
   * @throws {FileError} it cannot be made there.
   */
  constructor(folder: string) {
    try {
      this.#place = mkdtempSync(join(folder, 'fast-style-'));
      this.#folder = folder;
      this.#descriptor = openSync(join(this.#place, 'rows'), 'wx+', 0o600);
      if (process.platform !== 'win32') rmSync(this.#place, { recursive: true });
    } catch (error) {
      throw asFileError(error, `make a temporary file in ${folder}`);
    }
  }

  get descriptor(): number {
    return this.#descriptor;
  }

  /** @throws {FileError} no room is left. */
  write(bytes: Uint8Array, position: number): void {
    this.#whole(bytes, position, writeSync, 'write to');
  }

  /** Fills `bytes`. @throws {FileError} the disk fails. */
  read(bytes: Uint8Array, position: number): void {
    this.#whole(bytes, position, readSync, 'read');
  }

  /** Idempotent. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#descriptor);
    rmSync(this.#place, { recursive: true, force: true });
  }

  #whole(bytes: Uint8Array, position: number, move: typeof writeSync | typeof readSync, verb: string): void {
    const step = move as (
      fd: number,
      bytes: Uint8Array,
      at: number,
      length: number,
      position: number,
    ) => number;
    try {
      for (let done = 0; done < bytes.length; ) {
        // The system moves at most 2 GiB at a time.
        const length = Math.min(bytes.length - done, 2 ** 30);
        const moved = step(this.#descriptor, bytes, done, length, position + done);
        if (moved === 0) throw new Error(`A temporary file ended at ${position + done} bytes.`);
        done += moved;
      }
    } catch (error) {
      throw asFileError(error, `${verb} a temporary file in ${this.#folder}`);
    }
  }
}
