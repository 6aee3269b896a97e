import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { asFileError } from './atomic-file.ts';
import { expected, FileError } from './errors.ts';

/** Magic number of a file system that lies in memory. */
const TMPFS = 0x01021994;

/**
 * Where temporary files go: TMPDIR where it is set; else the system's folder for them, unless that lies in memory, which
 * is what a temporary file is to save.
 */
export function scratchFolder(): string {
  if (process.env.TMPDIR === undefined && process.platform === 'linux') {
    const [inMemory, onDisk] = [tmpdir(), '/var/tmp'].map(fileSystemOf);
    if (inMemory === TMPFS && onDisk !== undefined && onDisk !== TMPFS) return '/var/tmp';
  }
  return tmpdir();
}

/** Does work with a temporary folder, which is removed afterwards. */
export async function withScratchFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(scratchFolder(), 'fast-style-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function fileSystemOf(folder: string): number | undefined {
  try {
    return statfsSync(folder).type;
  } catch {
    return undefined;
  }
}

/** @throws {FileError} the disk of `folder` has not as much room: said before hours of work, not after. */
export function requireRoom(folder: string, bytes: number): void {
  let free: number;
  try {
    const { bavail, bsize } = statfsSync(folder);
    free = bavail * bsize;
  } catch (error) {
    throw asFileError(error, `look at the temporary folder ${folder}`);
  }
  if (free < bytes) {
    throw new FileError(
      expected(
        `${Math.ceil(bytes / 1e6)} MB free for temporary files in ${folder}`,
        `${Math.floor(free / 1e6)} MB`,
        'free some, set TMPDIR to a larger disk, or allow more --memory',
      ),
    );
  }
}

/**
 * A temporary file. On Linux it has no name: it is unlinked as soon as it is open, so the system frees it however the
 * process ends; elsewhere it goes when it is closed.
 */
export class ScratchFile {
  /** For programs that want a path; good while the file is open. */
  readonly path: string;
  readonly #folder: string;
  readonly #place: string;
  readonly #descriptor: number;
  #open = true;

  /** @throws {FileError} it cannot be made in that folder. */
  constructor(folder = scratchFolder()) {
    this.#folder = folder;
    try {
      this.#place = mkdtempSync(join(folder, 'fast-style-'));
      const named = join(this.#place, 'rows');
      this.#descriptor = openSync(named, 'wx+', 0o600);
      const isLinux = process.platform === 'linux';
      if (isLinux) rmSync(this.#place, { recursive: true });
      this.path = isLinux ? `/proc/self/fd/${this.#descriptor}` : named;
    } catch (error) {
      throw asFileError(error, `make a temporary file in ${folder}`);
    }
  }

  /** @throws {FileError} no room is left. */
  write(bytes: Uint8Array, position: number): void {
    this.#whole(bytes, position, writeSync as Move, 'write to');
  }

  /** Fills `bytes`. @throws {FileError} the disk fails. @throws {Error} the file is shorter. */
  read(bytes: Uint8Array, position: number): void {
    this.#whole(bytes, position, readSync as Move, 'read');
  }

  /** Idempotent. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#descriptor);
    rmSync(this.#place, { recursive: true, force: true });
  }

  #whole(bytes: Uint8Array, position: number, move: Move, verb: string): void {
    try {
      for (let done = 0; done < bytes.length; ) {
        // The system moves less than 2 GiB at a time.
        const length = Math.min(bytes.length - done, 2 ** 30);
        const moved = move(this.#descriptor, bytes, done, length, position + done);
        if (moved === 0) throw new Error(`A temporary file ends at ${position + done} bytes.`);
        done += moved;
      }
    } catch (error) {
      throw asFileError(error, `${verb} a temporary file in ${this.#folder}`);
    }
  }
}

type Move = (descriptor: number, bytes: Uint8Array, at: number, length: number, position: number) => number;

/** Bytes free where a folder lies, or will lie once it has been made. */
export function freeDisk(folder: string): number {
  let there = resolve(folder);
  while (!existsSync(there)) there = dirname(there);
  const { bavail, bsize } = statfsSync(there);
  return bavail * bsize;
}
