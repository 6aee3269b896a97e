/**
 * Reads Python pickles of plain data and of what the caller knows how to make, and nothing else. No name in a pickle
 * is ever looked up or run: a global is a pair of words that the caller allows or not.
 * Opcodes: CPython's Lib/pickletools.py, protocols up to 2, in which torch writes.
 */

import { printable } from '../../system/printable.ts';

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleGlobal
  | readonly PickleValue[]
  | PickleDictionary
  | object;

export type PickleDictionary = Map<PickleValue, PickleValue>;

/** A class or function by its name, for instance collections.OrderedDict. */
export class PickleGlobal {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export interface PickleMeaning {
  /** Whether a pickle may name this class or function, written `module.name`. */
  allows(name: string): boolean;
  /** What calling it gives. */
  call(name: string, args: readonly PickleValue[]): PickleValue;
  /** What an object stored outside of the pickle is. */
  persistent(id: PickleValue): PickleValue;
}

/** The bytes are no pickle that can be read here; the message says why, without a full stop. */
export class PickleFault extends Error {}

/** A place in bytes that moves on as they are read; running over their end is a `PickleFault`. */
export class ByteReader {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  take(length: number): Buffer {
    if (length < 0 || this.at + length > this.bytes.length) throw new PickleFault('it is cut');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new PickleFault('it is cut');
    const text = this.bytes.toString('utf8', this.at, end);
    this.at = end + 1;
    return text;
  }
}

const MARK = Symbol('mark');
type Cell = PickleValue | typeof MARK;

/** Reads one pickle and leaves the reader after its end. @throws {PickleFault} */
export function unpickle(reader: ByteReader, meaning: PickleMeaning): PickleValue {
  const stack: Cell[] = [];
  const memo = new Map<number, PickleValue>();
  const pop = (): PickleValue => {
    const value = stack.pop();
    if (value === undefined || value === MARK) throw new PickleFault('it is no well-formed pickle');
    return value as PickleValue;
  };
  const popToMark = (): PickleValue[] => {
    const mark = stack.lastIndexOf(MARK);
    if (mark < 0) throw new PickleFault('it is no well-formed pickle');
    const values = stack.splice(mark) as PickleValue[];
    return values.slice(1);
  };
  const popMany = (count: number): PickleValue[] => Array.from({ length: count }, pop).reverse();
  const top = (): PickleValue => {
    const value = pop();
    stack.push(value);
    return value;
  };
  const recall = (key: number): PickleValue => {
    if (!memo.has(key)) throw new PickleFault('it is no well-formed pickle');
    return memo.get(key)!;
  };

  for (;;) {
    const code = String.fromCharCode(reader.take(1)[0]!);
    switch (code) {
      case '\x80': {
        const protocol = reader.take(1)[0]!;
        if (protocol > 2) throw new PickleFault(`it is pickled by protocol ${protocol}, not 2`);
        break;
      }
      case '.':
        return pop();
      case '(':
        stack.push(MARK);
        break;
      case 'N':
        stack.push(null);
        break;
      case '\x88':
      case '\x89':
        stack.push(code === '\x88');
        break;
      case 'K':
        stack.push(reader.take(1)[0]!);
        break;
      case 'M':
        stack.push(reader.take(2).readUInt16LE());
        break;
      case 'J':
        stack.push(reader.take(4).readInt32LE());
        break;
      case 'G':
        stack.push(reader.take(8).readDoubleBE());
        break;
      case '\x8a':
        stack.push(integer(reader.take(reader.take(1)[0]!)));
        break;
      case 'X':
        stack.push(reader.take(reader.take(4).readUInt32LE()).toString('utf8'));
        break;
      case 'U':
        stack.push(reader.take(reader.take(1)[0]!).toString('latin1'));
        break;
      case 'T':
        stack.push(reader.take(reader.take(4).readInt32LE()).toString('latin1'));
        break;
      case ')':
        stack.push([]);
        break;
      case ']':
        stack.push([]);
        break;
      case '}':
        stack.push(new Map());
        break;
      case 't':
        stack.push(popToMark());
        break;
      case '\x85':
      case '\x86':
      case '\x87':
        stack.push(popMany(code.charCodeAt(0) - 0x84));
        break;
      case 'a':
      case 'e': {
        const items = code === 'a' ? [pop()] : popToMark();
        const list = top();
        if (!Array.isArray(list)) throw new PickleFault('it is no well-formed pickle');
        for (const item of items) list.push(item);
        break;
      }
      case 's':
      case 'u': {
        const items = code === 's' ? popMany(2) : popToMark();
        const dictionary = top();
        if (!(dictionary instanceof Map) || items.length % 2 !== 0) {
          throw new PickleFault('it is no well-formed pickle');
        }
        for (let i = 0; i < items.length; i += 2) dictionary.set(items[i]!, items[i + 1]!);
        break;
      }
      case 'q':
        memo.set(reader.take(1)[0]!, top());
        break;
      case 'r':
        memo.set(reader.take(4).readUInt32LE(), top());
        break;
      case 'h':
        stack.push(recall(reader.take(1)[0]!));
        break;
      case 'j':
        stack.push(recall(reader.take(4).readUInt32LE()));
        break;
      case 'c': {
        const name = `${reader.line()}.${reader.line()}`;
        if (!meaning.allows(name))
          throw new PickleFault(`it wants to use ${printable(name)}, which weights have no need of`);
        stack.push(new PickleGlobal(name));
        break;
      }
      case 'R': {
        const args = pop();
        const callee = pop();
        if (!(callee instanceof PickleGlobal) || !Array.isArray(args)) {
          throw new PickleFault('it is no well-formed pickle');
        }
        stack.push(meaning.call(callee.name, args));
        break;
      }
      case 'b':
        // Attributes set on an object after it was made, such as a state dictionary's version: of no interest.
        pop();
        top();
        break;
      case 'Q':
        stack.push(meaning.persistent(pop()));
        break;
      default:
        throw new PickleFault(
          `it uses the pickle operation 0x${code.charCodeAt(0).toString(16)}, not known here`,
        );
    }
  }
}

/** Two's complement, little-endian; a number as long as it is exact as one. */
function integer(bytes: Buffer): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  value = BigInt.asIntN(Math.max(8, bytes.length * 8), value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
