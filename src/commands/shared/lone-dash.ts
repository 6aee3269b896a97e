/**
 * What the parser of the command line does not see as it is meant: the lone dash that stands for standard input and output, which
 * yargs takes for an option without a name and drops, and what follows `--`, which yargs hands to no command. Both pass
 * through it as words that no command line can hold.
 */

/** No argument of a process can hold it. */
const MARK = '\0';
/** An option, so that a list of values before `--` ends there. */
const SEPARATOR = `${MARK}operands`;

/** Tells the parser of the word that `--` becomes. */
export const SEPARATOR_OPTION = { [SEPARATOR]: { type: 'boolean', hidden: true } } as const;

/** @param args of the command line, before they are parsed. Behind `--` everything is an operand, whatever it begins with. */
export function withoutDashes(args: readonly string[]): string[] {
  const at = args.indexOf('--');
  const options = at === -1 ? args : args.slice(0, at);
  const operands = at === -1 ? [] : args.slice(at + 1);
  return [
    ...options.map((arg) => (arg === '-' ? `${MARK}-` : arg)),
    ...(at === -1 ? [] : [`--${SEPARATOR}=true`]),
    ...operands.map((arg) => (arg.startsWith('-') ? `${MARK}${arg}` : arg)),
  ];
}

/** Puts words back as they were typed. */
export function asTyped(text: string): string {
  return text.replaceAll(MARK, '');
}

/** The same in parsed arguments, in place. */
export function restoreDashes(values: Record<string, unknown>): void {
  delete values[SEPARATOR];
  const restored = (value: unknown) => (typeof value === 'string' ? asTyped(value) : value);
  for (const [name, value] of Object.entries(values)) {
    values[name] = Array.isArray(value) ? value.map(restored) : restored(value);
  }
}
