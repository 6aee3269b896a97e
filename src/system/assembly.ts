/** Programs of assembly/ in memories of their own. */
import { expected, FastStyleError } from './errors.ts';

/** Bytes between areas: what goes in vectors may be written past an area's end. */
const SLACK = 64;
const PAGE = 65536;
/** Addresses are of 32 bits. */
const MOST_PAGES = 65536;

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): void;
}

/** What is used of it: its types are the browser's. */
const { Module, Instance } = (
  globalThis as unknown as {
    WebAssembly: {
      Module: new (code: Uint8Array) => object;
      Instance: new (module: object) => { readonly exports: unknown };
    };
  }
).WebAssembly;

/** Each is compiled once. */
const modules = new Map<string, object>();

/**
 * A program with its memory, which is freed with it. Areas are laid out once, for one size of pictures, so views of them stay valid
 * and the memory never grows.
 */
export class Assembly<Functions> {
  readonly run: Functions;
  readonly #memory: Memory;
  /** The first page is for what the program itself keeps. */
  #end = PAGE;

  /** @param program in base64 (tools/assembly.ts). */
  constructor(program: string) {
    let module = modules.get(program);
    if (module === undefined) {
      module = new Module(Buffer.from(program, 'base64'));
      modules.set(program, module);
    }
    const { exports } = new Instance(module);
    this.run = exports as Functions;
    this.#memory = (exports as { memory: Memory }).memory;
  }

  /** Lays areas of so many bytes out, of zeros, each under its name. To be called once. @returns their addresses. @throws {FastStyleError} they need more than 4 GB. */
  lay<Name extends string>(bytes: Readonly<Record<Name, number>>): Readonly<Record<Name, number>> {
    const addresses = Object.entries<number>(bytes).map(([name, size]) => {
      const address = this.#end;
      this.#end += Math.ceil((size + SLACK) / 16) * 16;
      return [name, address];
    });
    const pages = Math.ceil(this.#end / PAGE);
    if (pages > MOST_PAGES) {
      const needed = `${(this.#end / 2 ** 30).toFixed(1)} GiB`;
      throw new FastStyleError(
        expected('frames that motion is found in within 4 GiB', needed, 'make them smaller'),
      );
    }
    this.#memory.grow(pages - this.size / PAGE);
    return Object.fromEntries(addresses);
  }

  /** Bytes of memory. */
  get size(): number {
    return this.#memory.buffer.byteLength;
  }

  bytes(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory.buffer, address, length);
  }

  shorts(address: number, length: number): Uint16Array<ArrayBuffer> {
    return new Uint16Array(this.#memory.buffer, address, length);
  }

  floats(address: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#memory.buffer, address, length);
  }
}
