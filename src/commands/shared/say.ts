/** Lines of commands: a terminal shows whatever is in them, such as a name or a text out of a file, and does not obey it. */
import { printableLine, printableLines } from '../../system/printable.ts';

/** A word on the way, to standard error. */
export function say(line: string): void {
  process.stderr.write(`${printableLine(line)}\n`);
}

/** A result, to standard output. Its line breaks are meant. */
export function tell(text: string): void {
  process.stdout.write(`${printableLines(text)}\n`);
}
