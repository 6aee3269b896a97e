/**
 * Symbols of a shared library that it defines itself are looked up by name whenever it is loaded: 400,000 names in TensorFlow's, most of
 * the time that loading it takes. What each name will be found to be is known beforehand, and is written into the file once.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** Of the ELF format and its supplement for x86-64 (System V ABI): the numbers that are met here. */
const ELF64_LITTLE_ENDIAN = [0x7f, 0x45, 0x4c, 0x46, 2, 1];
const X86_64 = 62;
const SEGMENT = { load: 1, dynamic: 2 };
const SYMBOL_SECTION = 11;
const DYNAMIC = { relocations: 7, relocationBytes: 8, relativeCount: 0x6ffffff9 };
/** `absolute`: symbol + addend; `slot`: symbol; `relative`: where the library lies + addend, without a name. */
const RELOCATION = { absolute: 1, slot: 6, relative: 8 };
const ENTRY = { relocation: 24, symbol: 24, dynamic: 16, segment: 56, section: 64 };
/** Global and weak; nothing, data and functions. One of a whole process, or chosen when it is loaded, has other numbers. */
const BINDINGS = [1, 2];
const TYPES = [0, 1, 2];
const UNDEFINED = 0;
const FIRST_RESERVED = 0xff00;

/**
 * Names of C++ outside the standard library. C's may be replaced by another library's on purpose, as malloc is; those of the standard
 * library are the process's own, and operators new and delete, too.
 */
const BOUND = /^_Z(?!n[wa]|d[la])(?!(?:GV|T[VIST])?Z?N?[rVK]*S[tabsiod])/;

/**
 * Binds a library's references to what it defines itself, as a linker does with -Bsymbolic, for libraries that are loaded together: a
 * relocation by name becomes one by place. A name means what it meant, as of several libraries that define it the first is found:
 * the others' references to it stay as they are. Files are changed in place and keep their sizes; one that is not for Linux on x86-64
 * stays as it is.
 *
 * @param paths in the order in which the loader looks through the libraries.
 * @returns how many references were bound; 0 where it is done already.
 */
export function bindOwnSymbols(paths: readonly string[]): number {
  const earlier = new Set<string>();
  let bound = 0;
  for (const [i, path] of paths.entries()) {
    const file = openSync(path, 'r+');
    try {
      const library = readLibrary(file);
      if (library === undefined) continue;
      bound += bindWithin(file, library, earlier);
      if (i < paths.length - 1) addDefined(library, earlier);
    } finally {
      closeSync(file);
    }
  }
  return bound;
}

interface Library {
  readonly symbols: Buffer;
  readonly strings: Buffer;
  readonly relocations: Buffer;
  /** Where the relocations, and the number of relative ones before all others, lie in the file. */
  readonly relocationsAt: number;
  readonly relativeCountAt: number;
}

/** What is needed of a library, or undefined of anything else. */
function readLibrary(file: number): Library | undefined {
  const header = read(file, 0, 64);
  const isKnown =
    header.length === 64 &&
    ELF64_LITTLE_ENDIAN.every((byte, i) => header[i] === byte) &&
    header.readUInt16LE(18) === X86_64;
  if (!isKnown) return undefined;
  const table = (at: number, sizes: number, entry: number) => {
    const bytes = header.readUInt16LE(sizes) * header.readUInt16LE(sizes + 2);
    return header.readUInt16LE(sizes) === entry ? entries(read(file, number(header, at), bytes), entry) : [];
  };
  const segments = table(32, 54, ENTRY.segment);
  const sections = table(40, 58, ENTRY.section);
  const symbols = sections.find((section) => section.readUInt32LE(4) === SYMBOL_SECTION);
  const strings = symbols && sections[symbols.readUInt32LE(40)];
  const dynamic = segments.find((segment) => segment.readUInt32LE(0) === SEGMENT.dynamic);
  if (symbols === undefined || strings === undefined || dynamic === undefined) return undefined;

  const dynamicAt = number(dynamic, 8);
  const tags = entries(read(file, dynamicAt, number(dynamic, 32)), ENTRY.dynamic);
  const indexOf = (wanted: number) => tags.findIndex((tag) => number(tag, 0) === wanted);
  const [at, bytes, count] = [DYNAMIC.relocations, DYNAMIC.relocationBytes, DYNAMIC.relativeCount].map(
    indexOf,
  );
  if (at === -1 || bytes === -1 || count === -1) return undefined;
  const address = number(tags[at!]!, 8);
  const holder = segments.find((segment) => {
    const start = number(segment, 16);
    return (
      segment.readUInt32LE(0) === SEGMENT.load && address >= start && address < start + number(segment, 32)
    );
  });
  if (holder === undefined) return undefined;
  const relocationsAt = number(holder, 8) + address - number(holder, 16);
  return {
    symbols: read(file, number(symbols, 24), number(symbols, 32)),
    strings: read(file, number(strings, 24), number(strings, 32)),
    relocations: read(file, relocationsAt, number(tags[bytes!]!, 8)),
    relocationsAt,
    relativeCountAt: dynamicAt + count! * ENTRY.dynamic + 8,
  };
}

