/**
 * The lone dash that stands for standard input and output. yargs takes it for an option without a name and drops it, so it
 * passes through the parser as a word that no command line can hold.
 */

const WORD = '\0-';

/** @param args of the command line, before they are parsed. */
export function withoutDashes(args: readonly string[]): string[] {
  return args.map((arg) => (arg === '-' ? WORD : arg));
}

/** Puts the dashes back into parsed arguments, in place. */
export function restoreDashes(values: Record<string, unknown>): void {
  const restored = (value: unknown) => (value === WORD ? '-' : value);
  for (const [name, value] of Object.entries(values)) {
    values[name] = Array.isArray(value) ? value.map(restored) : restored(value);
  }
}
