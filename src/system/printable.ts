/** Text of files, names and other programs as it may appear in a message: it moves no cursor, forges no line, floods no terminal. */

/** Characters that a message shows at most of a name. */
const MOST_OF_NAME = 100;
/** Of a whole line. Its end says what to do, so it is cut in the middle. */
const MOST_OF_LINE = 2000;
const KEPT_END = 500;

/** A name out of a file as it may appear in a one-line message: control characters escaped, cut at 100 characters. */
export function printable(name: unknown): string {
  const text = withoutControls(JSON.stringify(String(name)).slice(1, -1));
  return text.length > MOST_OF_NAME ? `${text.slice(0, MOST_OF_NAME - 1)}…` : text;
}

/** A line of a message: whatever controls a terminal is escaped, line breaks included; what is too long is cut in its middle. */
export function printableLine(line: string): string {
  // A long text is cut before it is escaped, too: megabytes need not be gone through.
  const text = withoutControls(cut(line, 4 * MOST_OF_LINE));
  return cut(text, MOST_OF_LINE);
}

/** Lines of a message that are meant to be lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printableLine).join('\n');
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const left = text.length - most;
  return `${text.slice(0, most - KEPT_END)}… (${left} characters) …${text.slice(-KEPT_END)}`;
}

/**
 * C0 with the escape character and line breaks, DEL, C1, Unicode's own line breaks and what turns the direction of writing;
 * halves of surrogate pairs, which no terminal shows alike.
 */
const CONTROLS = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function withoutControls(text: string): string {
  return text.replace(CONTROLS, (found) => {
    const code = found.charCodeAt(0);
    return SHORT[found] ?? (code < 256 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
  });
}

const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0');

/** Text for an SVG file: what XML reserves is written as entities, what it forbids is left out. */
export function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: just these are not allowed in XML.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
      .replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
  );
}