/** Binds what no earlier library defines, relative relocations first and in order, as the loader takes them fastest. */
function bindWithin(file: number, library: Library, earlier: ReadonlySet<string>): number {
  const { symbols, relocations } = library;
  const places = new Float64Array(relocations.length / ENTRY.relocation);
  const relative: number[] = [];
  const others: number[] = [];
  const isOwn = remembered(
    (symbol) => isDefined(symbols, symbol) && isBound(nameOf(library, symbol), earlier),
  );
  let bound = 0;
  for (let i = 0; i < places.length; i++) {
    const at = i * ENTRY.relocation;
    const kind = relocations.readUInt32LE(at + 8);
    const symbol = relocations.readUInt32LE(at + 12) * ENTRY.symbol;
    const isByName = kind === RELOCATION.absolute || kind === RELOCATION.slot;
    const isNew = isByName && isOwn(symbol);
    if (isNew) {
      const addend = kind === RELOCATION.absolute ? relocations.readBigInt64LE(at + 16) : 0n;
      relocations.writeBigUInt64LE(BigInt(RELOCATION.relative), at + 8);
      relocations.writeBigInt64LE(symbols.readBigInt64LE(symbol + 8) + addend, at + 16);
      bound++;
    }
    places[i] = number(relocations, at);
    (isNew || kind === RELOCATION.relative ? relative : others).push(i);
  }
  if (bound === 0) return 0;
  relative.sort((one, other) => places[one]! - places[other]!);
  const ordered = Buffer.alloc(relocations.length);
  [...relative, ...others].forEach((from, to) => {
    const at = from * ENTRY.relocation;
    relocations.copy(ordered, to * ENTRY.relocation, at, at + ENTRY.relocation);
  });
  write(file, ordered, library.relocationsAt);
  const first = Buffer.alloc(8);
  first.writeBigUInt64LE(BigInt(relative.length));
  write(file, first, library.relativeCountAt);
  return bound;
}

/** Asks of each symbol once: many relocations name the same. */
function remembered(ask: (symbol: number) => boolean): (symbol: number) => boolean {
  const answers = new Map<number, boolean>();
  return (symbol) => {
    const known = answers.get(symbol);
    if (known !== undefined) return known;
    const answer = ask(symbol);
    answers.set(symbol, answer);
    return answer;
  };
}

const isBound = (name: string, earlier: ReadonlySet<string>) => BOUND.test(name) && !earlier.has(name);

function addDefined(library: Library, to: Set<string>): void {
  const { symbols } = library;
  for (let at = 0; at < symbols.length; at += ENTRY.symbol)
    if (symbols.readUInt16LE(at + 6) !== UNDEFINED) to.add(nameOf(library, at));
}

/** Whether the symbol at a place of the table is defined in the library, where is known before that is loaded. */
function isDefined(symbols: Buffer, at: number): boolean {
  const [info, section] = [symbols.readUInt8(at + 4), symbols.readUInt16LE(at + 6)];
  return (
    section !== UNDEFINED &&
    section < FIRST_RESERVED &&
    BINDINGS.includes(info >> 4) &&
    TYPES.includes(info & 15)
  );
}

function nameOf({ symbols, strings }: Library, at: number): string {
  const start = symbols.readUInt32LE(at);
  return strings.toString('latin1', start, strings.indexOf(0, start));
}

const number = (from: Buffer, at: number) => Number(from.readBigUInt64LE(at));

const entries = (table: Buffer, size: number) =>
  Array.from({ length: Math.floor(table.length / size) }, (_, i) => table.subarray(i * size, (i + 1) * size));

function read(file: number, at: number, bytes: number): Buffer {
  const found = Buffer.alloc(bytes);
  return found.subarray(0, readSync(file, found, 0, bytes, at));
}

function write(file: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done, at + done);
}
