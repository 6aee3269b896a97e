/** JSON out of files, whoever wrote them: what comes of it may be walked by functions that call themselves. */

/** The text cannot be used as JSON; the message says why, without a full stop. */
export class JsonFault extends Error {}

/** Lists and objects within each other. A style's history through a hundred others has some 300; the stack ends at thousands. */
const DEEPEST = 500;

/**
 * Reads JSON; a byte order mark before it is no fault.
 *
 * @throws {JsonFault} it is none, or nested deeper than 500 levels.
 */
export function parseJson(text: string): unknown {
  if (isDeep(text)) throw new JsonFault(`lists within lists, more than ${DEEPEST} levels of them`);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new JsonFault((error as Error).message, { cause: error });
  }
}

/** As `parseJson`, where whatever is wrong has one remedy: undefined for what cannot be used. */
export function jsonOrNothing(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Whether a value is an object of JSON, neither null nor a list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether it is one in which every value is text. */
export function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((each) => typeof each === 'string');
}

/** Whether it is a whole number from 0 on. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A finite number as it is, 0 for whatever else: an object of JSON may be such that no function of the language makes a number of it. */
export function numberOrZero(value: unknown): number {
  return Number.isFinite(value) ? (value as number) : 0;
}

const [QUOTE, BACKSLASH, LIST, LIST_END, OBJECT, OBJECT_END] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

function isDeep(text: string): boolean {
  let depth = 0;
  let isText = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isText) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) isText = false;
    } else if (code === QUOTE) isText = true;
    else if (code === LIST || code === OBJECT) {
      if (++depth > DEEPEST) return true;
    } else if (code === LIST_END || code === OBJECT_END) depth--;
  }
  return false;
}
